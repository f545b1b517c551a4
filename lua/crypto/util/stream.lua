--- Streams: functions that give one byte a call, and nil (or nothing) at the end.
-- The streams made here are known to our digests, which take what is left of them in one piece.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local type = type
local char, upper = string.char, string.upper
local concat = table.concat
local HEX = private.HEX
local fail = private.failure(".crypto.util.stream")

local stream = {}

--- A stream of the bytes of a string.
function stream.fromString(string)
  if type(string) == "string" then
    return private.stream(string, false)
  end
  return function()
    if type(string) ~= "table" then
      fail(19, "attempt to index a %s value (upvalue 'string')", type(string))
    end
    fail(19, "attempt to call a nil value (field 'byte')")
  end
end

--- The string of what is left of a stream.
function stream.toString(source)
  local text = private.take(source)
  if text then
    return text
  end
  private.callable(source, fail, 37, "stream")
  local parts, n = {}, 0
  local value = source()
  while value ~= nil do
    local whole, message = private.integer(value)
    if whole and (whole < 0 or whole > 255) then
      whole, message = nil, "value out of range"
    end
    if not whole then
      fail(41, "bad argument #1 to 'char' (%s)", message)
    end
    n = n + 1
    parts[n] = char(whole)
    value = source()
  end
  return concat(parts)
end

--- A stream of the values of an array, as they are now, up to its first hole.
function stream.fromArray(array)
  private.indexable(array, fail, 67, "array")
  return private.over(array)
end

--- The array of what is left of a stream.
function stream.toArray(source)
  local text = private.take(source)
  if text then
    return private.array(text)
  end
  private.callable(source, fail, 97, "stream")
  local array, n = {}, 0
  local value = source()
  while value ~= nil do
    n = n + 1
    array[n] = value
    value = source()
  end
  return array
end

--- A stream of the bytes that hexadecimal text stands for; two signs that are no digits give nil.
function stream.fromHex(hex)
  hex = private.hextext(hex, fail, 137)
  if private.plainhex(hex) then
    return private.stream(private.unhex(hex), true)
  end
  return private.values(private.pairs(hex), #hex // 2)
end

--- What is left of a stream in hexadecimal, upper case.
function stream.toHex(source)
  local text = private.take(source)
  if text then
    return upper(private.hex(text))
  end
  private.callable(source, fail, 175, "stream")
  local parts, n = {}, 0
  local value = source()
  while value ~= nil do
    n = n + 1
    parts[n] = HEX[value]
    value = source()
  end
  return concat(parts)
end

return stream
