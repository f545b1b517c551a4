-- The coroutine that messages are evaluated in, and the module that does it.

local vm = ...

local type, pcall = type, pcall
local sethook = debug.sethook
local coroutine_create, yield, resume, status = coroutine.create, coroutine.yield, coroutine.resume, coroutine.status

local hook, burn, INTERVAL, host, flatten = vm.hook, vm.burn, vm.INTERVAL, vm.host, vm.results.flatten

--- What the module is, from the start of a process on:
--   handle, suspended, failed  its functions
--   encode                     our json.encode, whatever a process does to its own
--   new_environment            makes the environment anew, as the network does for every message
--   prepares                   whether messages come to it with names normalised
--   pristine                   whether what `prepares` stands for is still what it would do
--   title, kept                what makes a name Title-Case; the set of names that stay tags only
--   begin                      what is left to do before the first message, until it is done
local module = {}
vm.module = module

-- What runs for a message, counted: also the reading of its result, since tables of a process may have metamethods.
local function step(f, a, b, c)
  local result = f(a, b, c)
  local usual, last
  if module.prepares and type(result) == "table" then
    usual, last = pcall(flatten, result)
  end
  burn()
  return result, usual and last
end

-- The coroutine that messages are evaluated in. It serves the next message too, unless it waits inside this one, or the
-- process has got hold of it (`host.seen`): on the network each message has a coroutine of its own.
local worker, worker_state

local function new_worker()
  local state = { serving = true }
  local co = coroutine_create(function()
    local result, last
    while true do
      result, last = step(yield(result, last))
      state.finished = true
      if not state.serving or host.seen then
        return result, last
      end
    end
  end)
  -- up to where it gets a message: the first takes as many instructions as those after it
  resume(co)
  return co, state
end

-- Runs `f` in a coroutine. Returns whether that went well, the result or error, the coroutine, the last place in `out`
-- where the result has the usual form, and whether the process has suspended itself.
local function run(f, a, b, c)
  local co, state = worker, worker_state
  if not co or host.seen then
    host.seen = false
    co, state = new_worker()
  end
  worker = nil
  state.finished = false
  sethook(co, hook, "", INTERVAL)
  local ok, result, last = resume(co, f, a, b, c)
  if ok and state.finished then
    if status(co) == "suspended" then
      worker, worker_state = co, state
    end
    return not vm.hit, result, co, last, false
  end
  state.serving = false
  return ok and not vm.hit, result, co, nil, ok
end

vm.run = run
