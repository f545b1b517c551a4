--- What happens to one message: from the network's JSON, already decoded, to the result.

local _, host = ...

local error, ipairs, pcall, rawequal, type = error, ipairs, pcall, rawequal, type
local concat, insert, move, remove = table.concat, table.insert, table.move, table.remove
local running, status = host.raw.running, coroutine.status
local loaded = package.loaded
-- The process's own copies of these libraries: they are ours to change.
local os_library, math_library = os, math

local since = host.since
-- FIRST: aos 0.2.0; SEED: the 0.2 series; LATE: from 2.0.3 on.
local FIRST, SEED, LATE, NEW = not since("1"), not since("2.0.1"), since("2.0.3"), since("2.0.6")
-- What each generation's module says of itself; the others say their name.
local VERSIONS = { ["1"] = "0.2.1", ["2.0.6"] = "2.0.4" }
local MAX_INBOX = 10000
-- What the oldest processes are told about the time, always.
local SEED_TIME = 10

local process = { _version = VERSIONS[host.dialect] or host.dialect }

local own_ao = require(".ao")
ao = own_ao
if SEED then
  loaded[".ao"] = nil
end
require(".process-globals").install(process._version)

local chance = require(".chance")
local json = require("json")
local message = require(".process-message")
local failure = require(".process-failure")
local equip, split_tags = message.equip, message.split_tags

-- ao in a process -------------------------------------------------------------

-- A table as Data travels as JSON.
local bare_send, bare_spawn = own_ao.send, own_ao.spawn

local function with_json(msg)
  if type(msg.Data) == "table" then
    msg["Content-Type"] = "application/json"
    msg.Data = json.encode(msg.Data)
  end
end

function own_ao.send(msg)
  -- not with_json(msg): the network's errors name this variable
  if type(msg.Data) == "table" then
    with_json(msg)
  end
  return bare_send(msg)
end

function own_ao.spawn(source, msg)
  if type(msg.Data) == "table" then
    with_json(msg)
  end
  return bare_spawn(source, msg)
end

-- Random numbers and time -----------------------------------------------------

--- Like Lua's own, but the same on every node.
local function random(a, b, c)
  if a == nil or c ~= nil then
    return chance.random()
  elseif b == nil then
    return chance.integer(1, a)
  end
  return chance.integer(a, b)
end

math_library.random = random
--- Does nothing: the network seeds.
function math_library.randomseed() end

local own_time = os_library.time

-- State -----------------------------------------------------------------------

Inbox = Inbox or {}
Errors = Errors or {}
if not SEED then
  HANDLER_PRINT_LOGS = HANDLER_PRINT_LOGS or {}
end

-- What the first messages bring, and what a process may have lost.
local function initialise(msg, env)
  if not Seeded then
    chance.seed(message.seed(msg))
    math_library.random = random
    Seeded = true
  end
  Errors = Errors or {}
  Inbox = Inbox or {}
  local tags = env.Process.Tags
  if not Owner and (not LATE or msg.Id == env.Process.Id) then
    Owner = tags["From-Process"] or msg.From
  end
  if not Name then
    Name = tags.Name or "aos"
  end
end

local function insert_inbox(msg)
  if type(Inbox) ~= "table" then
    insert(Inbox, msg)
  end
  local count = #Inbox + 1
  Inbox[count] = msg
  if count > MAX_INBOX + 1 then
    move(Inbox, count - MAX_INBOX + 1, count, 1)
    for index = count, MAX_INBOX + 1, -1 do
      Inbox[index] = nil
    end
  elseif count > MAX_INBOX then
    remove(Inbox, 1)
  end
end

-- The built-in handlers -------------------------------------------------------

local function is_eval(msg)
  return msg.Action == "Eval" and Owner == msg.From
end

local function is_boot(msg)
  return msg.Tags.Type == "Process" and Owner == msg.From
end

local function is_anything()
  return true
end

-- What was put in place last, and where; while all of it still stands, there is nothing to do.
local eval_module, default_module, eval_handle, default_handle, eval_ao
local eval_entry, default_entry, eval_at, default_at
local handlers_add, handlers_append = Handlers.add, Handlers.append

local function find_handler(name)
  for index, handler in ipairs(Handlers.list) do
    if handler.name == name then
      return handler, index
    end
  end
  return nil
end

