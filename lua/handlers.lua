--- Handlers: who answers which message, in which order, and who waits for one.

local _, host = ...

local error, pairs, select, type = error, pairs, select, type
local insert, remove = table.insert, table.remove
local resume, running, yield = coroutine.resume, host.raw.running, coroutine.yield

local utils = require(".utils")
local own_matches_spec = utils.matchesSpec

local SEED = not host.since("2.0.1")
local DEFAULT = "_default"

-- A live process is upgraded by loading this file again over its global `Handlers`; in aos 0.2.0 that empties the list.
local previous = Handlers
if type(previous) ~= "table" or not host.since("1") then
  previous = {}
end

local handlers = {
  _version = SEED and "0.0.3" or "0.0.5",
  list = previous.list or {},
  coroutines = previous.coroutines or {},
  onceNonce = previous.onceNonce or 0,
  utils = require(".handlers-utils"),
}

-- Arguments -------------------------------------------------------------------

local USAGE = "Invalid arguments given. Expected: \n\tname : string, \tpattern : Action : string | MsgMatch : table,\n"
  .. "\t\tfunction(msg: Message) : {-1 = break, 0 = skip, 1 = continue},\n"
  .. "\thandle(msg : Message) : void) | Resolver,\n"
  .. '\tMaxRuns? : number | "inf" | nil'

local SEED_USAGE = "(name : string, pattern : function(msg: Message) : {-1 = break, 0 = skip, 1 = continue}, "
  .. "handle(msg : Message) : void)"

-- The one who asks for it gets a handler made of what add, append and the like were given.
local function parse(what, ...)
  local name, pattern, handle, maxRuns = ...
  if SEED then
    if type(name) ~= "string" or type(pattern) ~= "function" or type(handle) ~= "function" then
      error("invalid arguments: handler." .. what .. SEED_USAGE)
    end
    return name, pattern, handle
  end
  if select("#", ...) == 2 then
    pattern, handle = name, pattern
  end
  local kind = type(pattern)
  if type(name) ~= "string" or kind ~= "function" and kind ~= "table" and kind ~= "string" then
    error(USAGE)
  end
  if type(handle) ~= "function" then
    handle = handlers.generateResolver(handle)
  end
  return name, pattern, handle, maxRuns
end

local function position(name)
  local list = handlers.list
  local index = 1
  local handler = list[1]
  while handler ~= nil do
    if handler.name == name then
      return index
    end
    index = index + 1
    handler = list[index]
  end
  return nil
end

-- Changes the handler of this name where it stands; false if there is none.
local function update(name, pattern, handle, maxRuns)
  local index = position(name)
  if not index then
    return false
  end
  local handler = handlers.list[index]
  handler.pattern, handler.handle, handler.maxRuns = pattern, handle, maxRuns
  return true
end

--- One handle out of a table of resolvers: pattern → handle. The first that matches answers.
function handlers.generateResolver(resolvers)
  return function(msg)
    for pattern, handle in pairs(resolvers) do
      if utils.matchesSpec(msg, pattern) then
        return handle(msg)
      end
    end
    return nil
  end
end

-- Adding ----------------------------------------------------------------------

--- Adds a handler at the end, or updates the one of this name; returns how many there are.
function handlers.add(...)
  local name, pattern, handle, maxRuns = parse("add", ...)
  if not update(name, pattern, handle, maxRuns) then
    insert(handlers.list, { name = name, pattern = pattern, handle = handle, maxRuns = maxRuns })
  end
  if SEED then
    return
  end
  return #handlers.list
end

--- Adds a handler at the end, or updates the one of this name.
function handlers.append(...)
  local name, pattern, handle, maxRuns = parse("append", ...)
  if not update(name, pattern, handle, maxRuns) then
    insert(handlers.list, { name = name, pattern = pattern, handle = handle, maxRuns = maxRuns })
  end
end

--- Adds a handler at the front, or updates the one of this name.
function handlers.prepend(...)
  local name, pattern, handle, maxRuns = parse("prepend", ...)
  if not update(name, pattern, handle, maxRuns) then
    insert(handlers.list, 1, { name = name, pattern = pattern, handle = handle, maxRuns = maxRuns })
  end
end

--- Adds a handler at the front that runs once: `once(name, pattern, handle)` or `once(pattern, handle)`.
function handlers.once(...)
  local name, pattern, handle
  if select("#", ...) == 3 then
    name, pattern, handle = ...
  else
    pattern, handle = ...
    name = "_once_" .. handlers.onceNonce
    handlers.onceNonce = handlers.onceNonce + 1
  end
  handlers.prepend(name, pattern, handle, 1)
end

