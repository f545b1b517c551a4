--- What is there of SQLite from the start: the Lua functions that Python calls, and the way to the other parts.
--
-- SQLite's user functions lead back into Lua. What Python holds of Lua belongs to the coroutine that gave it, and must be
-- the main one. So Python gets these at the start, from here; they lead to where the other parts, which are read when
-- they are first needed, put their own.

local vm = ...

local error = error
local host = vm.host

local called = {}
vm.called = called

vm.register(function(operations)
  return called.tick(operations)
end, function(...)
  return called.call(...)
end, function()
  return host.time
end)

-- Uncounted, as all that is done only once.
local fetch = vm.aside(function()
  vm.part("sqlite/init")
end)

--- Makes the module `lsqlite3`; an error where Python has no SQLite for it.
function host.sqlite()
  if not vm.sqlite then
    local ok, problem = fetch()
    if not ok then
      vm.sqlite_parts = nil -- half of them; the next time they are all read again
      error(problem, 0)
    end
  end
  return vm.sqlite()
end
