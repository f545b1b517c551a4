-- Plain values as bytes, both ways across the border: what has no fixed shape.
-- A value is a letter and its content: s <I4 length, bytes> · i <i8> · d <double> · t f n · a <I4 n> values · o <I4 n> key value …
-- · r <I4 number>: the table that was met as that one, from 0.
local vm = ...

local byte, pack, unpack, format = string.byte, string.pack, string.unpack, string.format
local concat, sort = table.concat, table.sort
local next, rawget, type, math_type, error, setmetatable = next, rawget, type, math.type, error, setmetatable

local STRING, INTEGER, DOUBLE, TRUE, FALSE, ARRAY, OBJECT = byte("sidtfao", 1, -1)

local values = {}

--- Python lets none through that is nested more than 200 deep; but a journal may be anybody's.
local DEEPEST = 250

local function damaged()
  error("a message that does not make sense", 0)
end

local function decode(data, at, depth)
  local kind = byte(data, at)
  at = at + 1
  if kind == STRING then
    return unpack("<s4", data, at)
  elseif kind == INTEGER then
    return unpack("<i8", data, at)
  elseif not kind or depth > DEEPEST then
    damaged()
  elseif kind == OBJECT then
    local count, first = unpack("<I4", data, at)
    local t = {}
    at = first
    for _ = 1, count do
      local key
      key, at = decode(data, at, depth + 1)
      if key == nil or key ~= key then
        damaged()
      end
      t[key], at = decode(data, at, depth + 1)
    end
    return t, at
  elseif kind == ARRAY then
    local count, first = unpack("<I4", data, at)
    local t = {}
    at = first
    for i = 1, count do
      t[i], at = decode(data, at, depth + 1)
    end
    return t, at
  elseif kind == DOUBLE then
    return unpack("<d", data, at)
  elseif kind == TRUE then
    return true, at
  elseif kind == FALSE then
    return false, at
  end
  return nil, at
end

--- The value that the bytes `data` hold.
function values.decode(data)
  return (decode(data, 1, 0))
end

local MAX_DEPTH = 150
--- The height of a table that is being gone over.
local OPEN = 0

local function key_order(a, b)
  local ta, tb = math_type(a) and "number" or type(a), math_type(b) and "number" or type(b)
  if ta ~= tb then
    return ta < tb
  end
  if ta == "number" or ta == "string" then
    return a < b
  end
  return vm.peek(a) < vm.peek(b)
end

--- Puts a value into `out`; returns how many tables deep it is. A table that is met again is put as the number of the
--- first time: however often it is reached, it is gone over once.
-- @param seen table {heights, numbers, count}: of tables, which are numbered as they are met
local function encode(value, out, depth, seen)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = pack("<c1s4", "s", value)
  elseif kind == "number" then
    out[#out + 1] = math_type(value) == "integer" and pack("<c1i8", "i", value) or pack("<c1d", "d", value)
  elseif kind == "boolean" then
    out[#out + 1] = value and "t" or "f"
  elseif kind == "nil" then
    out[#out + 1] = "n"
  elseif kind == "table" then
    local height = seen.heights[value]
    if height == OPEN then
      error(setmetatable({ text = "holds itself (a circular reference)" }, values.trouble), 0)
    elseif depth + (height or 1) - 1 > MAX_DEPTH then
      error(setmetatable({ text = format("is nested more than %d deep", MAX_DEPTH) }, values.trouble), 0)
    elseif height then
      out[#out + 1] = pack("<c1I4", "r", seen.numbers[value])
      return height
    end
    height = 0
    seen.heights[value], seen.numbers[value] = OPEN, seen.count
    seen.count = seen.count + 1
    local keys, count = {}, 0
    for key in next, value do
      count = count + 1
      keys[count] = key
    end
    local sequence = true
    for i = 1, count do
      if rawget(value, i) == nil then
        sequence = false
        break
      end
    end
    if sequence then
      out[#out + 1] = pack("<c1I4", "a", count)
      for i = 1, count do
        local inner = encode(rawget(value, i), out, depth + 1, seen)
        height = inner > height and inner or height
      end
    else
      sort(keys, key_order)
      out[#out + 1] = pack("<c1I4", "o", count)
      for i = 1, count do
        encode(keys[i], out, MAX_DEPTH, seen)
        local inner = encode(rawget(value, keys[i]), out, depth + 1, seen)
        height = inner > height and inner or height
      end
    end
    seen.heights[value] = height + 1
    return height + 1
  else
    out[#out + 1] = pack("<c1s4", "s", format("%s: 0x%08x", kind, vm.peek(value)))
  end
  return 0
end

--- Bytes for a value, tables by their raw fields; functions and coroutines by name. Nothing of the process runs.
function values.encode(value)
  local out = {}
  encode(value, out, 1, { heights = {}, numbers = {}, count = 0 })
  return concat(out)
end

--- Whether a key comes before another one, where people read them.
values.key_order = key_order

--- The metatable of the errors that `encode` raises: {text}.
values.trouble = {}

vm.values = values
