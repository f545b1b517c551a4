--- Functions of Lua's that take any number of arguments, and make a number of each or compare it: one call could be given
--- the same long numeral a million times. Long arguments are gone over here, where limits are looked at, and not by C.

local vm = ...

local type, select, error = type, select, error
local unpack, tonumber = table.unpack, tonumber
local raw_pack = string.pack
local charge = vm.charge

--- Bytes of a string that do not matter.
local SMALL = 512
--- Bytes of numerals that C works off in the time of one instruction.
local BYTES = 4
--- Bytes of long numerals that one call of string.pack may be given.
local MOST = 16 << 20

--- A string as the number that C would make of it. Others are left, to be complained of.
local function read(value)
  charge(#value // BYTES)
  return tonumber(value) or value
end

--- For string.format (`text.lua`): the argument of a conversion to a number.
function vm.read_long(value)
  if type(value) == "string" and #value > SMALL then
    return read(value)
  end
  return value
end

--- Whether one of n values is a long string.
-- @param usual table what needs no look
local function any_long(values, n, usual)
  for i = 1, n do
    local value = values[i]
    if not usual[value] and type(value) == "string" and #value > SMALL then
      return true
    end
  end
  return false
end

-- Sixteen arguments are C's: a call of them takes no longer than as many operators. That there are more is told by the
-- seventeenth; C complains where it is nil, and goes no further.

local BYTE = {}
for i = 0, 255 do
  BYTE[i] = true
end

--- A function that makes a number of each of its arguments.
local function reading(raw)
  return function(...)
    local _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, more = ...
    if more ~= nil then
      local values, n = { ... }, select("#", ...)
      if any_long(values, n, BYTE) then
        for i = 1, n do
          values[i] = vm.read_long(values[i])
        end
        return raw(unpack(values, 1, n))
      end
    end
    return raw(...)
  end
end

vm.char = reading(string.char)
vm.utf8_char = reading(utf8.char)

local NONE = {}

--- string.pack; the padding of "c" can make a long string of a short format. What long strings are for, only C knows: as
--- data they take room in what it makes.
function vm.pack(...)
  local fmt = ...
  if type(fmt) == "string" and #fmt > SMALL then
    charge(#fmt)
  end
  local _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, more = ...
  if more ~= nil then
    local values, bytes = { ... }, 0
    for i = 2, select("#", ...) do
      local value = values[i]
      if type(value) == "string" and #value > SMALL and type(read(value)) == "number" then
        bytes = bytes + #value
      end
    end
    if bytes > MOST then
      error("result too long", 0)
    end
  end
  local packed = raw_pack(...)
  if #packed > SMALL then
    charge(#packed // BYTES)
  end
  return packed
end

--- math.max or math.min: the first of the values of which none `goes_before` it.
local function extreme(raw, goes_before)
  return function(...)
    local _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, more = ...
    if more ~= nil then
      local values, n = { ... }, select("#", ...)
      if any_long(values, n, NONE) then
        local found = values[1]
        for i = 2, n do
          local value = values[i]
          if type(value) == "string" then
            charge(#value)
          end
          if goes_before(value, found) then
            found = value
          end
        end
        return found
      end
    end
    return raw(...)
  end
end

vm.max = extreme(math.max, function(a, b)
  return b < a
end)
vm.min = extreme(math.min, function(a, b)
  return a < b
end)
