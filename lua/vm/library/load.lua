--- load and its kin: text only, compiled in the process's globals.

local vm = ...

local type, error, select = type, error, select
local raw_load = load
local concat = table.concat
local sub, find, gsub, match, format, byte =
  string.sub, string.find, string.gsub, string.match, string.format, string.byte
local math_type = math.type
local charge, keep_frames = vm.charge, vm.keep_frames
local host = vm.host

local PIECE = 16384
--- Bytes of source compiled in the time of one instruction.
local COMPILED = 4

--- A chunk name up to this length is taken as it is.
local LONG, SHOWN = 1000, 100
--- No module of ours has a longer name.
local NAME = 64

--- Whether there is a module of ours, by its name without the dot.
local is_module = vm.memo(64, function(name)
  return vm.chunk(name) ~= nil
end)

--- The name that a chunk has for us. Every function carries its chunk's name wherever it goes: one as long as its text,
--- as a text without a name has, is cut, to what reads the same in an error. (With a digest: one chunk is not another.)
--- And what a process calls as we call a module of ours is not one.
local function own_name(chunk)
  if chunk == "json" or (#chunk <= NAME and match(chunk, "^%.[%w_%-%.]+$") and is_module[sub(chunk, 2)]) then
    return '=[string "' .. chunk .. '"]'
  elseif #chunk <= LONG then
    return chunk
  end
  local digest = gsub(vm.digest(chunk), ".", function(c)
    return format("%02x", byte(c))
  end)
  local first = sub(chunk, 1, 1)
  if first == "=" then
    return sub(chunk, 1, SHOWN) .. digest
  elseif first == "@" then
    return "@" .. digest .. sub(chunk, -SHOWN)
  end
  local line = match(sub(chunk, 1, SHOWN), "^[^\n]*")
  return line .. "\n" .. digest
end

vm.chunk_name = own_name

--- Compiles text in pieces, so that limits are looked at on the way.
local function compile(source, chunk, env)
  if #source <= PIECE then
    charge(#source // COMPILED)
    local f, err = raw_load(source, chunk, "t", env)
    return keep_frames(f, source, err, chunk)
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
  return keep_frames(f, source, err, chunk)
end

--- Compiles once more what has been compiled before. A function, or nil and what is wrong.
function vm.recompile(source, chunk)
  local f, err = raw_load(source, chunk, "t", vm.globals)
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
    env = vm.globals
  end
  return compile(source, own_name(chunk), env)
end
vm.load = sandbox_load

-- The process's own Data has a chunk name that reads the same as an Eval's, and is another one to us.
function host.load(source, chunk, boot)
  return sandbox_load(source, boot and '=[string "' .. chunk .. '"]' or chunk, "t")
end

function host.file(id)
  return type(id) == "string" and vm.file(id) or nil
end

-- Kernels of `.bint` -------------------------------------------------------------------------------------------------

local KERNEL, MOST_WORDS = ".bint", 16

--- Source of a kernel → its number of words.
vm.kernels = {}

--- The text of the kernel of `.bint` for so many words, by our own module in Lua's own globals.
function vm.kernel_source(words)
  if math_type(words) ~= "integer" or words < 1 or words > MOST_WORDS then
    error("does not make sense", 0)
  end
  local source
  local apart = {
    raw = host.raw,
    take_source = function(f)
      source = f(words)
    end,
  }
  raw_load(vm.chunk("bint"), KERNEL, "b")(KERNEL, apart)
  return source
end

local kernel_source = vm.aside(vm.kernel_source)

--- The functions of a kernel. They get Lua's own functions from here: `.bint` itself may have been loaded where a
--- process had put its own functions in the place of others.
function host.kernel(words, bint, slow, getmetatable, setmetatable, substring)
  local ok, source = kernel_source(words)
  if not ok then
    error(source, 0)
  end
  vm.kernels[source] = words
  local kernel = compile(source, KERNEL, vm.globals)
  local raw = host.raw
  return (kernel(bint, slow, getmetatable, setmetatable, substring, raw.rawget, raw.setmetatable, raw.format))
end

--- What is said of a file that is to be loaded: there are none.
local function cannot_open(name)
  if name ~= nil and type(name) ~= "string" and not math_type(name) then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(name) .. ")", 0)
  end
  return "cannot open " .. (name == nil and "stdin" or vm.tostring(name)) .. ": Invalid argument"
end

function vm.loadfile(name)
  return nil, cannot_open(name)
end

function vm.dofile(name)
  error(cannot_open(name), 0)
end