local function place_handlers()
  if eval_module ~= require(".eval") or eval_ao ~= ao then
    eval_module, eval_ao = require(".eval"), ao
    eval_handle = eval_module(ao)
  end
  if default_module ~= require(".default") then
    default_module = require(".default")
    default_handle = default_module(insert_inbox)
  end
  Handlers.add("_eval", is_eval, eval_handle)
  Handlers.append("_default", is_anything, default_handle)
  eval_entry, eval_at = find_handler("_eval")
  default_entry, default_at = find_handler("_default")
end

local function stands(entry, name, pattern, handle)
  return entry.handle == handle and entry.pattern == pattern and entry.name == name and entry.maxRuns == nil
end

local function standing()
  local all = Handlers
  local list = all.list
  local eval, default = list[eval_at], list[default_at]
  return eval ~= nil
    and default ~= nil
    and rawequal(eval, eval_entry)
    and rawequal(default, default_entry)
    and stands(eval, "_eval", is_eval, eval_handle)
    and stands(default, "_default", is_anything, default_handle)
    and all.add == handlers_add
    and all.append == handlers_append
    and eval_ao == ao
    and loaded[".eval"] == eval_module
    and loaded[".default"] == default_module
end

-- Coroutines ------------------------------------------------------------------

-- The message at work, and the coroutine it began in.
local current, current_coroutine

--- Whether the message at work began in this coroutine.
function host.of_message(co)
  return co == current_coroutine
end

-- Whether a handler is running: errors before and after are told without the lines about handlers.
local evaluating = false

