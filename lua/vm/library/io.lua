--- io: the files of /data for reading, and else what the library answers on an empty machine.

local vm = ...

local type, error, select, tonumber, setmetatable = type, error, select, tonumber, setmetatable
local sub, match, find, format = string.sub, string.match, string.find, string.format
local math_type, tointeger = math.type, math.tointeger
local pack, unpack = table.pack, table.unpack
local charge = vm.charge

local io = {}

--- Contents, positions and states of file objects; private, so that a process holds nothing but a name.
local files = setmetatable({}, { __mode = "k" })
local File = { __name = "FILE*" }
local methods = {}
File.__index = methods

local function new_file(content)
  local file = setmetatable({}, File)
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
  return unpack(values, 1, n)
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
  local formats = pack(...)
  return function()
    if not state.open then
      error("file is already closed", 0)
    end
    return read_all(state, unpack(formats, 1, formats.n))
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

vm.io, vm.File = io, File
vm.standard = { stdin, stdout, io.stderr }
--- File → {content, at, open, sink}.
vm.files = files
