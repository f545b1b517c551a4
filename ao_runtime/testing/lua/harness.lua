--- Runs tests inside of the process's VM. The host calls `_ao_test(request)` by an Eval for every step, and reads the
--- line of JSON that comes back; a test is a coroutine, and what it asks of the host is plain data that it yields.
--- Its argument is what `pieces.lua` gives.
local pieces = ...

local insert, sort = table.insert, table.sort
local create, resume, status, yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield
local error, ipairs, load, next, pairs, pcall = error, ipairs, load, next, pairs, pcall
local rawget, rawset, setmetatable, tostring, type, xpcall = rawget, rawset, setmetatable, tostring, type, xpcall
local traceback = debug.traceback
local encode, is_failure, failure = pieces.encode, pieces.is_failure, pieces.failure

-- What a test asks of the host ------------------------------------------------------

local ASK = {}

--- Has the host do something, and gives what it answers. Raises what the host refuses, at the test's line.
local function ask(what, arguments)
  local ok, body = pcall(encode, arguments)
  if not ok then
    error(what .. ": " .. tostring(body), 3)
  end
  local answer = yield(ASK, what, body)
  if answer.refused then
    error(what .. ": " .. answer.refused, 3)
  end
  return answer.value
end

local function handle(told)
  local one = setmetatable({ id = told.id, name = told.name, owner = told.owner }, pieces.PROCESS)
  function one.send(message)
    local given = { To = told.id }
    for name, value in pairs(message or {}) do
      given[name] = value
    end
    return ask("send", given)
  end
  function one.get(path)
    return ask("get", { process = told.id, path = path })
  end
  function one.eval(code)
    return ask("eval", { process = told.id, code = code })
  end
  function one.waiting()
    return ask("waiting", { process = told.id })
  end
  return one
end

-- What is written down while the file is loaded --------------------------------------

local root, block, tests, running, task
local first_error

local function new_block(name, parent)
  local one = { name = name, parent = parent }
  for _, kind in ipairs({ "setup", "teardown", "before_each", "after_each" }) do
    one[kind] = {}
  end
  return one
end

local function full_name(one, name)
  while one and one.name do
    name = one.name .. " > " .. name
    one = one.parent
  end
  return name
end

local function only_outside(what)
  if running then
    error(what .. " stands outside of tests", 3)
  end
end

local function text(value, what)
  if type(value) ~= "string" then
    error(what .. " needs a name that is text, found " .. type(value), 3)
  end
  return value
end

local function body(value, what)
  if type(value) ~= "function" then
    error(what .. " needs a function, found " .. type(value), 3)
  end
  return value
end

local env = {}

function env.describe(name, inner)
  only_outside("describe")
  local outer = block
  block = new_block(text(name, "describe"), outer)
  body(inner, "describe")()
  block = outer
end

function env.it(name, inner)
  only_outside("it")
  insert(tests, { name = full_name(block, text(name, "it")), block = block, body = body(inner, "it") })
end

for _, kind in ipairs({ "setup", "teardown", "before_each", "after_each" }) do
  env[kind] = function(inner)
    only_outside(kind)
    insert(block[kind], body(inner, kind))
  end
end

function env.pending(name, inner)
  if running then
    error(failure("pending", name == nil and "" or tostring(name)), 2)
  end
  insert(tests, { name = full_name(block, text(name, "pending")), block = block, pending = true, body = inner })
end

-- What busted has and there is none of here says so, where the process has no such global.
local unsupported = {}
for _, name in ipairs(pieces.UNSUPPORTED) do
  local function refuse()
    error(name .. " is of busted, and there is none here: " .. pieces.ADVICE, 2)
  end
  unsupported[name] = setmetatable({}, { __index = refuse, __call = refuse })
end

env.assert, env.spy, env.stub = pieces.assert, pieces.spy, pieces.stub

-- What a test may ask ---------------------------------------------------------------

local function only_in_tests(what)
  if not running then
    error(what .. " is for tests and what runs before and after them", 3)
  end
end

local function asked(what, read)
  return function(value)
    only_in_tests(what)
    return ask(what, read(value))
  end
end

local function as_table(what)
  return function(value)
    if type(value) ~= "table" then
      error(what .. " needs a table: " .. what .. '{ Action = "Info" }, found ' .. type(value), 4)
    end
    return value
  end
