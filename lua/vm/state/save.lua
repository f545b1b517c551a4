--- The state of the VM as bytes: everything that a process can still get at, in an order that depends on nothing else.
--
-- Objects (tables, functions, upvalues, …) are numbered as a walk meets them, breadth first from the roots, and keys are
-- walked in order, so that the same state gives the same bytes in every VM. Their contents are written by columns
-- (`columns.lua`). `restore.lua` reads it, and has the format.

local vm = ...

local type, pcall, error = type, pcall, error
local sort, concat, unpack = table.sort, table.concat, table.unpack
local prototypes = vm.prototypes

local permanents, saving = vm.permanents, vm.saving
local number, visit, refuse = saving.number, saving.visit, saving.refuse
local visit_table, add_map, write, REFUSED = saving.visit_table, saving.add_map, saving.write, saving.REFUSED
local public = permanents.public

local function reset()
  saving.reset_objects()
  saving.reset_filling()
  saving.reset_tables()
  saving.reset_functions()
end

local VISITS = {}
VISITS[saving.TABLE] = visit_table
VISITS[saving.FUNCTION] = saving.visit_function
VISITS[saving.CELL] = saving.visit_cell
VISITS[saving.NAMED] = function(object, owner)
  if type(object) == "table" and public[object] then
    visit_table(object, owner)
  end
end

--- Entries whose keys are objects: those that have been met in the order of their numbers, then by what they hold.
local function visit_deferred(from)
  local deferred, number_of = saving.deferred, saving.number_of
  local i = 1
  while i <= #deferred do
    local entry = deferred[i]
    i = i + 1
    local things, t = entry.things, entry.t
    local met, unmet = {}, {}
    for k = 1, #things do
      local list = number_of[things[k]] and met or unmet
      list[#list + 1] = things[k]
    end
    sort(met, function(a, b)
      return number_of[a] < number_of[b]
    end)
    unmet = vm.identity().alike(unmet, t)
    for k = 1, #unmet do
      met[#met + 1] = unmet[k]
    end
    add_map(entry.owner, t, met, #met)
    from = visit(from, VISITS)
  end
  return from
end

local function walk(from)
  return visit_deferred(visit(from, VISITS))
end

local SEGMENT = 256

local function segments(out)
  local joined, n = {}, 0
  for at = 1, #out, SEGMENT do
    n = n + 1
    joined[n] = concat(out, "", at, at + SEGMENT - 1 < #out and at + SEGMENT - 1 or #out)
  end
  return joined, n
end

local function save()
  reset()
  if vm.sqlite_parts then
    permanents.with_sqlite()
  end
  if vm.stand_ins_shown() then
    refuse("the id of an upvalue has been shown")
  end
  local roots = vm.state.roots()
  local root = number(roots)
  local from = walk(1)
  -- what else is kept of the objects that there are
  local told = vm.state.extras(saving.number_of)
  if not told then
    refuse("databases are at work")
  end
  local extras = number(told)
  walk(from)
  local joined, n = segments(write(root, extras))
  prototypes.keep(saving.used)
  return joined, n
end

--- The state as one or more strings; nil and the reason where it cannot be written down now.
function vm.save()
  vm.begin(nil, nil)
  if not vm.bytecode.readable then
    return nil, "this Lua's byte code is not known"
  end
  vm.hold_collections()
  local ok, joined, n = pcall(save)
  reset()
  vm.let_collect()
  if ok then
    return unpack(joined, 1, n)
  elseif joined == REFUSED then
    return nil, REFUSED.why
  end
  error(joined, 0)
end
