--- Arguments, checked as Lua's own library checks them, and with its complaints.

local vm = ...

local type, error, select, tonumber = type, error, select, tonumber
local format, math_type, tointeger = string.format, math.type, math.tointeger

local function wrong(index, what, ...)
  local got = select("#", ...) < index and "no value" or vm.typename((select(index, ...)))
  error(format("bad argument #%d to '?' (%s expected, got %s)", index, what, got), 0)
end

local function check_string(index, ...)
  local value = select(index, ...)
  if type(value) == "string" then
    return value
  elseif math_type(value) then
    return value .. ""
  end
  return wrong(index, "string", ...)
end

local function check_integer(index, ...)
  local value = select(index, ...)
  local whole = tointeger(value)
  if whole then
    return whole
  end
  local number = (type(value) == "string" or math_type(value)) and tonumber(value)
  if not number then
    return wrong(index, "number", ...)
  end
  whole = tointeger(number)
  if not whole then
    error(format("bad argument #%d to '?' (number has no integer representation)", index), 0)
  end
  return whole
end

local function check_number(index, ...)
  local value = select(index, ...)
  local number = (type(value) == "string" or math_type(value)) and tonumber(value)
  return number or wrong(index, "number", ...)
end

local function check_type(index, kind, ...)
  local value = select(index, ...)
  if type(value) ~= kind then
    return wrong(index, kind, ...)
  end
  return value
end

local function blank(index, ...)
  return select(index, ...) == nil
end

--- To whole 32 bits, as C casts a number to int.
local function int32(n)
  n = n & 0xFFFFFFFF
  return n >= 0x80000000 and n - 0x100000000 or n
end

vm.sqlite_parts.arguments = {
  wrong = wrong,
  string = check_string,
  integer = check_integer,
  number = check_number,
  type = check_type,
  blank = blank,
  int32 = int32,
}