end

env.send = asked("send", as_table("send"))
env.inbox = asked("inbox", function(name)
  return { name = name }
end)
env.wallet = asked("wallet", function(name)
  return { name = name }
end)

function env.spawn(given)
  only_in_tests("spawn")
  return handle(ask("spawn", as_table("spawn")(given)))
end

env.clock = {}
for _, what in ipairs({ "advance", "set", "mine", "now", "height" }) do
  env.clock[what] = function(value)
    only_in_tests("clock." .. what)
    return ask("clock." .. what, { value = value })
  end
end

-- A file's own globals while it is loaded; afterwards what a test sets is the process's. What a name of ours hides is in
-- `_G`.
env._G = _G
setmetatable(env, {
  __index = function(_, name)
    local value = _G[name]
    return value == nil and unsupported[name] or value
  end,
  __newindex = function(own, name, value)
    if running then
      _G[name] = value
    else
      rawset(own, name, value)
    end
  end,
})

-- Running -----------------------------------------------------------------------------

local function told(problem)
  if is_failure(problem) then
    return { kind = problem.kind, message = problem.message, trace = traceback("", 2) }
  end
  local message = type(problem) == "string" and problem or "an error that is " .. pieces.show(problem)
  return { kind = "error", message = message, trace = traceback("", 2) }
end

--- Calls a function; the first problem is kept.
local function attempt(inner)
  local ok, problem = xpcall(inner, told)
  if not ok and not first_error then
    first_error = problem
  end
  return ok
end

local function around(one)
  local blocks = {}
  while one do
    insert(blocks, 1, one)
    one = one.parent
  end
  return blocks
end

local function run(test)
  first_error = nil
  local blocks = around(test.block)
  local ready, begun = true, 0
  for _, kind in ipairs({ "setup", "before_each" }) do
    for index, one in ipairs(blocks) do
      for _, inner in ipairs(one[kind]) do
        ready = ready and attempt(inner)
      end
      begun = index
    end
  end
  if ready then
    attempt(test.body)
  end
  for _, kind in ipairs({ "after_each", "teardown" }) do
    for index = begun, 1, -1 do
      for _, inner in ipairs(blocks[index][kind]) do
        attempt(inner)
      end
    end
  end
  pieces.revert()
  return first_error
end

local function go_on(...)
  local ok, what, call, arguments = resume(task, ...)
  if not ok then
    return '{"what":"broken","message":' .. encode(tostring(what)) .. "}"
  end
  if status(task) == "dead" then
    local problem = what
    if not problem then
      return '{"what":"passed"}'
    end
    return '{"what":'
      .. encode(problem.kind == "pending" and "pending" or "failed")
      .. ',"problem":'
      .. encode(problem)
      .. "}"
  end
  if what ~= ASK then
    return '{"what":"waits"}'
  end
  return '{"what":"ask","call":' .. encode(call) .. ',"arguments":' .. arguments .. "}"
end

local function listed()
  local names = {}
  for index, test in ipairs(tests) do
    names[index] = { name = test.name, pending = test.pending or false }
  end
  return encode({ what = "tests", tests = names })
end

local requests = {}

function requests.load(request)
  root = new_block(nil, nil)
  block, tests, running = root, {}, false
  env.process = handle(request.process)
  local code, problem = load(request.code, "=" .. request.name, "t", env)
  if not code then
    return encode({ what = "unloadable", problem = { kind = "syntax", message = problem, trace = "" } })
  end
  local ok, trouble = xpcall(code, told)
  if not ok then
    return encode({ what = "unloadable", problem = trouble })
  end
  local globals = {}
  for name, value in next, env do
    if type(name) == "string" and type(value) == "function" and (name:find("^test_") or name:find("_test$")) then
      insert(globals, name)
    end
  end
  sort(globals)
  for _, name in ipairs(globals) do
    insert(tests, { name = name, block = root, body = rawget(env, name) })
  end
  return listed()
end

function requests.run(request)
  local test = tests[request.number]
  running = true
  task = create(function()
    return run(test)
  end)
  return go_on()
end

function requests.resume(request)
  return go_on(request.answer)
end

--- One step. The answer is the last line that comes back; `step` says whose answer it is.
function _ao_test(request)
  return '{"step":' .. request.step .. ',"answer":' .. requests[request.what](request) .. "}"
end
