--- Hexadecimal text.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local tonumber, tostring, type = tonumber, tostring, type
local char, find, gsub, sub = string.char, string.find, string.gsub, string.sub
local concat = table.concat
local mathtype = math.type
local fail = private.failure(".crypto.util.hex")

local hex = {}

--- A string in hexadecimal, lower case. With `ln`, `ln` bytes to a line, `sep` between the bytes of a line.
function hex.stringToHex(s, ln, sep)
  if type(s) == "table" then
    -- The network's own answer: a table has a length, and no bytes.
    if #s == 0 then
      return ""
    end
    fail(ln and 39 or 19, "attempt to call a nil value (method '%s')", ln and "byte" or "gsub")
  elseif type(s) ~= "string" then
    fail(15, "attempt to get length of a %s value (local 's')", type(s))
  end
  local text = private.hex(s)
  if not ln or #s < 2 then
    return text
  end
  local width = tonumber(ln)
  if type(ln) ~= "string" and type(ln) ~= "number" or not width then
    fail(35, "attempt to perform arithmetic on a %s value (local 'ln')", type(ln))
  elseif mathtype(ln) == "integer" and ln == 0 then
    fail(35, "attempt to perform 'n%%0'")
  end
  width = type(ln) == "string" and width + 0.0 or width -- as arithmetic takes a string
  sep = sep == nil and "" or tostring(sep)
  local parts, n, count = {}, 0, #s
  for i = 1, count do
    parts[n + 1] = sub(text, 2 * i - 1, 2 * i)
    if i == count then
      break
    end
    parts[n + 2] = i % width == 0 and "\n" or sep
    n = n + 2
  end
  return concat(parts)
end

local function one(digits)
  return char(tonumber(digits, 16))
end

--- The string that hexadecimal text stands for; white space does not count, unless `unsafe`.
function hex.hexToString(hs, unsafe)
  if type(hs) == "number" then
    hs = hs .. ""
  elseif type(hs) ~= "string" then
    fail(unsafe and 77 or 67, "bad argument #1 to 'gsub' (string expected, got %s)", private.kind(hs))
  end
  if not unsafe then
    hs = gsub(hs, "%s+", "")
    if #hs % 2 == 1 or find(hs, "%W") then
      fail(71, "invalid hex string")
    end
  end
  return (gsub(hs, "%x%x", one))
end

return hex
