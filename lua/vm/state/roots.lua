--- What the state of a VM begins with, and what the trusted side knows of a process's objects.

local vm = ...

local type, next, math_type = type, next, math.type
local sort, match = table.sort, string.match
local getmetatable = debug.getmetatable
local host, files, permanents, damaged = vm.host, vm.files, vm.permanents, vm.columns.damaged

local state = {}

--- Fields of `host` that change; `handle` and its kin are set by process.lua.
local HOST = { "handle", "suspended", "failed", "of_message", "handler", "stirred", "seen", "time", "crypto" }
--- What each of them may be.
local HOST_TYPES = {
  handle = "function",
  suspended = "function",
  failed = "function",
  of_message = "function",
  stirred = "boolean",
  seen = "boolean",
  crypto = "table",
}

--- A table that leads to all that a process can get at.
function state.roots()
  local held = {}
  for i = 1, #HOST do
    held[HOST[i]] = host[HOST[i]]
  end
  local tables = {}
  for name, t in next, vm.permanents.tables do
    tables[name] = t
  end
  return { tables = tables, host = held, captured = vm.captured() }
end

--- Those of the objects (keys) that are still held, in the order of their numbers.
function state.held(objects, number_of)
  local list = {}
  for object in next, objects do
    if number_of[object] then
      list[#list + 1] = object
    end
  end
  sort(list, function(a, b)
    return number_of[a] < number_of[b]
  end)
  return list
end

--- A table that says of the objects in `number_of` what is kept outside of them; nil where that cannot be done now.
function state.extras(number_of)
  local last, objects, numbers = vm.given_addresses(number_of)
  local opened = state.held(files, number_of)
  local contents = {}
  for i = 1, #opened do
    contents[i] = files[opened[i]]
  end
  local own = {}
  for source in next, vm.own do
    own[#own + 1] = source
  end
  sort(own)
  local sqlite
  if vm.sqlite_parts then
    sqlite = vm.sqlite_state.extras(number_of)
    if not sqlite then
      return nil
    end
  end
  return {
    last_address = last,
    objects = objects,
    addresses = numbers,
    ticks = vm.ticks(),
    drawn = vm.drawn(),
    files = opened,
    contents = contents,
    weakened = vm.weakened(),
    own = own,
    sqlite = sqlite,
  }
end

local function check(value, kind)
  if (math_type(value) == "integer" and "integer" or type(value)) ~= kind then
    damaged()
  end
  return value
end
state.check = check

--- A table without a metatable: nothing of the process runs when it is looked at.
local function plain(value)
  if type(value) ~= "table" or getmetatable(value) ~= nil then
    damaged()
  end
  return value
end
state.plain = plain

local function plain_list(list, kind)
  for i = 1, #plain(list) do
    check(list[i], kind)
  end
  return list
end

--- More names stay no tags, and none is longer.
local MOST_NAMES, LONGEST_NAME = 256, 256

local function adopt_host(held)
  for i = 1, #HOST do
    local name = HOST[i]
    local value = held[name]
    if value ~= nil and HOST_TYPES[name] then
      check(value, HOST_TYPES[name])
    end
    host[name] = value
  end
end

local function adopt_captured(captured)
  if captured.names_at_start ~= nil then
    local names = plain_list(captured.names_at_start, "string")
    if #names > MOST_NAMES then
      damaged()
    end
    for i = 1, #names do
      if #names[i] > LONGEST_NAME then
        damaged()
      end
    end
  end
  vm.capture(captured)
end

--- Addresses are given one after the other, to one object each.
local function adopt_addresses(last, objects, numbers)
  check(last, "integer")
  plain(objects)
  plain_list(numbers, "integer")
  if #objects ~= #numbers or not vm.is_address(last) then
    damaged()
  end
  local before, seen = 0, {}
  for i = 1, #objects do
    local kind, number = type(objects[i]), numbers[i]
    if kind ~= "table" and kind ~= "function" and kind ~= "thread" or seen[objects[i]] then
      damaged()
    end
    seen[objects[i]] = true
    if number <= before or number > last or not vm.is_address(number) then
      damaged()
    end
    before = number
  end
  vm.give_addresses(last, objects, numbers)
end

local function adopt_files(opened, contents)
  plain_list(opened, "table")
  plain_list(contents, "table")
  if #opened ~= #contents then
    damaged()
  end
  for i = 1, #opened do
    local kept = plain(contents[i])
    if check(kept.at, "integer") < 1 then
      damaged()
    end
    -- a copy: what the process may hold is another one
    files[opened[i]] = {
      content = check(kept.content, "string"),
      at = kept.at,
      open = check(kept.open, "boolean"),
      sink = kept.sink == true or nil,
    }
  end
end

--- Takes over what `roots` and `extras` have told.
function state.adopt(roots, extras)
  plain(extras)
  adopt_host(plain(plain(roots).host))
  adopt_captured(plain(roots.captured))
  adopt_addresses(extras.last_address, extras.objects, extras.addresses)
  vm.ticks(check(extras.ticks, "integer"))
  vm.drawn(check(extras.drawn, "integer"))
  vm.weakened(check(extras.weakened, "boolean"))
  adopt_files(extras.files, extras.contents)
  local own = plain_list(extras.own, "string")
  for i = 1, #own do
    -- of a module that there is: its functions are looked for by that name
    if not vm.chunk(match(own[i], "^%.?(.*)")) then
      damaged()
    end
    vm.own[own[i]] = true
  end
  if extras.sqlite ~= nil then
    permanents.with_sqlite()
    vm.sqlite_state.adopt(extras.sqlite)
  end
end

vm.state = state
