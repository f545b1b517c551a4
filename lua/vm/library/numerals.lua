--- Functions of Lua's that read numerals, formats and bytes: C goes over all of a text in one call, however long it is.
--- They are charged by the bytes, before they begin.

local vm = ...

local type = type
local byte = string.byte
local raw_codes = utf8.codes
local charge, linear = vm.charge, vm.linear

--- Bytes of a numeral, of a format, and of a string of UTF-8 that C works off in the time of one instruction.
local NUMERAL, FORMAT, BYTES = 4, 1, 4
--- Below this many bytes a call is not worth charging.
local SMALL = 512

vm.tonumber = linear(tonumber, NUMERAL)
vm.tointeger = linear(math.tointeger, NUMERAL)
vm.packsize = linear(string.packsize, FORMAT)
vm.string_unpack = linear(string.unpack, FORMAT)

local raw_next = raw_codes("")

--- The function that utf8.codes loops with.
function vm.next_code(...)
  local s, i = ...
  if type(s) == "string" and #s > SMALL and type(i) == "number" then
    -- so many bytes that continue a character are no UTF-8: C looks for their end
    local ahead = byte(s, i + 8)
    if ahead and ahead & 0xC0 == 0x80 and byte(s, i + 7) & 0xC0 == 0x80 then
      charge((#s - i) // BYTES | 0)
    end
  end
  return raw_next(...)
end

--- utf8.codes (s)
function vm.codes(...)
  local _, s, i = raw_codes(...)
  return vm.next_code, s, i
end
