-- A watched evaluation: what each handler was asked and did. `Handlers.evaluate` is a copy of our own in which the comments
-- `trace:` are code (`chunks.py`), with the variables of the one that it stands for.

local vm = ...

local trace, host, globals = vm.trace, vm.host, vm.globals
local getinfo, getupvalue, upvaluejoin = debug.getinfo, debug.getupvalue, debug.upvaluejoin
local rawget, rawset, rawlen, type, load, setmetatable = rawget, rawset, rawlen, type, load, setmetatable
local error, pairs, select = error, pairs, select
local find, sub = string.find, string.sub
local field, plain = trace.field, trace.plain

--- Handlers that are noted, lines that are kept and bytes of them.
local MOST_STEPS, MOST_LINES, MOST_BYTES = 2000, 1000, 65536

--- What is noted, in order.
local steps, noted, current, skipped
local bytes_left, lines_left

local function start_anew()
  steps, noted, current, skipped = {}, 0, nil, 0
  bytes_left, lines_left = MOST_BYTES, MOST_LINES
end

-- What has been printed -----------------------------------------------------------------------------------------------

--- How much was printed so far: lines, or in the oldest dialects bytes.
local function printed()
  local logs = rawget(globals, "HANDLER_PRINT_LOGS")
  if type(logs) == "table" then
    return rawlen(logs)
  end
  local data = field(field(field(rawget(globals, "ao"), "outbox"), "Output"), "data")
  return type(data) == "string" and #data or 0
end