local function beside(what, offset, complaint)
  return function(name)
    if type(name) ~= "string" then
      if SEED then
        error(name == nil and complaint or "name MUST be string")
      end
      error("Handler name MUST be a string")
    end
    local index = position(name)
    return {
      add = function(...)
        local new, pattern, handle, maxRuns = parse(what, ...)
        if index then
          insert(handlers.list, index + offset, { name = new, pattern = pattern, handle = handle, maxRuns = maxRuns })
        end
      end,
    }
  end
end

--- `before(name).add(…)`: puts a handler right before another.
handlers.before = beside(
  'before("foo").add',
  0,
  "invalid arguments: handlers.before(name : string) : { add = function(name, pattern, handler)}"
)
--- `after(name).add(…)`: puts a handler right after another.
handlers.after = beside(
  'after("foo").add',
  1,
  "invalid arguments: handlers.after(name : string) : { add = function(name, pattern, handler)}"
)

--- Takes a handler away.
function handlers.remove(name)
  if type(name) ~= "string" then
    error("name MUST be string")
  end
  local index = position(name)
  if index or SEED then
    -- without an index: the last one, in the oldest dialect
    remove(handlers.list, index)
  end
end

-- Evaluating ------------------------------------------------------------------

-- What a pattern may answer, and what it means: below 0 run it and stop, 0 not this one, above 0 run it and go on.
local function verdict(answer)
  local kind = type(answer)
  if kind == "number" then
    return answer
  elseif kind == "boolean" then
    return answer and -1 or 0
  elseif kind == "string" then
    return answer == "continue" and 1 or answer == "break" and -1 or 0
  end
  local text = "attern result is not valid, it MUST be string, number, or boolean"
  error(SEED and { message = "p" .. text } or "P" .. text)
end

--- Gives a message to the handlers, in order; to `_default` if none stops it (`trace:` is for `vm/trace/walk.lua`).
function handlers.evaluate(msg, env)
  if type(msg) ~= "table" then
    error("msg is not valid")
  elseif type(env) ~= "table" then
    error("env is not valid")
  end
  -- The list may be edited, and replaced, while it is walked: this walk is over the list that it began with.
  local list = handlers.list
  local index = 1
  local handler = list[1]
  while handler ~= nil do
    if handler.name ~= DEFAULT then
      local pattern = handler.pattern
      local answer -- trace: host.trace.asked(handler, index, msg)
      local matches_spec = utils.matchesSpec
      if matches_spec == own_matches_spec or SEED then
        -- The two common kinds of pattern, without a call.
        local kind = type(pattern)
        if kind == "string" and not SEED then
          answer = msg.Action == pattern
        elseif kind == "function" or SEED then
          answer = handler.pattern(msg)
        else
          answer = matches_spec(msg, pattern)
        end
      else
        answer = matches_spec(msg, pattern)
      end -- trace: host.trace.answered(answer)
      if answer then
        local code = answer == true and -1 or verdict(answer)
        if code ~= 0 then
          host.handler = handler.name -- trace: host.trace.began()
          if SEED then
            handler.handle(msg, env)
          else
            handler.handle(msg)
          end -- trace: host.trace.ended(code)
          local maxRuns = handler.maxRuns
          if maxRuns ~= nil and maxRuns ~= "inf" then
            handler.maxRuns = handler.maxRuns - 1
            if handler.maxRuns == 0 then
              handlers.remove(handler.name)
            end
          end
          if code < 0 then
            return true
          end
        end
      elseif answer == nil then
        verdict(answer)
      end
    end
    index = index + 1
    handler = list[index]
  end
  host.handler = DEFAULT -- trace: host.trace.default(index)
  local default = handlers.list[position(DEFAULT)]
  if SEED then
    return default.handle(msg, env)
  end
  return default.handle(msg)
end

-- Waiting ---------------------------------------------------------------------

-- The coroutine of an earlier message that a later one has woken.
local woken

--- Suspends the running handler until a message matches, and returns that message.
function handlers.receive(pattern)
  local waiting, name = running(), host.handler
  local of_message = host.of_message
  -- Whether it is a message's coroutine that waits, not one that the process made.
  local own = waiting == woken or not of_message or of_message(waiting)
  handlers.once(pattern, function(msg)
    host.handler, host.stirred = name, true
    if not own then
      -- Its first value is taken for whether all went well, as a message's would say: so it is on the network.
      local _, well, trouble = resume(waiting, msg)
      if not well then
        error(trouble, 0)
      end
      return
    end
    local before = woken
    woken = waiting
    local ok, err = resume(waiting, msg)
    woken = before
    if not ok then
      -- Whoever tells of the error finds its frames there.
      host.dead = waiting
      error(err, 0)
    end
  end)
  return yield(pattern)
end

if SEED then
  -- Not known to processes of that age.
  handlers.once, handlers.receive, handlers.generateResolver = nil, nil, nil
  handlers.coroutines, handlers.onceNonce = nil, nil
end

return handlers
