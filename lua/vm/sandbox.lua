--- The process's globals: an allowlist as data, and what stands in for the parts of Lua that reach out of the VM.

local vm = ...

local type, error, select, rawget, rawset, next = type, error, select, rawget, rawset, next
local raw_setmetatable = setmetatable
local raw_load, raw_collectgarbage = load, collectgarbage
local ipairs, pcall, tonumber = ipairs, pcall, tonumber
local concat = table.concat
local sub, match, find, format = string.sub, string.match, string.find, string.format
local math_type, tointeger = math.type, math.tointeger
local raw_date, raw_difftime = os.date, os.difftime
local raw_string, raw_table, raw_math, raw_utf8 = string, table, math, utf8
local string_meta = debug.getmetatable("")
local charge, keep_frames = vm.charge, vm.keep_frames
local host = vm.host

local globals = {}
vm.globals = globals

-- Metatables ---------------------------------------------------------------------------------------------------------

-- __gc never runs: Lua looks for it when the metatable is set, and it is not there then. __mode is spelled so that Lua's
-- collector takes the table for a strong one: when entries vanish would be seen otherwise, and it is not the same in
-- every run. They vanish when the process calls collectgarbage.

--- Metatables with a __mode, as keys.
local weak = raw_setmetatable({}, { __mode = "k" })
local MASK = "\0"

--- Calls a setmetatable with __gc out of sight.
function vm.bestow(set, t, meta)
  if meta == nil then
    return set(t, meta)
  end
  local gc, mode = rawget(meta, "__gc"), rawget(meta, "__mode")
  if type(mode) == "string" and find(mode, "[kv]") and sub(mode, 1, 1) ~= MASK then
    rawset(meta, "__mode", MASK .. mode)
    weak[meta] = true
  end
  if gc == nil then
    return set(t, meta)
  end
  rawset(meta, "__gc", nil)
  local ok, result = pcall(set, t, meta)
  rawset(meta, "__gc", gc)
  if not ok then
    error(result, 0)
  end
  return result
end
local bestow = vm.bestow

local function sandbox_setmetatable(...)
  local t, meta = ...
  if type(meta) == "table" and (rawget(meta, "__gc") ~= nil or rawget(meta, "__mode") ~= nil) then
    return bestow(raw_setmetatable, t, meta)
  end
  return raw_setmetatable(...)
end

-- Memory -------------------------------------------------------------------------------------------------------------

local COUNT = 1024.0
local FULL_COST = 20000

--- Lets the entries of weak tables vanish whose keys or values nobody else holds.
local function sweep()
  if next(weak) == nil then
    return
  end
  charge(FULL_COST)
  vm.forget_walks()
  local masked = {}
  for meta in next, weak do
    local mode = rawget(meta, "__mode")
    if type(mode) == "string" and sub(mode, 1, 1) == MASK then
      masked[meta] = mode
      rawset(meta, "__mode", sub(mode, 2))
    end
  end
  raw_collectgarbage()
  for meta, mode in next, masked do
    rawset(meta, "__mode", mode)
  end
end
vm.sweep = sweep

local COLLECT = {
  collect = function()
    sweep()
    return 0
  end,
  count = function()
    return COUNT
  end,
  incremental = false,
  isrunning = function()
    return true
  end,
  restart = function()
    return 0
  end,
  setpause = function()
    return 200
  end,
  setstepmul = function()
    return 200
  end,
  step = function()
    return true
  end,
  stop = function()
    return 0
  end,
}

local function collectgarbage(option, argument)
  if option == nil then
    option = "collect"
  elseif type(option) ~= "string" then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(option) .. ")", 0)
  end
  local answer = COLLECT[option]
  if not answer then
    error("bad argument #1 to '?' (invalid option '" .. option .. "')", 0)
  end
  return answer(argument)
end

-- load ---------------------------------------------------------------------------------------------------------------

local PIECE = 16384
--- Bytes of source compiled in the time of one instruction.
local COMPILED = 4

