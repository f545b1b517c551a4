-- The state of a process as bytes, there and back: the parts that do it are read when they are first needed.

local vm = ...

local load = load
local unpack = table.unpack

local host, globals, module, border = vm.host, vm.globals, vm.module, vm.border
local with_own, table_of, begin_if_needed = vm.with_own, vm.table_of, vm.begin_if_needed

local PARTS = {
  save = {
    "state/saving/objects",
    "state/saving/filling",
    "state/saving/tables",
    "state/saving/functions",
    "state/saving/writing",
    "state/save",
  },
  restore = {
    "state/column_reading",
    "bytecode/making",
    "state/restoring/functions",
    "state/restoring/tables",
    "state/restore",
  },
}
-- What both need.
local BOTH = {
  "state/columns",
  "bytecode/prototypes",
  "state/permanents",
  "state/roots",
}

local function with_parts(name)
  vm.fetch(BOTH)
  vm.fetch(PARTS[name])
  return vm[name]
end

--- The state as strings that are to be joined; nil and the reason where it cannot be written down now, or not in so many
--- seconds.
function border.save(seconds)
  begin_if_needed()
  return vm.outside(seconds, with_parts("save"))
end

--- A module of ours, loaded for the trusted side alone.
local function apart(name)
  return load(vm.chunk(name), name, "b", globals)("." .. name, host)
end

--- Takes over a state that was saved, in a VM that has not evaluated anything; what is wrong with it, or nothing. In so
--- many seconds at most.
function border.restore(text, seconds)
  if not module.begin then
    return "is for a process that has not seen any message"
  end
  module.begin = nil
  vm.begun = true
  -- before anything of the state is there: the modules run in its globals
  module.encode = apart("json").encode
  local title = not vm.foreign and apart("utils").normalize
  function vm.capture(held)
    if not vm.foreign then
      -- `state/roots.lua` has looked at the names; a copy, since the process may hold that list
      with_own(held, { unpack(table_of(held.names_at_start)) }, title)
    end
  end
  local restore = with_parts("restore")
  local problem, late = vm.outside(seconds, restore, text, seconds)
  return problem or late and late .. " to be taken over"
end
