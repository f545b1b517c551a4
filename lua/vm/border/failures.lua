-- What is said of an evaluation that has failed: the text, the limit that was hit, the handler and the frames.

local vm = ...

local tostring, type, error, pcall, next = tostring, type, error, pcall, next
local getmetatable, ipairs, rawget, rawlen = debug.getmetatable, ipairs, rawget, rawlen
local format, sub = string.format, string.sub
local unpack, concat, sort = table.unpack, table.concat, table.sort

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

-- Text of an error value that is no table.
local function message_of(err)
  local kind = type(err)
  if kind == "string" then
    return err
  elseif kind == "number" or kind == "boolean" or kind == "nil" then
    return tostring(err)
  end
  return format("error object is a %s value", kind == "userdata" and "host" or kind)
end

-- Fields of a thrown table that are named, and characters of one.
local MOST_FIELDS, LONGEST_FIELD = 8, 200

local function shown(value)
  local kind = type(value)
  if kind == "table" then
    return "{...}"
  elseif kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
    return "a " .. kind -- not by its address
  end
  local text = tostring(value)
  return #text > LONGEST_FIELD and sub(text, 1, LONGEST_FIELD) .. "..." or text
end

--- What a thrown table says of itself by its __tostring: code of the process, within limits of its own.
local function said_by(err)
  local meta = getmetatable(err)
  if type(meta) == "table" and rawget(meta, "__tostring") ~= nil then
    return tostring(err)
  end
end

--- A thrown table by its fields.
local function fields_of(err)
  local keys, n = {}, 0
  for key in next, err do
    if type(key) == "string" then
      n = n + 1
      keys[n] = key
    end
  end
  sort(keys)
  local parts = {}
  for i = 1, rawlen(err) < MOST_FIELDS and rawlen(err) or MOST_FIELDS do
    parts[i] = shown(rawget(err, i))
  end
  for i = 1, n do
    if #parts < MOST_FIELDS then
      parts[#parts + 1] = keys[i] .. " = " .. shown(rawget(err, keys[i]))
    end
  end
  return #parts > 0 and concat(parts, ", ") or nil
end

local function text_of(err)
  for _, tell in ipairs({ said_by, fields_of }) do
    limits_begin(1000000, 5)
    local ok, text = run(tell, err)
    if ok and type(text) == "string" and text ~= "" then
      return text
    end
  end
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
    if type(err) == "table" then
      local text = text_of(err)
      if text then
        message, err = text, text
      end
    end
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
    report[n + 4], report[n + 5] = frame.first, frame.last
    n = n + 5
  end
  return unpack(report, 1, n)
end

vm.failure = failure