--- Compiles text in pieces, so that limits are looked at on the way.
local function compile(source, chunk, env)
  if #source <= PIECE then
    charge(#source // COMPILED)
    local f, err = raw_load(source, chunk, "t", env)
    return keep_frames(f, source, err)
  end
  local at = 1
  local f, err = raw_load(function()
    local piece = sub(source, at, at + PIECE - 1)
    at = at + PIECE
    charge(#piece // COMPILED)
    return piece
  end, chunk, "t", env)
  if vm.hit then
    vm.strike(vm.hit)
  end
  return keep_frames(f, source, err)
end

local function sandbox_load(...)
  local source, chunk, mode, env = ...
  -- in the order in which Lua looks at them
  if mode ~= nil and type(mode) ~= "string" then
    if not math_type(mode) then
      error("bad argument #3 to '?' (string expected, got " .. vm.typename(mode) .. ")", 0)
    end
    mode = mode .. ""
  end
  if chunk ~= nil and type(chunk) ~= "string" then
    if not math_type(chunk) then
      error("bad argument #2 to '?' (string expected, got " .. vm.typename(chunk) .. ")", 0)
    end
    chunk = chunk .. ""
  end
  if type(source) == "number" then
    source = source .. ""
  end
  if type(source) == "string" then
    chunk = chunk or source
  elseif type(source) == "function" then
    chunk = chunk or "=(load)"
    local pieces, n = {}, 0
    while true do
      local ok, piece = vm.pcall(source)
      if not ok then
        return nil, piece
      end
      if piece == nil or piece == "" then
        break
      elseif type(piece) ~= "string" and not math_type(piece) then
        return nil, vm.where(2) .. "reader function must return a string"
      end
      n = n + 1
      pieces[n] = piece
    end
    source = concat(pieces)
  else
    local what = select("#", ...) == 0 and "no value" or vm.typename(source)
    error("bad argument #1 to '?' (function expected, got " .. what .. ")", 0)
  end
  if sub(chunk, 1, 2) == "=?" or sub(chunk, 1, 6) == "=ao.vm" then
    chunk = "= " .. sub(chunk, 2) -- not to be taken for one of ours
  end
  if sub(source, 1, 1) == "\27" then
    if mode and not find(mode, "b", 1, true) then
      return nil, "attempt to load a binary chunk (mode is '" .. mode .. "')"
    end
    return nil, "attempt to load a binary chunk (mode is 't')"
  elseif mode and not find(mode, "t", 1, true) then
    return nil, "attempt to load a text chunk (mode is '" .. mode .. "')"
  end
  if select("#", ...) < 4 then
    env = globals
  end
  return compile(source, chunk, env)
end
vm.load = sandbox_load

-- The process's own Data has a chunk name that reads the same as an Eval's, and is another one to us.
function host.load(source, chunk, boot)
  return sandbox_load(source, boot and '=[string "' .. chunk .. '"]' or chunk, "t")
end

function host.file(id)
  return vm.file(id)
end

--- What is said of a file that is to be loaded: there are none.
local function cannot_open(name)
  if name ~= nil and type(name) ~= "string" and not math_type(name) then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(name) .. ")", 0)
  end
  return "cannot open " .. (name == nil and "stdin" or vm.tostring(name)) .. ": Invalid argument"
end

local function loadfile(name)
  return nil, cannot_open(name)
end

local function dofile(name)
  error(cannot_open(name), 0)
end

-- os -----------------------------------------------------------------------------------------------------------------

local os = {}

function os.time()
  return host.time
end

local ticks = 0

--- The reference's clock, too, only counts its calls.
function os.clock()
  ticks = ticks + 1
  return (2 * ticks - 1) / 1000
end

local NOW = 10
local DAYS = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }
local MONTHS = {
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
}

local function two(n)
  return format("%02d", n)
end

