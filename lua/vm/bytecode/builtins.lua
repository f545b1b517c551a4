--- The builtins that are Lua functions of ours, by the names under which a process finds them.

local vm = ...

local next, type, rawget, error = next, type, rawget, error
local sort = table.sort

local ours, getinfo = vm.ours, debug.getinfo

--- What can be reached by name: true for a builtin that is a Lua function of ours, a table for a library.
local tree

--- Stands in the tree for `coroutine.wrap`: what it returns is a builtin as well.
local WRAP = {}

local function mark_wrap()
  local library = tree.coroutine
  library.wrap = library.wrap and WRAP
end

local LIBRARIES = { "bit32", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8" }

local function functions(t)
  local found = {}
  for name, value in next, t do
    if type(name) == "string" then
      found[name] = type(value) == "function" and ours(getinfo(value, "S")) or nil
    end
  end
  return found
end

--- Made when it is first needed: what the process has put in the place of a builtin by then is not one of ours.
local function plant()
  tree = functions(vm.globals)
  tree._G = tree
  for i = 1, #LIBRARIES do
    local name = LIBRARIES[i]
    local library = rawget(vm.globals, name)
    tree[name] = functions(type(library) == "table" and library or {})
  end
  mark_wrap()
end

--- The builtins of the tree, if it has been made: their libraries ("_G" for none) and their names, in order.
function vm.builtins()
  if not tree then
    return nil
  end
  local places = {}
  for i = 0, #LIBRARIES do
    local library = LIBRARIES[i] or "_G"
    for name, value in next, tree[library] do
      if value == true or value == WRAP then
        places[#places + 1] = { library, name }
      end
    end
  end
  sort(places, function(a, b)
    if a[1] ~= b[1] then
      return a[1] < b[1]
    end
    return a[2] < b[2]
  end)
  local libraries, names = {}, {}
  for i = 1, #places do
    libraries[i], names[i] = places[i][1], places[i][2]
  end
  return libraries, names
end

--- Makes the tree of these.
function vm.plant(libraries, names)
  local planted = {}
  planted._G = planted
  for i = 1, #LIBRARIES do
    planted[LIBRARIES[i]] = {}
  end
  for i = 1, #names do
    local library = planted[libraries[i]]
    if type(library) ~= "table" or planted[names[i]] ~= nil and library == planted then
      error("does not make sense", 0)
    end
    library[names[i]] = true
  end
  tree = planted
  mark_wrap()
end

vm.WRAP = WRAP

--- The tree.
function vm.builtin_tree()
  if not tree then
    plant()
  end
  return tree
end
