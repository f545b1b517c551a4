-- The border: one message in, one tuple out. Python builds no tables and walks none (each key would cost more than a
-- handler does); it hands over values, and gets values.
--
-- What `evaluate` and its kin return, by their first value:
--   FAST      gas, data, prompt, test|true, count, then for each message: Target, Data, Anchor, tags, name, value, …
--             `tags` is their number; where they begin with the three that all messages have, those are left out, and
--             `tags` is 2 minus their number
--   JSON      gas, the result as the network writes it
--   FAILED    gas, text, hit|nil, message|nil, handler|nil, then for each frame: chunk, line, name
--   LOCALE    the host's locale would be heard; nothing was evaluated
local vm = ...

local FAST, JSON, FAILED, LOCALE = 1, 2, 3, 4

local coroutine_create, resume, status, yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield
local sethook, unpack, type, next, pcall, tostring = debug.sethook, table.unpack, type, next, pcall, tostring
local match, format, gmatch, concat = string.match, string.format, string.gmatch, table.concat
local math_type, tointeger = math.type, math.tointeger
local load = load
local getmetatable, ipairs, rawequal, rawget, error = getmetatable, ipairs, rawequal, rawget, error

local limits_begin, burn, spent, hook, INTERVAL = vm.begin, vm.burn, vm.spent, vm.hook, vm.INTERVAL
local leave_walks = vm.leave_walks
local shapes, decode = vm.shapes, vm.values.decode
local host, globals = vm.host, vm.globals

local border = {}

-- ── the module ────────────────────────────────────────────────────────────────────────────────────────────────

local encode -- our json.encode, whatever a process does to its own
local handle, suspended, failed -- the module's
local new_environment -- makes the environment anew, as the network does for every message
local prepares -- whether messages come to this module with names normalised
local pristine -- whether what `prepares` stands for is still what the module would do

-- What is left to do before the first message, until it is done.
local begin

local function begin_if_needed()
  if begin then
    local f = begin
    begin = nil
    -- nothing of what is made here is garbage
    vm.hold_collections()
    f()
    vm.let_collect()
  end
end

local instructions, seconds

--- Limits for the evaluations to come: instructions and seconds, each a number or nil.
function border.limit(max_instructions, max_seconds)
  instructions, seconds = max_instructions, max_seconds
end

-- ── results ───────────────────────────────────────────────────────────────────────────────────────────────────

-- Values that are returned at once; what is more goes as JSON.
local MOST = 50000

-- The list that `flatten` fills: always the same one, nothing is made anew.
local out = {}

-- Puts what a message says into `out` after place `n`; returns the last place, or nil where it is no usual message.
-- Tags that every message begins with are left out, and their number counted negative.
local function flatten_message(message, n)
  if type(message) ~= "table" then
    return nil
  end
  local target, text, anchor, tags = message.Target, message.Data, message.Anchor, message.Tags
  if type(target) ~= "string" or type(anchor) ~= "string" or type(tags) ~= "table" then
    return nil
  end
  local keys = 3
  if text ~= nil then
    if type(text) ~= "string" then
      return nil
    end
    keys = 4
  end
  for _ in next, message do
    keys = keys - 1
  end
  if keys ~= 0 then
    return nil
  end
  local last = #tags
  if math_type(last) ~= "integer" or last < 0 or n + 2 * last > MOST then
    return nil
  end
  out[n + 1], out[n + 2], out[n + 3], out[n + 4] = target, text, anchor, last
  local first = 1
  local a, b, c = tags[1], tags[2], tags[3]
  if
    last >= 3
    and a.name == "Data-Protocol"
    and a.value == "ao"
    and b.name == "Variant"
    and b.value == "ao.TN.1"
    and c.name == "Type"
    and c.value == "Message"
  then
    out[n + 4] = 2 - last
    first = 4
  end
  n = n + 4
  for j = first, last do
    local tag = tags[j]
    local name, value = tag.name, tag.value
    -- A name and a value, and no third field; asked so that Lua's order does not show in the number of instructions.
    if type(name) ~= "string" or type(value) ~= "string" or next(tag, next(tag, next(tag))) ~= nil then
      return nil
    end
    out[n + 1], out[n + 2] = name, value
    n = n + 2
  end
  return n
end

-- The result as a flat list of strings in `out`, if it has the usual form and nothing else: the last place, else nil.
-- Whatever else it is raises an error here, or gives nil.
local function flatten(result)
  if result.Error ~= nil then
    return nil
  end
  local output, messages = result.Output, result.Messages
  if next(result.Spawns) ~= nil or next(result.Assignments) ~= nil then
    return nil
  end
  local data, prompt, test = output.data, output.prompt, output.test
  if test == nil then
    test = output.print
    if test ~= true then
      return nil
    end
  elseif type(test) ~= "string" then
    return nil
  end
  if type(data) ~= "string" or type(prompt) ~= "string" then
    return nil
  end
  local keys = 3
  for _ in next, output do
    keys = keys - 1
  end
  if keys ~= 0 then
    return nil
  end
  local count, n = 0, 6
  for key in next, messages do
    count = count + 1
    if key ~= count then
      return nil
    end
    n = flatten_message(messages[key], n)
    if not n then
      return nil
    end
  end
  out[1], out[3], out[4], out[5], out[6] = FAST, data, prompt, test, count
  return n
