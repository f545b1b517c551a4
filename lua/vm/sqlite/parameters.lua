--- The parameters of statements, and the values bound to them.

local vm = ...

local type, error, select = type, error, select
local format, sub, byte, rep = string.format, string.sub, string.byte, string.rep
local charge = vm.charge
local sqlite = vm.sqlite_parts
local constants = sqlite.constants
local OK, MISUSE, RANGE = constants.OK, constants.MISUSE, constants.RANGE
local CALL, BYTES, py, after = sqlite.CALL, sqlite.BYTES, sqlite.python, sqlite.after
local databases, contexts = sqlite.databases, sqlite.contexts
local Statement, statements, statement = sqlite.Statement, sqlite.statements, sqlite.statement
local ended = sqlite.ended
local arguments = sqlite.arguments
local check_string, check_integer, check_type = arguments.string, arguments.integer, arguments.type
local int32 = arguments.int32

--- Stores the value of a parameter; the index is right.
local function store(s, index, value, blob)
  local d = s.database
  if not s.fresh then
    return ended(d, MISUSE)
  end
  local kind = type(value)
  local values, kinds = s.values, s.kinds
  local before = values[index]
  local size = s.size
  if type(before) == "string" then
    size = size - #before
  end
  if kind == "string" then
    size = size + #value
  elseif kind == "boolean" then
    value = value and 1 or 0
  end
  values[index], s.size = value, size
  if blob or kinds then
    kinds = kinds or rep("-", s.parameters + 1)
    s.kinds = sub(kinds, 1, index) .. (blob and "b" or "-") .. sub(kinds, index + 2)
  end
  d.code, d.message = OK, nil
  return OK
end

local PLAIN = { ["nil"] = true, boolean = true, number = true, string = true }

local function bind(s, index, value)
  local kind = type(value)
  if not PLAIN[kind] then
    if databases[value] or statements[value] or contexts[value] then
      kind = "userdata"
    end
    error(format("index (%d) - invalid data type for bind (%s)", index, kind), 0)
  end
  return store(s, index, value, false)
end

local function check_index(s, index)
  if index < 1 or index > s.parameters then
    error(format("bind index out of range [1..%d]", s.parameters), 0)
  end
  return index
end

function Statement.bind(...)
  local s = statement(...)
  local index = check_index(s, int32(check_integer(2, ...)))
  return bind(s, index, (select(3, ...)))
end

function Statement.bind_blob(...)
  local s = statement(...)
  local index = int32(check_integer(2, ...))
  local value = check_string(3, ...)
  if not s.fresh then
    return ended(s.database, MISUSE)
  elseif index < 1 or index > s.parameters then
    return ended(s.database, RANGE)
  end
  return store(s, index, value, true)
end

function Statement.bind_values(...)
  local s = statement(...)
  local given = select("#", ...) - 1
  if given ~= s.parameters then
    error(format("incorrect number of parameters to bind (%d given, %d to bind)", given, s.parameters), 0)
  end
  if not s.fresh or s.kinds then
    for i = 1, given do
      local code = bind(s, i, (select(i + 1, ...)))
      if code ~= OK then
        return code
      end
    end
    return OK
  end
  local values, size = { select(2, ...) }, 0
  for i = 1, given do
    local value = values[i]
    local kind = type(value)
    if kind == "string" then
      size = size + #value
    elseif kind == "boolean" then
      values[i] = value and 1 or 0
    elseif kind ~= "number" and kind ~= "nil" then
      bind(s, i, value) -- fails
    end
  end
  s.values, s.size = values, size
  local d = s.database
  d.code, d.message = OK, nil
  return OK
end

function Statement.bind_parameter_count(...)
  return statement(...).parameters
end

--- The names of a statement's parameters, with their signs.
local function parameter_names(s)
  local names = s.parameter_names
  if not names then
    charge(CALL + #s.sql // BYTES)
    names = { select(2, after(py.params(s.handle, s.sql))) }
    s.parameter_names = names
  end
  return names
end

function Statement.bind_parameter_name(...)
  local s = statement(...)
  local index = check_index(s, int32(check_integer(2, ...)))
  return parameter_names(s)[index]
end

local COLON, DOLLAR = byte(":$", 1, 2)

function Statement.bind_names(...)
  local s = statement(...)
  local values = check_type(2, "table", ...)
  local names = parameter_names(s)
  for i = 1, s.parameters do
    local name = names[i]
    local sign = name and byte(name)
    local code
    if sign == COLON or sign == DOLLAR then
      code = bind(s, i, values[sub(name, 2)])
    else
      code = bind(s, i, values[i])
    end
    if code ~= OK then
      return code
    end
  end
  return OK
end
