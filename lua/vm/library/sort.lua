--- table.sort: Lua's own for what it does in one way only, else the same quicksort in Lua.
--
-- The C function takes its pivot from the clock when a long list divides badly, which shows in the order of equal
-- elements and in the number of calls of the comparison; and no hook sees it when it compares without calling back.

local vm = ...

local raw_sort = table.sort
local type, error, getmetatable = type, error, debug.getmetatable
local math_type = math.type
local charge = vm.charge

--- Up to this many elements C takes no pivot but the middle.
local SMALL = 100
local LARGEST = 2147483647

--- As many bytes may be compared by C unseen.
local BYTES = 4000000

--- Whether C may compare the n elements of a list by itself: strings or integers only, so that equal elements are the
--- same to everybody, and not too long.
-- @param rounds integer how often each may be compared
local function simple(t, n, rounds)
  local first = t[1]
  if type(first) == "string" then
    local bytes = 0
    for i = 1, n do
      local value = t[i]
      if type(value) ~= "string" then
        return false
      end
      bytes = bytes + #value
    end
    return bytes * rounds <= BYTES or bytes <= 16 * n
  elseif math_type(first) == "integer" then
    for i = 2, n do
      if math_type(t[i]) ~= "integer" then
        return false
      end
    end
    return true
  end
  return false
end

--- Whether a short list holds nothing that it takes long to compare.
local function short(t, n)
  local bytes = 0
  for i = 1, n do
    local value = t[i]
    if type(value) == "string" then
      bytes = bytes + #value
    end
  end
  return bytes < 100000
end

local function disorder()
  error("invalid order function for sorting", 0)
end

local function ascending(a, b)
  return a < b
end

--- What stands for chance where the list divides badly.
local CHANCE = 0x9e3779b9

--- Lua 5.3's auxsort; its `rnd` is 0 until the list divides badly, then CHANCE.
local function quicksort(t, lo, up, less, rnd)
  while lo < up do
    local low, high = t[lo], t[up]
    if less(high, low) then
      t[lo], t[up] = high, low
    end
    if up - lo == 1 then
      break
    end
    local p
    if rnd == 0 or up - lo < SMALL then
      p = (lo + up) // 2
    else
      local quarter = (up - lo) // 4
      p = rnd % (quarter * 2) + lo + quarter
    end
    local pivot, edge = t[p], t[lo]
    if less(pivot, edge) then
      t[p], t[lo] = edge, pivot
    else
      edge = t[up]
      if less(edge, pivot) then
        t[p], t[up] = edge, pivot
      end
    end
    if up - lo == 2 then
      break
    end
    pivot = t[p]
    t[p], t[up - 1] = t[up - 1], pivot
    local i, j = lo, up - 1
    while true do
      i = i + 1
      local left = t[i]
      while less(left, pivot) do
        if i == up - 1 then
          disorder()
        end
        i = i + 1
        left = t[i]
      end
      j = j - 1
      local right = t[j]
      while less(pivot, right) do
        if j < i then
          disorder()
        end
        j = j - 1
        right = t[j]
      end
      if j < i then
        break
      end
      t[i], t[j] = right, left
    end
    t[up - 1], t[i] = t[i], t[up - 1]
    p = i
    local size
    if p - lo < up - p then
      quicksort(t, lo, p - 1, less, rnd)
      size = p - lo
      lo = p + 1
    else
      quicksort(t, p + 1, up, less, rnd)
      size = up - p
      up = p - 1
    end
    if (up - lo) // 128 > size then
      rnd = CHANCE
    end
  end
end

--- The sandbox's table.sort.
function vm.sort(...)
  local t, less = ...
  if not vm.tablelike(t) or (less ~= nil and type(less) ~= "function") then
    return raw_sort(t, less)
  end
  local n = #t
  if getmetatable(t) == nil then
    if n <= SMALL then
      if less ~= nil then
        return raw_sort(t, less)
      end
      charge(n * 4)
      if short(t, n) then
        return raw_sort(t)
      end
    elseif less == nil and n < 0x1000000 then
      local rounds, m = 0, n
      while m > 0 do
        rounds, m = rounds + 1, m >> 1
      end
      charge(n * rounds)
      if simple(t, n, rounds) then
        return raw_sort(t)
      end
    end
  end
  if math_type(n) ~= "integer" then
    error("object length is not an integer", 0)
  end
  if n >= LARGEST then
    error("bad argument #1 to '?' (array too big)", 0)
  end
  quicksort(t, 1, n, less or ascending, 0)
end
