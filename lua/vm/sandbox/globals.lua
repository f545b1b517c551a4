--- The process's globals: an allowlist as data, and what stands in for the parts of Lua that reach out of the VM.

local vm = ...

local ipairs, next, select = ipairs, next, select
local concat = table.concat
local tointeger = math.tointeger
local raw_string, raw_table, raw_math, raw_utf8 = string, table, math, utf8
local string_meta = debug.getmetatable("")

local globals = {}
vm.globals = globals

--- Lua's functions that a process gets as they are: they take bounded time, and nothing from outside the VM.
local KEPT = {
  string = { "byte", "len", "sub" },
  table = { "pack" },
  utf8 = { "charpattern", "codepoint" },
  math = {
    "abs",
    "acos",
    "asin",
    "atan",
    "ceil",
    "cos",
    "deg",
    "exp",
    "floor",
    "fmod",
    "huge",
    "log",
    "maxinteger",
    "mininteger",
    "modf",
    "pi",
    "rad",
    "sin",
    "sqrt",
    "tan",
    "type",
    "ult",
  },
}

local BASE = {
  "assert",
  "ipairs",
  "rawequal",
  "rawget",
  "rawlen",
  "rawset",
  "select",
  "type",
  "getmetatable",
}

--- Functions of ours, by library.
local MADE = {
  string = {
    char = vm.char,
    dump = vm.dump,
    find = vm.find_text,
    format = vm.format,
    gmatch = vm.gmatch,
    gsub = vm.gsub,
    lower = vm.lower,
    match = vm.match,
    pack = vm.pack,
    packsize = vm.packsize,
    rep = vm.rep,
    reverse = vm.reverse,
    unpack = vm.string_unpack,
    upper = vm.upper,
  },
  table = {
    concat = vm.concat,
    insert = vm.insert,
    move = vm.move,
    remove = vm.remove,
    sort = vm.sort,
    unpack = vm.unpack,
  },
  utf8 = { char = vm.utf8_char, codes = vm.codes, len = vm.utf8_len, offset = vm.utf8_offset },
  math = vm.mathcompat or {},
}

local RAW = { string = raw_string, table = raw_table, utf8 = raw_utf8, math = raw_math }

local function library(name)
  local t = {}
  for _, field in ipairs(KEPT[name]) do
    t[field] = RAW[name][field]
  end
  for field, value in next, MADE[name] do
    t[field] = value
  end
  return t
end

for _, name in ipairs(BASE) do
  globals[name] = _G[name]
end
for name in next, KEPT do
  globals[name] = library(name)
end

globals.math.max, globals.math.min = vm.max, vm.min
globals.math.tointeger = vm.tointeger

-- Until the process's own generator takes their place.
local draws = 0

function globals.math.random(low, high)
  draws = (draws * 1103515245 + 12345) % 2147483648
  local real = draws / 2147483648
  if low == nil then
    return real
  end
  if high == nil then
    low, high = 1, low
  end
  return raw_math.floor(real * (high - low + 1)) + low
end

function globals.math.randomseed(seed)
  draws = (tointeger(seed) or 0) % 2147483648
end

globals._G = globals
globals._VERSION = "Lua 5.3"
globals.collectgarbage = vm.collectgarbage
globals.dofile = vm.dofile
globals.error = vm.error
globals.load = vm.load
globals.loadfile = vm.loadfile
globals.next = vm.next
globals.pairs = vm.pairs
globals.pcall = vm.pcall
globals.require = vm.require
globals.setmetatable = vm.setmetatable
globals.tonumber = vm.tonumber
globals.tostring = vm.tostring
globals.xpcall = vm.xpcall
globals.bit32 = vm.bit32
globals.coroutine = vm.coroutine
globals.debug = vm.debug
globals.io = vm.io
globals.os = vm.os
globals.package = vm.package

--- Outside of any message; process.lua has its own.
function globals.print(...)
  local parts, n = {}, select("#", ...)
  for i = 1, n do
    parts[i] = vm.tostring((select(i, ...)))
  end
  if vm.write then
    vm.write(concat(parts, "\t"))
  end
end

for _, name in ipairs({ "_G", "bit32", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8" }) do
  vm.loaded[name] = globals[name]
end

-- s:upper() finds the process's string table, not Lua's.
string_meta.__index = globals.string

-- What debug.getinfo may show of ours, and by which name a saved state knows it: of several names the first.
local public = vm.public

local function show(functions, prefix)
  for name, value in next, functions do
    if type(value) == "function" then
      name = prefix .. name
      local known = public[value]
      if not known or name < known then
        public[value] = name
      end
    end
  end
end

show(globals, "")
for name, value in next, globals do
  if type(value) == "table" and value ~= globals then
    show(value, name .. ".")
  end
end
show(vm.package.searchers, "package.searchers.")
show(vm.File, "File.")
show(vm.File.__index, "file:")

--- What the first generator has drawn last; with a number, from now on.
function vm.drawn(number)
  draws = number or draws
  return draws
end