--- What was printed from there on, as a list of lines.
local function lines_since(mark)
  local logs = rawget(globals, "HANDLER_PRINT_LOGS")
  local lines = {}
  if type(logs) == "table" then
    for i = mark + 1, rawlen(logs) do
      local line = rawget(logs, i)
      if lines_left <= 0 or bytes_left <= 0 then
        lines[#lines + 1] = "…"
        break
      end
      line = type(line) == "string" and sub(line, 1, bytes_left) or "(no text)"
      lines_left, bytes_left = lines_left - 1, bytes_left - #line
      lines[#lines + 1] = line
    end
    return lines
  end
  local data = field(field(field(rawget(globals, "ao"), "outbox"), "Output"), "data")
  if type(data) == "string" and #data > mark then
    local text = sub(data, mark == 0 and 1 or mark + 2, mark + 1 + bytes_left)
    bytes_left = bytes_left - #text
    lines[1] = text
  end
  return lines
end

local KINDS = { "Messages", "Spawns", "Assignments" }

--- How many messages, spawns and assignments there are to send so far.
local function sent()
  local outbox = field(rawget(globals, "ao"), "outbox")
  local counts = {}
  for i = 1, #KINDS do
    local list = field(outbox, KINDS[i])
    counts[i] = type(list) == "table" and rawlen(list) or 0
  end
  return counts
end

--- What comes now is printed and sent by this handler.
local function open(step)
  step.mark, step.sent_from = printed(), sent()
end

--- What has come since `open` was this handler's.
local function flush(step)
  if step.mark then
    local lines = lines_since(step.mark)
    for i = 1, #lines do
      step.printed[#step.printed + 1] = lines[i]
    end
    step.sent[#step.sent + 1] = { from = step.sent_from, to = sent() }
    step.mark, step.sent_from = nil, nil
  end
end

local stack = {}

--- A handler begins, maybe inside of another one.
local function begin(step)
  local outer = stack[#stack]
  if outer then
    flush(outer)
  end
  step.depth = #stack
  stack[#stack + 1] = step
  step.ran, step.printed, step.sent = true, {}, {}
  open(step)
end

local function close(step, code)
  step.code = code
  flush(step)
  -- Whoever waited inside of another handler goes on under that one's name.
  local now = host.handler
  if type(step.name) == "string" and find(step.name, "^_once_%d+$") and type(now) == "string" and now ~= step.name then
    step.resumed = plain(now)
  end
end

-- What the copy of `Handlers.evaluate` tells ---------------------------------------------------------------------------

local matches

local told = {}

--- A handler is asked whether it takes the message.
function told.asked(handler, index, msg)
  if noted >= MOST_STEPS then
    current, skipped = nil, skipped + 1
    return
  end
  local pattern = field(handler, "pattern")
  current = { index = index, name = plain(field(handler, "name")), pending = true, depth = #stack }
  noted = noted + 1
  steps[noted] = current
  current.pattern = trace.explain(matches, msg, pattern)
end

function told.answered(answer)
  if current then
    current.pending = nil
    current.answer = plain(answer)
  end
end

--- Its function is called.
function told.began()
  -- One that is not told of has its turn all the same.
  local step = current or {}
  begin(step)
  vm.burn()
  step.gas = vm.spent()
end

function told.ended(code)
  local step = stack[#stack]
  if not step then
    return
  end
  stack[#stack] = nil
  vm.burn()
  step.gas = vm.spent() - step.gas - trace.overhead
  step.gas = step.gas > 0 and step.gas or 0
  close(step, code)
  if stack[#stack] then
    open(stack[#stack])
  end
end

--- None of them has stopped the message.
function told.default(index)
  local step = { index = index, name = "_default", default = true }
  if noted < MOST_STEPS then
    noted = noted + 1
    steps[noted] = step
  end
  begin(step)
end

--- Instructions that `burn` and what stands around it are counted for a handler that does nothing.
trace.overhead = 50

-- Putting the copy in place -------------------------------------------------------------------------------------------

local function nothing()
  return {}
end

--- The function `evaluate` that the code makes, which has none of its variables yet.
local function made_of(code)
  local bare = {
    error = error,
    pairs = pairs,
    select = select,
    type = type,
    table = { insert = nothing, remove = nothing },
    coroutine = { resume = nothing, yield = nothing },
    require = nothing,
  }
  return load(code, "=.handlers", "b", setmetatable(bare, { __metatable = false }))(".handlers", host).evaluate
end

local function own(f)
  return type(f) == "function" and getinfo(f, "S").source == ".handlers"
end

--- The variable of a function that has this name: its number and its value.
local function variable(f, wanted)
  for index = 1, 255 do
    local name, value = getupvalue(f, index)
    if not name then
      return nil
    elseif name == wanted then
      return index, value
    end
  end
end

--- The copy, which shares each variable with `evaluate`; nil where that has not all of them.
local function twin_of(evaluate, code)
  local copy = made_of(code)
  for index = 1, 255 do
    local name = getupvalue(copy, index)
    if not name then
      return copy
    end
    local there = variable(evaluate, name)
    if not there then
      return nil
    end
    upvaluejoin(copy, index, evaluate, there)
  end
end

--- The process's `Handlers`, its `evaluate`, and why that cannot be watched.
local function found()
  local handlers = rawget(globals, "Handlers")
  if type(handlers) ~= "table" then
    return nil, nil, "the process has no table Handlers"
  end
  local evaluate = rawget(handlers, "evaluate")
  if not own(evaluate) then
    return handlers, nil, "the process has a Handlers.evaluate of its own"
  end
  return handlers, evaluate
end
trace.found = found

--- The `matchesSpec` that the handlers came with; nil in the oldest dialects, and what `utils` they use.
function trace.matching(evaluate)
  local _, spec = variable(evaluate, "own_matches_spec")
  local _, utils = variable(evaluate, "utils")
  return spec, utils
end

--- Has the next message watched; what keeps it from that, or nothing.
function trace.walk(code)
  start_anew()
  stack = {}
  local handlers, evaluate, problem = found()
  if problem then
    return problem
  end
  local copy = twin_of(evaluate, code)
  if not copy then
    return "the process has a Handlers.evaluate of its own"
  end
  matches = trace.matching(evaluate)
  host.trace = told
  rawset(handlers, "evaluate", copy)
  return nil
end

--- What was noted: {steps, skipped}.
function trace.walked()
  for i = #stack, 1, -1 do
    -- It has failed, or waits inside; or it is the last, after which nothing is told.
    local step = stack[i]
    step.left = not step.default or nil
    close(step)
    step.resumed = nil
  end
  stack = {}
  return { steps = steps, skipped = skipped > 0 and skipped or nil }
end
