--- Arrays of bytes.
-- luacheck: read globals bit32
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local pairs, tonumber, type = pairs, tonumber, type
local char = string.char
local concat = table.concat
local bxor = bit32.bxor
local HEX = private.HEX
local fail = private.failure(".crypto.util.array")

local array = {}

-- The values of an array up to its first hole, appended to another.
local function append(out, n, from)
  local i = 1
  local value = from[1]
  while value ~= nil do
    n, i = n + 1, i + 1
    out[n] = value
    value = from[i]
  end
  return n
end

local function indexable(value, line, name)
  return private.indexable(value, fail, line, name)
end

local function iterable(value, line)
  if type(value) ~= "table" then
    fail(line, "bad argument #1 to 'for iterator' (table expected, got %s)", private.kind(value))
  end
end

local function limit(value, line)
  local n = tonumber(value)
  if type(value) ~= "string" and type(value) ~= "number" or not n then
    fail(line, "'for' limit must be a number")
  end
  return n
end

--- How many values there are.
function array.size(values)
  private.sizeable(values, fail, 19, "array")
  return #values
end

--- The bytes of a string.
function array.fromString(string)
  if type(string) ~= "string" then
    if type(string) == "table" then
      fail(33, "attempt to call a nil value (field 'byte')")
    end
    fail(33, "attempt to index a %s value (local 'string')", type(string))
  end
  return private.array(string)
end

--- The string of an array of bytes, up to its first hole.
function array.toString(bytes)
  indexable(bytes, 63, "bytes")
  local parts, i = {}, 1
  local value = bytes[1]
  while value ~= nil do
    local whole, message = private.integer(value)
    if whole and (whole < 0 or whole > 255) then
      whole, message = nil, "value out of range"
    end
    if not whole then
      fail(67, "bad argument #1 to 'char' (%s)", message)
    end
    parts[i] = char(whole)
    i = i + 1
    value = bytes[i]
  end
  return concat(parts)
end

--- The array of what is left of a stream.
function array.fromStream(stream)
  local text = private.take(stream)
  if text then
    return private.array(text)
  end
  private.callable(stream, fail, 91, "stream")
  local values, n = {}, 0
  local value = stream()
  while value ~= nil do
    n = n + 1
    values[n] = value
    value = stream()
  end
  return values
end

--- The next `size` values of a queue.
function array.readFromQueue(queue, size)
  local values, n = {}, 0
  for _ = 1, limit(size, 117) do
    if type(queue) ~= "table" then
      fail(119, "attempt to index a %s value (local 'queue')", type(queue))
    elseif queue.pop == nil then
      fail(119, "attempt to call a nil value (field 'pop')")
    end
    n = n + 1
    values[n] = queue.pop()
  end
  return values
end

--- Put an array's values into a queue.
function array.writeToQueue(queue, values)
  for i = 1, array.size(values) do
    if type(queue) ~= "table" then
      fail(139, "attempt to index a %s value (local 'queue')", type(queue))
    elseif queue.push == nil then
      fail(139, "attempt to call a nil value (field 'push')")
    end
    queue.push(values[i])
  end
end

--- A stream of an array's values, as they are now, up to its first hole.
function array.toStream(values)
  indexable(values, 155, "array")
  return private.over(values)
end

--- The bytes that hexadecimal text stands for; two signs that are no digits leave a hole.
function array.fromHex(hex)
  hex = private.hextext(hex, fail, 195)
  if private.plainhex(hex) then
    return private.array(private.unhex(hex))
  end
  return private.pairs(hex)
end

--- An array of bytes in hexadecimal, upper case, up to the first value that is no byte.
function array.toHex(bytes)
  indexable(bytes, 231, "array")
  local parts, i = {}, 1
  local value = bytes[1]
  while value ~= nil do
    local text = HEX[value]
    if not text then
      break
    end
    parts[i] = text
    i = i + 1
    value = bytes[i]
  end
  return concat(parts)
end

--- One array after the other, each up to its first hole.
function array.concat(a, b)
  indexable(a, 263, "a")
  local out = {}
  local n = append(out, 0, a)
  indexable(b, 281, "b")
  append(out, n, b)
  return out
end

--- The first `size` values.
function array.truncate(a, size)
  local out = {}
  for i = 1, limit(size, 309) do
    indexable(a, 311, "a")
    out[i] = a[i]
  end
  return out
end

local function word(value, position)
  local whole, message = private.integer(value)
  return whole or fail(331, "bad argument #%d to 'XOR' (%s)", position, message)
end

--- Each value of `a` xor the one of `b` with the same key, as 32-bit words.
function array.XOR(a, b)
  iterable(a, 329)
  local out = {}
  for key, value in pairs(a) do
    indexable(b, 331, "b")
    out[key] = bxor(word(value, 1), word(b[key], 2))
  end
  return out
end

--- Each value replaced by the one that the table has for it.
function array.substitute(input, sbox)
  iterable(input, 349)
  local out = {}
  for key, value in pairs(input) do
    indexable(sbox, 351, "sbox")
    out[key] = sbox[value]
  end
  return out
end

--- The values in the order that the table of positions says.
function array.permute(input, positions)
  iterable(positions, 369)
  local out = {}
  for key, position in pairs(positions) do
    indexable(input, 371, "input")
    out[key] = input[position]
  end
  return out
end

--- A copy.
function array.copy(input)
  iterable(input, 389)
  local out = {}
  for key, value in pairs(input) do
    out[key] = value
  end
  return out
end

--- The values from `start` to `stop`; negative positions count from the end.
function array.slice(input, start, stop)
  start = start == nil and 1 or start
  if stop == nil then
    private.sizeable(input, fail, 409, "input")
    stop = #input
  end
  if type(start) ~= "number" then
    fail(411, "attempt to compare %s with number", type(start))
  elseif type(stop) ~= "number" then
    fail(417, "attempt to compare %s with number", type(stop))
  end
  start = start < 0 and #input + start + 1 or start
  stop = stop < 0 and #input + stop + 1 or stop
  local out, n = {}, 0
  for i = start, stop do
    indexable(input, 431, "input")
    local value = input[i]
    if value ~= nil then
      n = n + 1
      out[n] = value
    end
  end
  return out
end

return array