--- ISO 8601: the year that the week belongs to, and the week.
local function iso_week(d)
  local monday = (d.wday + 5) % 7
  local week = (d.yday - 1 - monday + 10) // 7
  local function weeks(year)
    local function p(y)
      return (y + y // 4 - y // 100 + y // 400) % 7
    end
    return (p(year) == 4 or p(year - 1) == 3) and 53 or 52
  end
  if week < 1 then
    return d.year - 1, weeks(d.year - 1)
  elseif week > weeks(d.year) then
    return d.year + 1, 1
  end
  return d.year, week
end

local date_as

local SPECIFIERS = {
  a = function(d)
    return sub(DAYS[d.wday], 1, 3)
  end,
  A = function(d)
    return DAYS[d.wday]
  end,
  b = function(d)
    return sub(MONTHS[d.month], 1, 3)
  end,
  B = function(d)
    return MONTHS[d.month]
  end,
  c = "%a %b %d %H:%M:%S %Y",
  C = function(d)
    return two(d.year // 100)
  end,
  d = function(d)
    return two(d.day)
  end,
  D = "%m/%d/%y",
  e = function(d)
    return format("%2d", d.day)
  end,
  F = "%Y-%m-%d",
  g = function(d)
    return two(iso_week(d) % 100)
  end,
  G = function(d)
    return (iso_week(d)) .. ""
  end,
  h = "%b",
  H = function(d)
    return two(d.hour)
  end,
  I = function(d)
    return two((d.hour + 11) % 12 + 1)
  end,
  j = function(d)
    return format("%03d", d.yday)
  end,
  m = function(d)
    return two(d.month)
  end,
  M = function(d)
    return two(d.min)
  end,
  n = "\n",
  p = function(d)
    return d.hour < 12 and "AM" or "PM"
  end,
  r = "%I:%M:%S %p",
  R = "%H:%M",
  S = function(d)
    return two(d.sec)
  end,
  t = "\t",
  T = "%H:%M:%S",
  u = function(d)
    return (d.wday + 5) % 7 + 1 .. ""
  end,
  U = function(d)
    return two((d.yday + 6 - (d.wday - 1)) // 7)
  end,
  V = function(d)
    local _, week = iso_week(d)
    return two(week)
  end,
  w = function(d)
    return d.wday - 1 .. ""
  end,
  W = function(d)
    return two((d.yday + 6 - (d.wday + 5) % 7) // 7)
  end,
  x = "%m/%d/%y",
  X = "%H:%M:%S",
  y = function(d)
    return two(d.year % 100)
  end,
  Y = function(d)
    return d.year .. ""
  end,
  z = "+0000",
  Z = "GMT",
  ["%"] = "%",
}
--- What may follow the modifiers.
local ALTERNATIVE = { E = "[cCxXyY]", O = "[deHImMSuUVwWy]" }

function date_as(template, d)
  local parts, n, i = {}, 0, 1
  while true do
    local at = find(template, "%", i, true)
    n = n + 1
    parts[n] = sub(template, i, (at or 0) - 1)
    if not at then
      return concat(parts)
    end
    local letter = sub(template, at + 1, at + 1)
    i = at + 2
    local allowed = ALTERNATIVE[letter]
    if allowed then
      letter = sub(template, at + 2, at + 2)
      i = at + 3
    end
    local specifier = SPECIFIERS[letter]
    if not specifier or allowed and not find(letter, allowed) then
      -- to C the rest of the template is the specifier
      local rest = match(template, "^[^%z]*", at)
      error("bad argument #1 to '?' (invalid conversion specifier '" .. rest .. "')", 0)
    end
    n = n + 1
    if type(specifier) == "function" then
      parts[n] = specifier(d)
    elseif letter == "%" or not find(specifier, "%", 1, true) then
      parts[n] = specifier
    else
      parts[n] = date_as(specifier, d)
    end
  end
end

function os.date(template, time)
  if template == nil then
    template = "%c"
  elseif math_type(template) then
    template = template .. ""
  elseif type(template) ~= "string" then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(template) .. ")", 0)
  end
  if time == nil then
    time = NOW
  else
    local whole = tointeger(time) or type(time) == "string" and tointeger(tonumber(time))
    if not whole then
      if math_type(time) then
        error("bad argument #2 to '?' (number has no integer representation)", 0)
      end
      error("bad argument #2 to '?' (number expected, got " .. vm.typename(time) .. ")", 0)
    end
    time = whole
  end
  if sub(template, 1, 1) == "!" then
    template = sub(template, 2)
  end
  charge(#template)
  -- the reference has no years beyond an int's
  local ok, d = pcall(raw_date, "!*t", time)
  if not ok then
    error("time result cannot be represented in this installation", 0)
  end
  if template == "*t" then
    return d
  end
  return (date_as(template, d)) -- no tail call, by which its name would be lost
end

os.difftime = raw_difftime

function os.execute(command)
  if command == nil then
    return false
  end
  return nil
end

--- There is nothing to leave.
function os.exit() end

function os.getenv(name)
  if type(name) ~= "string" and not math_type(name) then
    error(
      "bad argument #1 to '?' (string expected, got " .. (name == nil and "no value" or vm.typename(name)) .. ")",
      0
    )
  end
  return nil
end

local function missing(name)
  return nil, vm.tostring(name) .. ": No such file or directory", 44
end

function os.remove(name)
  return missing(name)
end

function os.rename()
  return nil, "No such file or directory", 44
end

function os.setlocale(locale)
  if locale == nil or locale == "" then
    return "C"
  end
  return (locale == "C" or locale == "POSIX") and locale or nil
end

function os.tmpname()
  return "/tmp/tmpnam_eJCOGA"
end

-- io -----------------------------------------------------------------------------------------------------------------

local io = {}

--- Contents, positions and states of file objects; private, so that a process holds nothing but a name.
local files = raw_setmetatable({}, { __mode = "k" })
local File = { __name = "FILE*" }
local methods = {}
File.__index = methods

local function new_file(content)
  local file = raw_setmetatable({}, File)
  files[file] = { content = content, at = 1, open = true }
  return file
end

local function state_of(file)
  local state = files[file]
  if not state then
    error("bad argument #1 to '?' (FILE* expected, got " .. (file == nil and "no value" or vm.typename(file)) .. ")", 0)
  elseif not state.open then
    error("attempt to use a closed file", 0)
  end
  return state
end

function File.__tostring(file)
  local state = files[file]
  if state and not state.open then
    return "file (closed)"
  end
  return format("file (0x%08x)", vm.address(file))
end

local NUMBER = "^%s*([-+]?%w[%w%.]*[-+]?%w*)"

local function read_one(state, what)
  local content, at = state.content, state.at
  if math_type(what) then
    local count = tointeger(what)
    if not count then
      error("bad argument #1 to '?' (number has no integer representation)", 0)
    end
    if at > #content then
      return nil
    end
    state.at = at + count
    return sub(content, at, at + count - 1)
  elseif type(what) ~= "string" then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(what) .. ")", 0)
  end
  local option = match(what, "^%*?(.?)")
  if option == "a" then
    state.at = #content + 1
    return sub(content, at)
  elseif option == "l" or option == "L" then
    if at > #content then
      return nil
    end
    local stop = find(content, "\n", at, true) or #content + 1
    state.at = stop + 1
    return sub(content, at, option == "L" and stop or stop - 1)
  elseif option == "n" then
    local text = match(sub(content, at, at + 255), NUMBER)
    local number = text and tonumber(text)
    if number then
      local _, stop = find(content, text, at, true)
      state.at = stop + 1
    end
    return number
  end
  error("bad argument #1 to '?' (invalid format)", 0)
end

local function read_all(state, ...)
  local n = select("#", ...)
  if n == 0 then
    return read_one(state, "l")
  end
  local values = {}
  for i = 1, n do
    local value = read_one(state, (select(i, ...)))
    values[i] = value
    if type(value) == "string" and #value > 512 then
      charge(#value // 16)
    end
    if value == nil then
      n = i
      break
    end
  end
  return raw_table.unpack(values, 1, n)
end

--- Gives back what it is given: what is called for its arguments keeps its frame, and with it its name in errors.
local function give(...)
  return ...
end

function methods.read(file, ...)
  return give(read_all(state_of(file), ...))
end

function methods.lines(file, ...)
  local state = state_of(file)
  local formats = raw_table.pack(...)
  return function()
    if not state.open then
      error("file is already closed", 0)
    end
    return read_all(state, raw_table.unpack(formats, 1, formats.n))
  end
end

function methods.seek(file, whence, offset)
  local state = state_of(file)
  whence = whence == nil and "cur" or whence
  offset = offset == nil and 0 or tointeger(offset)
  if not offset then
    error("bad argument #2 to '?' (number has no integer representation)", 0)
  end
  local base = whence == "set" and 0 or whence == "cur" and state.at - 1 or whence == "end" and #state.content
  if not base then
    error("bad argument #1 to '?' (invalid option '" .. vm.tostring(whence) .. "')", 0)
  end
  local position = base + offset
  if position < 0 then
    return nil, "Invalid argument", 28
  end
  state.at = position + 1
  return position
end

function methods.close(file)
  state_of(file).open = false
  return true
end

--- Files are for reading.
function methods.write(file)
  local state = state_of(file)
  if state.sink then
    return file
  end
  return nil, "Bad file descriptor", 8
end

function methods.flush(file)
  state_of(file)
  return file
end

function methods.setvbuf(file)
  state_of(file)
  return true
end

io.stdin, io.stdout, io.stderr = new_file(""), new_file(""), new_file("")
files[io.stdout].sink, files[io.stderr].sink = true, true
local stdin, stdout = io.stdin, io.stdout

function io.open(name, mode)
  if type(name) ~= "string" and not math_type(name) then
    error(
      "bad argument #1 to '?' (string expected, got " .. (name == nil and "no value" or vm.typename(name)) .. ")",
      0
    )
  end
  if mode ~= nil and type(mode) ~= "string" then
    error("bad argument #2 to '?' (string expected, got " .. vm.typename(mode) .. ")", 0)
  end
  if mode ~= nil and not find(mode, "^[rwa]%+?b?$") then
    error("bad argument #2 to '?' (invalid mode)", 0)
  end
  name = name .. ""
  local id = match(name, "^/data/([%w_-]+)$")
  if id and (mode == nil or sub(mode, 1, 1) == "r") then
    local content = vm.file(id)
    if content then
      charge(#content // 16)
      return new_file(content)
    end
  end
  return nil, name .. ": Invalid argument", 28
end

function io.lines(name, ...)
  if name == nil then
    return (methods.lines(stdin, ...))
  end
  local file = io.open(name)
  if not file then
    error(vm.tostring(name) .. ": No such file or directory", 0)
  end
  return methods.lines(file, ...)
end

function io.type(value)
  local state = files[value]
  return state and (state.open and "file" or "closed file") or nil
end

local function standard(default)
  return function(file)
    if file == nil then
      return default
    elseif type(file) == "string" then
      error("cannot open file '" .. file .. "' (No such file or directory)", 0)
    end
    state_of(file)
    return default
  end
end

io.input, io.output = standard(stdin), standard(stdout)

function io.read(...)
  return give(read_all(files[stdin], ...))
end

function io.write()
  return stdout
end

function io.flush()
  return stdout
end

function io.close(file)
  if file == nil then
    return true
  end
  return (methods.close(file))
end

function io.popen()
  error("'popen' not supported", 0)
end

function io.tmpfile()
  return nil, "No such file or directory", 44
end

-- The allowlist ------------------------------------------------------------------------------------------------------

--- Lua's functions that a process gets as they are: they take bounded time, and nothing from outside the VM.
local KEPT = {
  string = { "byte", "char", "len", "packsize", "sub", "unpack" },
  table = { "pack" },
  utf8 = { "char", "charpattern", "codepoint", "codes" },
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
    "max",
    "maxinteger",
    "min",
    "mininteger",
    "modf",
    "pi",
    "rad",
    "sin",
    "sqrt",
    "tan",
    "tointeger",
    "type",
    "ult",
  },
}

local BASE = {
  "assert",
  "error",
  "ipairs",
  "rawequal",
  "rawget",
  "rawlen",
  "rawset",
  "select",
  "tonumber",
  "type",
  "getmetatable",
}

--- Functions of ours, by library.
local MADE = {
  string = {
    dump = vm.dump,
    find = vm.find_text,
    format = vm.format,
    gmatch = vm.gmatch,
    gsub = vm.gsub,
    lower = vm.lower,
    match = vm.match,
    pack = vm.pack,
    rep = vm.rep,
    reverse = vm.reverse,
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
  utf8 = { len = vm.utf8_len, offset = vm.utf8_offset },
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
globals.collectgarbage = collectgarbage
globals.dofile = dofile
globals.load = sandbox_load
globals.loadfile = loadfile
globals.next = vm.next
globals.pairs = vm.pairs
globals.pcall = vm.pcall
globals.require = vm.require
globals.setmetatable = sandbox_setmetatable
globals.tostring = vm.tostring
globals.xpcall = vm.xpcall
globals.bit32 = vm.bit32
globals.coroutine = vm.coroutine
globals.debug = vm.debug
globals.io = io
globals.os = os
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

-- What debug.getinfo may show of ours.
for _, value in next, globals do
  if type(value) == "function" then
    vm.public[value] = true
  elseif type(value) == "table" and value ~= globals then
    for _, field in next, value do
      if type(field) == "function" then
        vm.public[field] = true
      end
    end
  end
end
