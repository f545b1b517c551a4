--- The table functions, guarded where a metamethod or a huge range would keep C busy without end.
--
-- A plain table (without a metatable) goes to C, which does at most one step for each of its elements; what C does
-- is charged. Everything else is done in Lua, where the hook counts.

local vm = ...

local raw_concat, raw_insert, raw_remove = table.concat, table.insert, table.remove
local raw_move, raw_unpack = table.move, table.unpack
local type, error, select, rawget, rawlen, tonumber = type, error, select, rawget, rawlen, tonumber
local getmetatable = debug.getmetatable
local math_type, tointeger, max = math.type, math.tointeger, math.maxinteger
local charge = vm.charge

--- Steps of C that take as long as one instruction.
local STEPS = 4
local BYTES = 16
local SMALL = 64
--- Values that one call can return, and tables that Lua looks for a field in.
local MOST_VALUES, MOST_LINKS = 1000000, 2000

--- Length by __len, as C asks for it.
local function length(t)
  local n = #t
  if math_type(n) ~= "integer" then
    n = tointeger(n)
    if not n then
      error("object length is not an integer", 0)
    end
  end
  return n
end

--- Whether C takes a value for a table: a table, or a string that a process has given what it takes.
local function tablelike(value)
  if type(value) == "table" then
    return true
  end
  local meta = getmetatable(value)
  return meta ~= nil
    and rawget(meta, "__index") ~= nil
    and rawget(meta, "__newindex") ~= nil
    and rawget(meta, "__len") ~= nil
end
vm.tablelike = tablelike

-- insert -------------------------------------------------------------------------------------------------------------

--- Inserts where there is a metatable, or the wrong arguments.
local function insert_slowly(t, n, position, value)
  if not tablelike(t) or n < 2 or n > 3 then
    return false
  end
  local last = length(t) + 1
  if n == 2 then
    t[last] = position
    return true
  end
  local at = tointeger(position)
  if not at and type(position) == "string" then
    at = tointeger(tonumber(position))
  end
  if not at or at - 1 < 0 or at > last then
    if at and last > 0 and (at < 1 or at > last) then
      error("bad argument #2 to '?' (position out of bounds)", 0)
    end
    return false
  end
  for i = last, at + 1, -1 do
    t[i] = t[i - 1]
  end
  t[at] = value
  return true
end

