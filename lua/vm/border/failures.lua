-- What is said of an evaluation that has failed: the text, the limit that was hit, the handler and the frames.

local vm = ...

local tostring, type, error, pcall = tostring, type, error, pcall
local format = string.format
local unpack = table.unpack

local limits_begin, spent, INTERVAL = vm.begin, vm.spent, vm.INTERVAL
local host, module, run, FAILED = vm.host, vm.module, vm.run, vm.results.FAILED

--- Limits for the evaluations to come: instructions and seconds, each a number or nil.
local limits = {}
vm.limits = limits

local HITS = {
  instructions = function()
    return format("instruction limit of %d reached", limits.instructions or 0)
  end,
  time = function()
    return format("time limit of %s seconds reached", tostring(limits.seconds))
  end,
  memory = function()
    return "memory limit reached: not enough memory"
  end,
  -- no limit, but as little to be stopped: os.exit
  exit = function()
    return vm.exited
  end,
}

-- Text of an error value; a process's own __tostring is not called here.
local function message_of(err)
  local kind = type(err)
  if kind == "string" then
    return err
  elseif kind == "number" or kind == "boolean" or kind == "nil" then
    return tostring(err)
  end
  return format("error object is a %s value", kind == "userdata" and "host" or kind)
end

local function failure(err, co)
  if type(err) == "userdata" then
    error(err, 0) -- an exception of the host (Ctrl-C) on its way out
  end
  err = vm.verdict(co, err)
  local gas, hit, handler = spent(), vm.hit, host.handler
  if not hit then
    gas = gas + INTERVAL // 2 -- what has been used since the last full interval cannot be known any more
  end
  -- Where a handler that had waited failed, the frames are in its own coroutine.
  local failed_in = host.dead or co
  host.dead = nil
  local message
  local frames = {}
  pcall(function()
    frames = vm.frames(failed_in)
  end)
  if hit then
    message = HITS[hit]()
    local place = frames[1]
    if place and hit ~= "exit" then
      message = format('[string "%s"]:%d: %s', place.chunk, place.line, message)
    end
    err = { limit = hit, message = message }
  else
    message = message_of(err)
  end
  -- The text is made by the module, which runs with a small budget of its own.
  limits_begin(1000000, 5)
  local ok, text = true, message
  if hit == "exit" then
    hit = nil
  elseif module.failed then
    ok, text = run(module.failed, err)
  end
  if not ok or type(text) ~= "string" then
    text = message
  end
  local report = { FAILED, gas, text, hit, message, type(handler) == "string" and handler or nil }
  local n = 6
  for i = 1, #frames do
    local frame = frames[i]
    report[n + 1], report[n + 2], report[n + 3] = frame.origin or frame.chunk, frame.line, frame.name
    n = n + 3
  end
  return unpack(report, 1, n)
end

vm.failure = failure
