--- What the state of a VM begins with, and what the trusted side knows of a process's objects.

local vm = ...

local type, next, error = type, next, error
local sort = table.sort
local getmetatable = debug.getmetatable
local host, files, permanents = vm.host, vm.files, vm.permanents

local state = {}

--- Fields of `host` that change; `handle` and its kin are set by process.lua.
local HOST = { "handle", "suspended", "failed", "handler", "stirred", "seen", "time", "crypto" }
--- What each of them may be.
local HOST_TYPES = {
  handle = "function",
  suspended = "function",
  failed = "function",
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

--- A table that says of the objects in `number_of` what is kept outside of them; nil where that cannot be done now.
function state.extras(number_of)
  local last, objects, numbers = vm.given_addresses(number_of)
  local opened = {}
  for file in next, files do
    if number_of[file] then
      opened[#opened + 1] = file
    end
  end
  sort(opened, function(a, b)
    return number_of[a] < number_of[b]
  end)
  local contents = {}
  for i = 1, #opened do
    contents[i] = files[opened[i]]
  end
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
    builtins = vm.builtins and vm.builtins() or nil,
    sqlite = sqlite,
  }
end

local function check(value, kind)
  if type(value) ~= kind then
    error("does not make sense", 0)
  end
  return value
end

local function check_list(list, kind)
  check(list, "table")
  for i = 1, #list do
    check(list[i], kind)
  end
  return list
end

--- The tree of builtins: true or a tree by name.
local function check_tree(tree, depth)
  for name, value in next, check(tree, "table") do
    check(name, "string")
    if value ~= true and value ~= tree then
      if depth == 0 then
        error("does not make sense", 0)
      end
      check_tree(value, depth - 1)
    end
  end
  return tree
end

--- Takes over what `roots` and `extras` have told.
function state.adopt(roots, extras)
  check(roots, "table")
  check(extras, "table")
  local held = check(roots.host, "table")
  for i = 1, #HOST do
    local name = HOST[i]
    local value = held[name]
    if value ~= nil and HOST_TYPES[name] then
      check(value, HOST_TYPES[name])
    end
    host[name] = value
  end
  vm.capture(check(roots.captured, "table"))
  local objects, addresses = check(extras.objects, "table"), check_list(extras.addresses, "number")
  if #objects ~= #addresses then
    error("does not make sense", 0)
  end
  for i = 1, #objects do
    local kind = type(objects[i])
    if kind ~= "table" and kind ~= "function" and kind ~= "thread" then
      error("does not make sense", 0)
    end
  end
  vm.give_addresses(check(extras.last_address, "number"), objects, addresses)
  vm.ticks(check(extras.ticks, "number"))
  vm.drawn(check(extras.drawn, "number"))
  local opened, contents = check_list(extras.files, "table"), check_list(extras.contents, "table")
  for i = 1, #opened do
    local content = check(contents[i], "table")
    check(content.content, "string")
    check(content.at, "number")
    check(content.open, "boolean")
    if getmetatable(content) ~= nil then
      error("does not make sense", 0)
    end
    files[opened[i]] = content
  end
  if extras.sqlite ~= nil then
    permanents.with_sqlite()
    vm.sqlite_state.adopt(extras.sqlite)
  end
  if extras.builtins ~= nil then
    if not vm.builtins then
      vm.part("tailcalls")
    end
    vm.builtins(check_tree(extras.builtins, 2))
  end
end

vm.state = state
