--- When garbage is collected: all of it in one go, at moments of our choosing.
--
-- In a loop Lua may give the same function again, but not while a collection is under way: whether two functions are equal
-- would be different from run to run. And a collection makes a stack smaller; on one that has just overflown there is no
-- room left then to ask what happened. So Lua's own collector only steps in where memory grows by a lot between two looks.

local vm = ...

local collectgarbage = collectgarbage

--- A small heap is collected seldom: a collection costs more than the garbage of many messages weighs. In KB.
local SMALL, SELDOM, OFTEN = 4096, 10, 2
--- What may be added before Lua's own collector steps in: several of the largest stacks. In KB.
local ROOM = 128 << 10

local due

collectgarbage("setstepmul", 1 << 30)

--- Lua's own collector waits from here on until there is that much more.
local function make_room()
  collectgarbage("step", -ROOM)
end

--- Collects all garbage.
function vm.collect()
  collectgarbage()
  make_room()
  local count = collectgarbage("count")
  due = count * (count < SMALL and SELDOM or OFTEN)
end

--- Looks at the size of the heap, now and then.
function vm.tend()
  local count = collectgarbage("count")
  if not due then
    due = count * (count < SMALL and SELDOM or OFTEN)
  elseif count > due then
    vm.collect()
  end
end

--- Holds all collections back, until `vm.let_collect`.
function vm.hold_collections()
  collectgarbage("stop")
end

function vm.let_collect()
  collectgarbage("restart")
  make_room()
end
