-- `why`: each handler is asked whether it would take the message; none of them is run.

local vm = ...

local trace, globals = vm.trace, vm.globals
local rawget, rawset, type = rawget, rawset, type
local field, plain, limited, explain = trace.field, trace.plain, trace.limited, trace.explain

--- Handlers that are asked.
local MOST = 2000
local DEFAULT = "_default"

local asked, skipped, reached, own

--- What a pattern's answer means (as `verdict` in `.handlers`); nil for one that is none.
local function meaning(answer)
  local kind = type(answer)
  if kind == "boolean" then
    return answer and -1 or 0
  elseif kind == "number" then
    return answer < 0 and -1 or answer > 0 and 1 or 0
  elseif kind == "string" then
    return answer == "continue" and 1 or answer == "break" and -1 or 0
  end
  return nil
end

local function ask(handler, index, msg, matches, utils)
  local name, pattern = field(handler, "name"), field(handler, "pattern")
  local step = { index = index, name = plain(name), pattern = explain(matches, msg, pattern, limited) }
  -- The answer is the real one: that of whatever the process compares with now.
  local now = field(utils, "matchesSpec") or matches
  local outcome
  if type(now) == "function" then
    outcome = limited(now, msg, pattern)
  elseif type(pattern) == "function" then
    outcome = limited(pattern, msg)
  else
    outcome = { problem = "is no function" }
  end
  step.problem, step.asked = outcome.problem, not outcome.late
  if not outcome.problem then
    step.answer, step.code = plain(outcome.value), meaning(outcome.value)
    if outcome.value == nil then
      step.problem = "answers nil, which is no answer: handlers stop there"
    elseif step.code == nil then
      step.problem = "answers a " .. type(outcome.value) .. ", which is no answer: handlers stop there"
    end
  end
  return step
end

--- Has the handlers asked by the next message instead of run; what keeps them from that, or nothing, and whether the
--- process gives messages to its handlers in a way of its own.
function trace.ask()
  asked, skipped, reached = {}, 0, false
  local handlers, evaluate, problem = trace.found()
  if not handlers then
    return problem
  end
  own = evaluate ~= nil
  local matches, utils
  if own then
    matches, utils = trace.matching(evaluate)
  else
    utils = rawget(globals, "Utils")
    matches = field(utils, "matchesSpec")
  end
  rawset(handlers, "evaluate", function(msg)
    reached = true
    trace.open()
    local list = field(handlers, "list")
    own = own and not trace.veiled(list)
    -- A pattern may change the list: who is asked is known before.
    local all, count = {}, 0
    while field(list, count + 1) ~= nil do
      count = count + 1
      all[count] = count <= 2 * MOST and field(list, count) or nil
    end
    for index = 1, count do
      local handler = all[index]
      if field(handler, "name") == DEFAULT then
        asked[#asked + 1] = #asked < MOST and { index = index, name = DEFAULT, default = true } or nil
      elseif #asked < MOST then
        asked[#asked + 1] = ask(handler, index, msg, matches, utils)
      else
        skipped = skipped + 1
      end
    end
    return true
  end)
  return nil
end

--- What was found: {steps, skipped, reached, own}.
function trace.answers()
  return { steps = asked, skipped = skipped > 0 and skipped or nil, reached = reached, own = own }
end
