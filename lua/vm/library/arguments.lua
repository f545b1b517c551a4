--- The arguments of functions that the host's Lua 5.3 lacks, checked as C does: strings that are numbers, floats that are
--- whole. Called two levels below the function that a process called.

local vm = ...

local error, type, tonumber = error, type, tonumber
local tointeger = math.tointeger

local string_format = string.format

local function bad(index, name, text)
  error(string_format("bad argument #%d to '%s' (%s)", index, name, text), 4)
end

local function to_number(value, count, index, name)
  local kind = type(value)
  if kind == "number" then
    return value
  end
  local number = kind == "string" and tonumber(value)
  if not number then
    bad(index, name, "number expected, got " .. (index > count and "no value" or kind))
  end
  return number
end

local function to_integer(value, count, index, name)
  local kind = type(value)
  local number = value
  if kind ~= "number" then
    number = kind == "string" and tonumber(value)
    if not number then
      bad(index, name, "number expected, got " .. (index > count and "no value" or kind))
    end
  end
  local integer = tointeger(number)
  if not integer then
    bad(index, name, "number has no integer representation")
  end
  return integer
end

vm.to_number, vm.to_integer = to_number, to_integer
