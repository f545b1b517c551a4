--- The objects that a state has, numbered as a walk meets them, breadth first from the roots.

local vm = ...

local error, type = error, type
local getinfo = debug.getinfo
local status = coroutine.status

local permanents, public = vm.permanents, vm.permanents.public

local saving = {}
vm.saving = saving

--- What objects are.
local TABLE, FUNCTION, CELL, NAMED, DEAD, TEXT = 1, 2, 3, 4, 5, 6

saving.TABLE, saving.FUNCTION, saving.CELL, saving.NAMED = TABLE, FUNCTION, CELL, NAMED

--- More dead coroutines are not kept.
local MOST_DEAD = 10000

--- Raised when the state cannot be written down now.
local REFUSED = {}

local function refuse(why)
  REFUSED.why = why
  error(REFUSED, 0)
end

saving.refuse, saving.REFUSED = refuse, REFUSED

-- Object → its number; the objects and what they are, by their numbers; how many there are, and how many dead coroutines.
local number_of, objects, kinds, count, dead
-- Long strings, and names of what is in every VM.
local texts, names

function saving.reset_objects()
  number_of, objects, kinds, count, dead = {}, {}, {}, 0, 0
  texts, names = { n = 0 }, { n = 0 }
  saving.number_of, saving.objects, saving.kinds, saving.texts, saving.names = number_of, objects, kinds, texts, names
end

--- How many objects have been met.
function saving.count()
  return count
end

local function append(list, value)
  local n = list.n + 1
  list.n = n
  list[n] = value
end

local function add(object, kind)
  count = count + 1
  number_of[object], objects[count], kinds[count] = count, object, kind
  return count
end

--- The number of an object.
local function number(object)
  local known = number_of[object]
  if known then
    return known
  end
  local kind = type(object)
  local name = public[object]
  if name then
    append(names, name)
    return add(object, NAMED)
  elseif kind == "table" then
    if permanents.private_name(object) or vm.is_stand_in(object) then
      refuse("a table of the runtime's is held")
    end
    return add(object, TABLE)
  elseif kind == "function" then
    if permanents.private_name(object) then
      refuse("a function of the runtime's is held")
    end
    return add(object, FUNCTION)
  elseif kind == "thread" then
    if status(object) ~= "dead" then
      refuse("a coroutine waits")
    elseif getinfo(object, 0, "l") then
      refuse("a coroutine that has failed keeps its frames")
    end
    dead = dead + 1
    if dead > MOST_DEAD then
      refuse("there are too many dead coroutines")
    end
    return add(object, DEAD)
  elseif kind == "string" then
    append(texts, object)
    return add(object, TEXT)
  end
  return refuse("a value of the runtime's is held")
end

--- Visits what has been met and not been visited since `from`.
-- @param visits table kind → function(object, number)
local function visit(from, visits)
  while from <= count do
    local look = visits[kinds[from]]
    if look then
      look(objects[from], from)
    end
    from = from + 1
  end
  return from
end

saving.append, saving.add, saving.number, saving.visit = append, add, number, visit
