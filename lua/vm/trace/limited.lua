-- A function of the process's, called by us while one of its messages is evaluated, within limits of its own.

local vm = ...

local trace = vm.trace
local create, resume, status = coroutine.create, coroutine.resume, coroutine.status
local type = type

--- Instructions and seconds for one call, and seconds for all of them.
local INSTRUCTIONS, SECONDS, ALTOGETHER = 10000000, 2, 10

local deadline

--- From here on so much time is left for all calls.
function trace.open()
  deadline = vm.now() + ALTOGETHER
end

local HIT = { instructions = "does not end", time = "does not end in time", memory = "needs more memory than there is" }

--- What f(…) says: {value}, or {problem} in words. The message's own limits begin anew after it.
function trace.limited(f, ...)
  if vm.now() > deadline then
    return { problem = "was not asked: there is no time left", late = true }
  end
  local co = create(f)
  vm.watch(co)
  vm.begin(INSTRUCTIONS, SECONDS)
  local ok, value = resume(co, ...)
  local hit = vm.hit
  local outcome = {}
  if hit then
    outcome.problem = HIT[hit] or "ends the process"
  elseif not ok then
    local text = vm.verdict(co, value)
    outcome.problem = "fails: " .. (type(text) == "string" and trace.plain(text) or "an error that is no text")
    if vm.hit then
      outcome.problem = HIT[vm.hit] or outcome.problem
    end
  elseif status(co) == "suspended" then
    outcome.problem = "waits for another message"
  else
    outcome.value = value
  end
  vm.begin(nil, ALTOGETHER)
  return outcome
end