end

-- What runs for a message, counted: also the reading of its result, since tables of a process may have metamethods.
local function step(f, a, b, c)
  local result = f(a, b, c)
  local usual, last
  if prepares and type(result) == "table" then
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

-- ── failures ──────────────────────────────────────────────────────────────────────────────────────────────────

local HITS = {
  instructions = function()
    return format("instruction limit of %d reached", instructions or 0)
  end,
  time = function()
    return format("time limit of %s seconds reached", tostring(seconds))
  end,
  memory = function()
    return "memory limit reached: not enough memory"
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
    if place then
      message = format('[string "%s"]:%d: %s', place.chunk, place.line, message)
    end
    err = { limit = hit, message = message }
  else
    message = message_of(err)
  end
  -- The text is made by the module, which runs with a small budget of its own.
  limits_begin(1000000, 5)
  local ok, text = true, message
  if failed then
    ok, text = run(failed, err)
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

-- ── evaluation ────────────────────────────────────────────────────────────────────────────────────────────────

-- Messages since the last look at the size of the heap.
local since = 0

local function evaluate(message, prepared)
  if begin then
    begin_if_needed()
  end
  limits_begin(instructions, seconds)
  leave_walks()
  since = since + 1
  if since == 64 then
    since = 0
    vm.tend()
  end
  host.handler = nil
  local ok, result, co, last, waits = run(handle, message, new_environment(prepared), prepared)
  if ok and waits then
    ok, result, co, last = run(suspended)
  end
  if not ok then
    return failure(result, co)
  elseif last then
    out[2] = spent()
    return unpack(out, 1, last)
  end
  if prepares and type(result) == "table" then
    local err = rawget(result, "Error")
    if type(err) == "string" and err ~= "" then
      return FAILED, spent(), err, nil, nil, host.handler
    end
  end
  ok, result, co = run(encode, result == nil and {} or result)
  if not ok then
    return failure(result, co)
  elseif type(result) ~= "string" then
    return failure("the result is no JSON value", co)
  end
  return JSON, spent(), result
end

-- The locale of the host program (C's setlocale) reaches Lua's `<` on strings and its numbers as text.
local function foreign_locale()
  return "a" < "B" or 0.5 .. "" ~= "0.5"
end

--- Evaluates a message of any form, given as bytes (`values`).
function border.evaluate(bytes)
  if foreign_locale() then
    return LOCALE
  end
  return evaluate(decode(bytes), false)
end

--- A function that evaluates messages of one shape, given their values; nil if the shape is too large.
function border.shape(bytes)
  begin_if_needed()
  local shape = decode(bytes)
  local raw = shapes.raw(shape.roots, shape.tags)
  if not raw then
    return nil
  end
  local prepared = prepares and shapes.prepared(shape.roots, shape.tags, vm.title, vm.kept)
  return function(...)
    if foreign_locale() then
      return LOCALE
    end
    if prepared and pristine() then
      return evaluate(prepared(...), true)
    end
    return evaluate(raw(...), false)
  end
end

--- Frees what a start has left behind: a process that waits for messages should weigh little.
function border.settle()
  vm.collect()
end

-- ── looking in from outside ───────────────────────────────────────────────────────────────────────────────────

--- The value at `path` ("Balances.alice", "Inbox[1].Data") among the globals, as bytes; or nil and what is wrong.
-- Runs nothing of the process.
function border.get(path)
  begin_if_needed()
  local value = globals
  local seen = "the globals"
  for name, index in gmatch(path, "([^%.%[%]]*)%[?([^%.%[%]]*)%]?") do
    if name ~= "" then
      if type(value) ~= "table" then
        return nil, format("%s is a %s value and has no field %q", seen, type(value), name)
      end
      local item = rawget(value, name)
      if item == nil and tointeger(name) then
        item = rawget(value, tointeger(name))
      end
      value, seen = item, name
    end
    if index ~= "" then
      if type(value) ~= "table" then
        return nil, format("%s is a %s value and has no index %s", seen, type(value), index)
      end
      local text = match(index, '^"(.*)"$') or match(index, "^'(.*)'$")
      local key = text or tointeger(index) or index
      value, seen = rawget(value, key), index
    end
  end
  local ok, bytes = pcall(vm.values.encode, value)
  if ok then
    return bytes
  end
  return nil, type(bytes) == "table" and bytes.text or tostring(bytes)
end

--- All that the globals lead to, as bytes (`look.lua`).
function border.look()
  if not vm.look then
    vm.part("look")
  end
  return vm.look()
end

-- ── start ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- A function that tells whether a list is still the same, without a loop.
local function unchanged(copy)
  local parts = { "local list = ... return " }
  for i, item in ipairs(copy) do
    parts[#parts + 1] = format("list[%d] == %q and ", i, item)
  end
  parts[#parts + 1] = format("list[%d] == nil", #copy + 1)
  return load(concat(parts), "=ao.vm", "t", {})
end

local function with_tag_map(process)
  if type(process) == "table" and type(process.Tags) == "table" then
    local map = {}
    for _, tag in ipairs(process.Tags) do
      if type(tag) == "table" and tag.name ~= nil and map[tag.name] == nil then
        map[tag.name] = tag.value
      end
    end
    process.TagArray, process.Tags = process.Tags, map
  end
end

local function table_of(value)
  if type(value) ~= "table" then
    error("does not make sense", 0)
  end
  return value
end

-- Our own module: messages come prepared, as long as the process leaves the functions alone that do this for it.
-- `held` has what that is told by, `names_at_start` is the list of names that stay tags.
local function with_own(held, names_at_start, title_case)
  local process, ao, utils, names =
    table_of(held.process), table_of(held.ao), table_of(held.utils), table_of(held.names)
  local own_handle, normalize, title = held.handle, held.normalize, held.title
  handle, suspended, failed = host.handle, host.suspended, host.failed
  local kept = {}
  for _, name in ipairs(names_at_start) do
    kept[name] = true
  end
  local same_names = unchanged(names_at_start)
  vm.kept = kept
  vm.title = host.dialect == "2.0.6" and title_case or nil
  prepares = true
  function pristine()
    -- rawequal: an __eq would be the process's, and run outside of its limits
    return rawequal(rawget(process, "handle"), own_handle)
      and rawequal(rawget(ao, "normalize"), normalize)
      and rawequal(rawget(utils, "normalize"), title)
      and rawequal(rawget(ao, "nonExtractableTags"), names)
      and getmetatable(names) == nil
      and same_names(names)
  end
  function vm.captured()
    return {
      process = process,
      ao = ao,
      utils = utils,
      handle = own_handle,
      normalize = normalize,
      title = title,
      names = names,
      names_at_start = names_at_start,
    }
  end
end

local function start_own()
  local process = vm.require(".process")
  local ao, utils = vm.require("ao"), vm.require(".utils")
  local names = ao.nonExtractableTags
  with_own({
    process = process,
    ao = ao,
    utils = utils,
    handle = process.handle,
    normalize = ao.normalize,
    title = utils.normalize,
    names = names,
  }, { unpack(names) }, utils.normalize)
end

-- A project's own module: its `.process` gets the decoded JSON, nothing added.
local function start_foreign(with_ao)
  prepares = false
  vm.foreign = true
  local function load_process()
    local process = vm.require(".process")
    if type(process) ~= "table" or type(process.handle) ~= "function" then
      error("the module's process.lua returns no table with a function handle(msg, env)", 0)
    end
    return process
  end
  function handle(message, env)
    local process = load_process()
    if with_ao then
      local ao = vm.require("ao")
      ao.init(env)
      message = ao.normalize(message)
      return process.handle(message, ao)
    end
    return process.handle(message, env)
  end
  function suspended()
    return {}
  end
  failed = nil
  function vm.captured()
    return {}
  end
end

-- ── the state as bytes ────────────────────────────────────────────────────────────────────────────────────────

local function with_parts(name)
  if not vm.columns then
    for _, part in ipairs({ "columns", "prototypes", "permanents", "state" }) do
      vm.part(part)
    end
  end
  if not vm[name] then
    vm.part(name)
  end
  return vm[name]
end

--- The state as strings that are to be joined; nil and the reason where it cannot be written down now.
function border.save()
  begin_if_needed()
  return with_parts("save")()
end

--- A module of ours, loaded for the trusted side alone.
local function apart(name)
  return load(vm.chunk(name), name, "b", globals)("." .. name, host)
end

--- Takes over a state that was saved, in a VM that has not evaluated anything; what is wrong with it, or nothing.
function border.restore(text)
  if not begin then
    return "is for a process that has not seen any message"
  end
  begin = nil
  -- before anything of the state is there: the modules run in its globals
  encode = apart("json").encode
  local title = not vm.foreign and apart("utils").normalize
  function vm.capture(held)
    if not vm.foreign then
      -- `state.lua` has looked at the names; a copy, since the process may hold that list
      with_own(held, { unpack(table_of(held.names_at_start)) }, title)
    end
  end
  return with_parts("restore")(text)
end

--- Gives the process its environment, as bytes; `own` is false for a module of the project's. What takes time waits
--- for the first message: a process whose state is taken over does not need it.
function border.start(env, own)
  local bare = shapes.constant(decode(env), function()
    return decode(env)
  end)
  if own then
    local function remake()
      local t = decode(env)
      with_tag_map(t.Process)
      return t
    end
    local full = shapes.constant(remake(), remake)
    function new_environment(prepared)
      if prepared then
        return full()
      end
      return bare()
    end
  else
    new_environment = bare
    start_foreign(host.dialect == "1")
  end
  function begin()
    encode = vm.require("json").encode
    if own then
      start_own()
    end
  end
  vm.let_collect()
end

vm.border = border
