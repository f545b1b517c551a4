--- Columns, read. What is read is not trusted: every length is checked against what is there, and bytes that make no
--- sense raise an error (a text, for `restore.lua` to report).

local vm = ...

local unpack, byte = string.unpack, string.byte
local move = table.move

local columns = vm.columns
local NIL, SHORT, STRING, INTEGER, FLOAT = columns.NIL, columns.SHORT, columns.STRING, columns.INTEGER, columns.FLOAT
local OBJECT, FALSE, TRUE, MIXED, LINES = columns.OBJECT, columns.FALSE, columns.TRUE, columns.MIXED, columns.LINES
local formats, BATCH, SORTS, damaged = columns.formats, columns.BATCH, columns.SORTS, columns.damaged

--- The fewest bytes of one value.
local LEAST = { [SHORT] = 1, [STRING] = 4, [INTEGER] = 8, [FLOAT] = 8, [OBJECT] = 4, [LINES] = 1 }

--- The head of the column at `at`: its length, what it holds, and the place behind.
local function head(text, at)
  local n, held
  n, held, at = unpack("<I4B", text, at)
  return n, held, at
end

--- Reads `n` values of one kind; objects are looked up in `objects`.
local function take(text, at, held, n, objects)
  local least = LEAST[held]
  if not least or n * least > #text - at + 1 then
    damaged()
  end
  local of = formats[held]
  local list, done = {}, 0
  while done < n do
    local count = n - done
    if count > BATCH then
      count = BATCH
    end
    local batch = { unpack(of[count], text, at) }
    at = batch[count + 1]
    if held == OBJECT then
      for i = 1, count do
        local object = objects[batch[i]]
        if object == nil then
          damaged()
        end
        list[done + i] = object
      end
    else
      move(batch, 1, count, done + 1, list)
    end
    done = done + count
  end
  return list, at
end

--- Reads the column at `at`.
-- @param objects table number → object, for those that it may name
-- @return table, integer, integer the values (nil among them too), how many, and the place behind
function columns.read(text, at, objects)
  local n, held
  n, held, at = head(text, at)
  if n == 0 then
    return {}, 0, at
  end
  if held == FALSE or held == TRUE or held == NIL then
    local list = {}
    if n > #text - at + 1 then
      damaged()
    end
    at = at + n
    if held ~= NIL then
      for i = 1, n do
        list[i] = held == TRUE
      end
    end
    return list, n, at
  elseif held ~= MIXED then
    local list
    list, at = take(text, at, held, n, objects)
    return list, n, at
  end
  if n > #text - at + 1 then
    damaged()
  end
  local kinds_at = at
  at = at + n
  local sorts, next_of = {}, {}
  for s = 1, #SORTS do
    local k
    sorts[SORTS[s]], k, at = columns.read(text, at, objects)
    next_of[SORTS[s]] = 0
    if k > n then
      damaged()
    end
  end
  local list = {}
  for i = 1, n do
    local kind = byte(text, kinds_at + i - 1)
    local sort = sorts[kind]
    if sort then
      local k = next_of[kind] + 1
      next_of[kind] = k
      list[i] = sort[k]
    elseif kind == TRUE then
      list[i] = true
    elseif kind == FALSE then
      list[i] = false
    elseif kind ~= NIL then
      damaged()
    end
  end
  return list, n, at
end

--- Reads a column of strings.
function columns.strings(text, at)
  local n, held
  n, held, at = head(text, at)
  if n == 0 then
    return {}, 0, at
  elseif held ~= SHORT and held ~= STRING and held ~= LINES then
    damaged()
  end
  local list
  list, at = take(text, at, held, n)
  return list, n, at
end

local IDENTITY = setmetatable({}, {
  __index = function(_, number)
    return number
  end,
})

--- Reads a column of numbers of objects, as numbers.
function columns.numbers(text, at)
  local n, held
  n, held, at = head(text, at)
  if n == 0 then
    return {}, 0, at
  elseif held ~= OBJECT then
    damaged()
  end
  local list
  list, at = take(text, at, held, n, IDENTITY)
  return list, n, at
end
