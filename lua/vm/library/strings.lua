--- The string and utf8 functions that take long for one call: guarded, and charged by the bytes they go over.

local vm = ...

local raw_rep, raw_dump = string.rep, string.dump
local type, error, tostring, tonumber = type, error, tostring, tonumber
local math_type, tointeger = math.type, math.tointeger
local charge = vm.charge

--- Bytes that C works off in the time of one instruction.
local BYTES = 16
--- Below this many bytes a call is not worth charging.
local SMALL = 512
--- C refuses to make longer strings.
local LARGEST = 0x7fffffff

--- string.rep
function vm.rep(...)
  local s, n, separator = ...
  if math_type(n) == "integer" and n <= SMALL and separator == nil and type(s) == "string" and #s * n <= SMALL then
    return (raw_rep(s, n))
  end
  if type(n) == "string" then
    n = tonumber(n)
  end
  if (type(s) == "string" or type(s) == "number") and type(n) == "number" and n > 1 then
    local length = #tostring(s)
    if separator ~= nil then
      if type(separator) ~= "string" then
        separator = type(separator) == "number" and tostring(separator) or separator
      end
      if type(separator) == "string" then
        length = length + #separator
      end
    end
    if length == 0 and tointeger(n) and (separator == nil or type(separator) == "string") then
      -- C would count to n
      return ""
    end
    if length * n > SMALL and length * n < LARGEST then
      charge(length * n // BYTES | 0)
    end
  end
  return (raw_rep(...))
end

--- string.dump gives no byte code away, ours least of all.
function vm.dump(f)
  if type(f) ~= "function" then
    return (raw_dump(f))
  end
  error("unable to dump given function", 0)
end

--- A function that goes over all of a string, its first argument: so many bytes in the time of one instruction.
local function linear(raw, bytes)
  return function(...)
    local s = ...
    if type(s) == "string" and #s > SMALL then
      charge(#s // bytes)
    end
    return raw(...)
  end
end
vm.linear = linear

vm.lower = linear(string.lower, BYTES)
vm.upper = linear(string.upper, BYTES)
vm.reverse = linear(string.reverse, BYTES)
vm.utf8_len = linear(utf8.len, BYTES)
vm.utf8_offset = linear(utf8.offset, BYTES)
