--- Columns: lists of values as bytes. What is alike lies together, and is written and read many at a time.
--
-- A column is its length (I4), what it holds (B), and that: see HOLDS. `column_reading.lua` reads it.

local vm = ...

local type, error = type, error
local pack, rep, char, unpack = string.pack, string.rep, string.char, string.unpack
local spread, concat = table.unpack, table.concat
local math_type = math.type

local columns = {}

--- HOLDS: what a column holds; in a mixed one the same numbers stand for each value's kind.
local NIL, SHORT, STRING, INTEGER, FLOAT, OBJECT, FALSE, TRUE, MIXED, LINES = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
columns.NIL, columns.STRING, columns.INTEGER, columns.FLOAT = NIL, STRING, INTEGER, FLOAT
columns.OBJECT, columns.FALSE, columns.TRUE = OBJECT, FALSE, TRUE

--- Formats of one value, by what is held.
local FORMAT = { [SHORT] = "s1", [STRING] = "s4", [INTEGER] = "i8", [FLOAT] = "d", [OBJECT] = "I4", [LINES] = "z" }

--- Values that are written or read by one call.
local BATCH = 64

--- Formats of as many values as there may be in one call.
local formats = {}
for held, one in next, FORMAT do
  local of = { [0] = "<" }
  for count = 1, BATCH do
    of[count] = of[count - 1] .. one
  end
  formats[held] = of
end

columns.SHORT, columns.MIXED, columns.LINES = SHORT, MIXED, LINES
columns.formats, columns.BATCH = formats, BATCH

--- Appends values of one kind to `out`, without a head.
local function put(out, held, list, n)
  local of = formats[held]
  local at, last = 1, #out
  while at <= n do
    local count = n - at + 1
    if count > BATCH then
      count = BATCH
    end
    last = last + 1
    out[last] = pack(of[count], spread(list, at, at + count - 1))
    at = at + count
  end
end

--- SHORT where all strings of the list are.
local function length_of(list, n)
  for i = 1, n do
    if #list[i] > 255 then
      return STRING
    end
  end
  return SHORT
end

local function put_alike(out, held, list, n, short)
  if held == STRING then
    held = (short or length_of(list, n) == SHORT) and SHORT or STRING
  end
  out[#out + 1] = pack("<I4B", n, n == 0 and NIL or held)
  if FORMAT[held] then
    put(out, held, list, n)
  elseif n > 0 then
    -- so that nothing is read that has no bytes of its own
    out[#out + 1] = rep(char(held), n)
  end
end
columns.put = put_alike

--- Appends a column of strings that end with a zero byte each, and hold no other.
function columns.put_lines(out, lines, n)
  out[#out + 1] = pack("<I4B", n, LINES)
  out[#out + 1] = lines
end

--- Puts the values at the places (I4 each, `n` of them, from 0) into `target`, in that order.
function columns.pick(places, n, values, target)
  local of, at, last = formats[OBJECT], 1, 0
  while last < n do
    local count = n - last < BATCH and n - last or BATCH
    local batch = { unpack(of[count], places, at) }
    at = batch[count + 1]
    for i = 1, count do
      target[last + i] = values[batch[i] + 1]
    end
    last = last + count
  end
end

--- The bytes of a list of small numbers.
local function bytes(list, n)
  local parts, k = {}, 0
  for at = 1, n, 128 do
    k = k + 1
    parts[k] = char(spread(list, at, at + 127 < n and at + 127 or n))
  end
  return concat(parts)
end
columns.bytes = bytes

--- A column that is being filled: values at 1 … n, objects as their numbers. `held` is what all of them are, and
-- `kinds` what each is, once they are not all alike.
function columns.new()
  return { n = 0 }
end

--- Notes that the value number `n` of a column is of another kind than those before it.
function columns.mix(column, n, kind)
  local held = column.held
  if n == 1 then
    column.held = kind
    return
  end
  local kinds = column.kinds
  if not kinds then
    kinds = {}
    for i = 1, n - 1 do
      kinds[i] = held
    end
    column.kinds, column.held = kinds, MIXED
  end
  kinds[n] = kind
end

--- The kinds of values that each have a column of their own in a mixed one, in order.
local SORTS = { STRING, INTEGER, FLOAT, OBJECT }
columns.SORTS = SORTS

--- Appends a column to `out`.
function columns.write(out, column)
  local n, kinds = column.n, column.kinds
  if not kinds then
    put_alike(out, column.held or NIL, column, n, column.short)
    return
  end
  out[#out + 1] = pack("<I4B", n, MIXED)
  out[#out + 1] = bytes(kinds, n)
  for s = 1, #SORTS do
    local sort = SORTS[s]
    local list, k = {}, 0
    for i = 1, n do
      if kinds[i] == sort then
        k = k + 1
        list[k] = column[i]
      end
    end
    put_alike(out, sort, list, k)
  end
end

--- How a value is written: its kind, where it is no object.
function columns.kind(value)
  local kind = type(value)
  if kind == "string" then
    return STRING
  elseif kind == "number" then
    return math_type(value) == "integer" and INTEGER or FLOAT
  elseif kind == "boolean" then
    return value and TRUE or FALSE
  elseif kind == "nil" then
    return NIL
  end
  return OBJECT
end

--- For whoever reads what makes no sense: `restore.lua` reports it.
function columns.damaged()
  error("does not make sense", 0)
end

vm.columns = columns