--- table.insert (list, [pos,] value)
function vm.insert(t, ...)
  local n = select("#", ...)
  if getmetatable(t) == nil and type(t) == "table" then
    if n == 1 then
      t[#t + 1] = ...
      return
    elseif n == 2 then
      local position, size = ..., #t
      if size > SMALL and math_type(position) == "integer" and position > 0 and position <= size then
        charge((size - position) // STEPS)
      end
    end
  elseif insert_slowly(t, n + 1, ...) then
    return
  end
  return raw_insert(t, ...)
end

-- remove -------------------------------------------------------------------------------------------------------------

local function remove_slowly(t, n, position)
  local size = length(t)
  local at = size
  if n > 1 then
    at = tointeger(position)
    if not at then
      return false
    end
    if size + 1 ~= at and (at < 1 or at > size + 1) and not (size == 0 and (at == 0 or at == size)) then
      error("bad argument #1 to '?' (position out of bounds)", 0)
    end
  end
  local value = t[at]
  for i = at, size - 1 do
    t[i] = t[i + 1]
  end
  if at < size then
    t[size] = nil
  else
    t[at] = nil
  end
  return true, value
end

--- table.remove (list [, pos])
function vm.remove(t, ...)
  local position = ...
  if getmetatable(t) == nil then
    if position ~= nil and type(t) == "table" then
      local size = rawlen(t)
      if size > SMALL and math_type(position) == "integer" and position > 0 and position < size then
        charge((size - position) // STEPS)
      end
    end
    return (raw_remove(t, ...))
  end
  if tablelike(t) then
    local done, value = remove_slowly(t, select("#", ...) + 1, position)
    if done then
      return value
    end
  end
  return (raw_remove(t, ...))
end

-- concat -------------------------------------------------------------------------------------------------------------

local function concat_slowly(t, separator, first, last)
  if separator ~= nil and type(separator) ~= "string" and not math_type(separator) then
    return nil
  end
  local from = first == nil and 1 or tointeger(first)
  local to
  if last == nil then
    to = length(t)
  else
    to = tointeger(last)
  end
  if not from or not to then
    return nil
  end
  local parts, n = {}, 0
  local i = from
  while i <= to do
    local value = t[i]
    if type(value) ~= "string" and not math_type(value) then
      error("invalid value (" .. vm.typename(value) .. ") at index " .. i .. " in table for 'concat'", 0)
    end
    n = n + 1
    parts[n] = value
    if i == max then
      break
    end
    i = i + 1
  end
  local text = raw_concat(parts, separator)
  charge(#text // BYTES)
  return text
end

--- table.concat (list [, sep [, i [, j]]])
function vm.concat(...)
  local t, separator, first, last = ...
  if getmetatable(t) ~= nil then
    if type(t) ~= "table" then
      raw_concat(t, "", 1, 0) -- C's look at what it is
    end
    local text = concat_slowly(t, separator, first, last)
    if text then
      return text
    end
  end
  local text = raw_concat(...)
  if #text > 512 then
    charge(#text // BYTES)
  end
  return text
end

--- The integer that an argument stands for, a numeral too; nil if it is none.
local function whole(value)
  if type(value) == "string" then
    value = tonumber(value)
  end
  return tointeger(value)
end

-- move ---------------------------------------------------------------------------------------------------------------

--- table.move (a1, f, e, t [, a2])
function vm.move(...)
  local from, first, last, to, target = ...
  local f, e, t = whole(first), whole(last), whole(to)
  if f and e and t and e >= f then
    local into = target == nil and from or target
    local count = e - f + 1
    if count > SMALL or count <= 0 or getmetatable(from) ~= nil or getmetatable(into) ~= nil then
      -- in Lua, and with C's checks and order
      if target == nil then
        raw_move(from, 1, 0, 1)
      else
        raw_move(from, 1, 0, 1, target)
      end
      if not (f > 0 or e < max + f) then
        error("bad argument #3 to '?' (too many elements to move)", 0)
      end
      if t > max - count + 1 then
        error("bad argument #4 to '?' (destination wrap around)", 0)
      end
      if t > e or t <= f or (target ~= nil and target ~= from) then
        for i = 0, count - 1 do
          into[t + i] = from[f + i]
        end
      else
        for i = count - 1, 0, -1 do
          into[t + i] = from[f + i]
        end
      end
      return into
    end
  end
  return (raw_move(...))
end

-- unpack -------------------------------------------------------------------------------------------------------------

--- How many tables a missing field is looked for in, one after the other.
local function chain_of(t)
  local links = 0
  while type(t) == "table" do
    local meta = getmetatable(t)
    if meta == nil then
      break
    end
    t = rawget(meta, "__index")
    links = links + 1
    if links > MOST_LINKS then
      break -- where Lua raises an error
    end
  end
  return links
end

--- Unpacks what has a metatable; nil where C is to complain.
local function unpack_slowly(t, first, last)
  local from = first == nil and 1 or whole(first)
  local to
  if last == nil then
    to = length(t)
  else
    to = whole(last)
  end
  if not from or not to or from > to or to - from >= MOST_VALUES or to - from < 0 then
    return nil
  end
  local links = chain_of(t) // STEPS
  local list, n = {}, 0
  for i = from, to do
    n = n + 1
    list[n] = t[i]
    if links > 0 and n & 63 == 0 then
      charge(64 * links)
    end
  end
  return list, n
end

--- table.unpack (list [, i [, j]]): the stack bounds it, to a million values.
function vm.unpack(t, first, last)
  if getmetatable(t) ~= nil then
    local list, n = unpack_slowly(t, first, last)
    if list then
      return raw_unpack(list, 1, n)
    end
  end
  if last ~= nil and math_type(first) == "integer" and math_type(last) == "integer" then
    local count = last - first
    if count > SMALL and count < 1000000 then
      charge(count // STEPS)
    end
  elseif last == nil and type(t) == "table" and rawlen(t) > SMALL then
    charge(rawlen(t) // STEPS)
  end
  return raw_unpack(t, first, last)
end