-- Lists the coroutine if it waits, and drops dead ones. The network lists it first and skips one after each that it drops,
-- so that the coroutine of the last message may stay for a while.
local function settle(suspended)
  local list = Handlers.coroutines
  if not suspended and (list[1] == nil or not host.stirred and status(list[#list]) ~= "dead") then
    return
  end
  host.stirred = false
  local own = suspended and current_coroutine or running()
  host.seen = true
  insert(list, own)
  local index = 1
  while list[index] ~= nil do
    local co = list[index]
    if status(co) == "dead" or co == own and not suspended then
      remove(list, index)
    end
    index = index + 1
  end
  for i = 1, #list do
    if status(list[i]) == "dead" then
      host.stirred = true
    end
  end
end

-- The lines of this message, as long as the process has not put another table in their place.
local fresh_logs

-- Results ---------------------------------------------------------------------

local own_result = own_ao.result

local function finish(msg)
  local outbox = ao.outbox
  if SEED then
    return outbox.Error == "" and {} or ao.result({})
  end
  local logs = HANDLER_PRINT_LOGS
  local data = logs == fresh_logs and logs[1] == nil and "" or concat(HANDLER_PRINT_LOGS, "\n")
  if outbox.Error == "" then
    -- An error for Lua, none for the network's JavaScript: it finds nothing in the result at all.
    return {}
  end
  local output
  if msg.Action == "Eval" then
    output = { data = data, prompt = Prompt(), test = Dump(HANDLER_PRINT_LOGS) }
  else
    output = { data = data, prompt = Prompt(), print = true }
  end
  if ao == own_ao and ao.result == own_result and not outbox.Error then
    return { Output = output, Messages = outbox.Messages, Spawns = outbox.Spawns, Assignments = outbox.Assignments }
  end
  return ao.result({ Output = output })
end

-- The message is refused: `what` says why.
local function refuse(msg, what, answer)
  if answer and (SEED or msg.From ~= ao.id) then
    ao.send({ Target = msg.From, Data = what .. " is not trusted by this process!" })
  end
  print(what .. " is not trusted! From: " .. msg.From .. " - Owner: " .. msg.Owner)
  return ao.result({})
end

-- In aos 0.2.1 a handler's error is printed, and the message is a message like any other; an Eval's is the result,
-- whatever value it is. In aos 0.2.0 every error is the result.
local function evaluate_seed(msg)
  local ok, err = pcall(Handlers.evaluate, msg, ao.env)
  if ok then
    return nil
  end
  local eval, kind = FIRST or msg.Action == "Eval", type(err)
  if eval and (kind ~= "string" or err == "") and kind ~= "function" and kind ~= "thread" then
    insert(Errors, err)
    return err ~= "" and { Error = err } or {}
  end
  -- What is no text cannot be printed: that is a failure of the whole message.
  if eval or kind ~= "string" and kind ~= "number" then
    error(err, 0)
  end
  for _, line in ipairs(failure.lines(msg, failure.text(err))) do
    print(line)
  end
  return nil
end

local own_assignment = own_ao.isAssignment

-- From the moment when the message and the environment have their final form.
local function serve(msg)
  local lib = ao
  local env = lib.env
  local id = env.Process.Id
  if not (Seeded and Owner and Name and Inbox and Errors) then
    initialise(msg, env)
  end
  lib.id = id
  host.time = SEED and SEED_TIME or msg.Timestamp
  if os_library.time ~= own_time then
    os_library.time = own_time
  end
  if msg.Tags["Content-Type"] == "application/json" then
    msg.Data = json.decode(msg.Data or "{}")
  end
  if not SEED then
    fresh_logs = {}
    HANDLER_PRINT_LOGS = fresh_logs
  end
  lib.clearOutbox()

  if not FIRST and msg.From ~= msg.Owner and not ao.isTrusted(msg) then
    return refuse(msg, "Message", not NEW)
  end
  if not FIRST and (lib.isAssignment ~= own_assignment or msg.Target ~= id) and ao.isAssignment(msg) and not ao.isAssignable(msg) then
    return refuse(msg, "Assignment", true)
  end

  if not SEED and (not LATE or msg.Id == id) then
    Handlers.once("_boot", is_boot, require(".boot")(ao))
  end
  if not standing() then
    place_handlers()
  end

  local outer, outer_coroutine = current, current_coroutine
  current, current_coroutine = msg, running()
  evaluating = true
  local answer
  if SEED then
    answer = evaluate_seed(msg)
  else
    equip(msg)
    Handlers.evaluate(msg, env)
  end
  if current ~= msg then
    -- It waited, and was woken by another message, whose result is not its business.
    return nil
  end
  evaluating = outer ~= nil
  if not SEED and Handlers.coroutines[1] ~= nil then
    settle(false)
  end
  current, current_coroutine = outer, outer_coroutine
  return answer or finish(msg)
end

--- Handles a message whose tags are an array, as the network gives it.
function process.handle(msg, env)
  if env ~= ao then
    ao.init(env)
  end
  msg = message.normalise(msg)
  split_tags(msg)
  if ao.env.Process.TagArray == nil then
    split_tags(ao.env.Process)
  end
  return serve(msg)
end

-- The engine's side -----------------------------------------------------------

local own_init, own_clear = own_ao.init, own_ao.clearOutbox

-- `ao.init` for an environment whose tags are a table already.
local function init_prepared(env)
  local of_process = env.Process
  local tags = of_process.Tags
  of_process.Tags = of_process.TagArray
  ao.init(env)
  of_process.Tags = tags
end

-- The authorities that the environment names, once `ao.init` has merged them.
local merged

local function init(env)
  if ao ~= own_ao or own_ao.init ~= own_init or not merged or own_ao.id ~= env.Process.Id then
    init_prepared(env)
    merged = {}
    for index, authority in ipairs(ao.authorities) do
      merged[index] = authority
    end
    return
  end
  local authorities = own_ao.authorities
  for index = 1, #merged do
    if authorities[index] ~= merged[index] then
      init_prepared(env)
      return
    end
  end
  own_ao.env = env
  if own_ao.clearOutbox ~= own_clear then
    own_clear()
  end
end

--- Evaluates a message. `prepared`: names and tags of it and of `env` have their final form.
function host.handle(msg, env, prepared)
  current, current_coroutine, evaluating = nil, nil, false
  if not prepared then
    return process.handle(msg, env)
  end
  init(env)
  return serve(msg)
end

--- The result of the message whose evaluation was suspended.
function host.suspended()
  local msg = current
  settle(true)
  current, current_coroutine, evaluating = nil, nil, false
  return finish(msg)
end

--- The text of the result's Error.
function host.failed(err)
  local msg, inside = current, evaluating
  current, current_coroutine, evaluating = nil, nil, false
  local text = failure.text(err)
  if not inside or not msg then
    return text
  end
  if msg.Action == "Eval" and type(Errors) == "table" then
    insert(Errors, text)
  end
  return failure.report(msg, text, HANDLER_PRINT_LOGS)
end

return process
