--- The Lua functions that SQLite calls: they run with the process's limits, and nothing that they do reaches Python.

local vm = ...

local type, next, pcall = type, next, pcall
local resume, status = coroutine.resume, coroutine.status
local math_type = math.type
local collect, charge = vm.collect, vm.charge
local sqlite = vm.sqlite_parts

--- How the value of a Lua function goes to Python.
local NULL, NUMBER, TEXT, BLOB, FAILED = 0, 1, 2, 3, 4

local callbacks, callback_count = {}, 0

local function register(f)
  callback_count = callback_count + 1
  callbacks[callback_count] = f
  return callback_count
end

local function text_of(err)
  if type(err) == "string" then
    return err
  elseif math_type(err) then
    return err .. ""
  end
  return ""
end

--- Runs f in a coroutine of its own, with the process's limits: true and its results, or false and a text.
local function guarded(f, ...)
  local co = vm.coroutine.create(f)
  local function finish(ok, ...)
    if not ok then
      return false, text_of(vm.verdict(co, (...)))
    elseif status(co) == "suspended" then
      return false, "attempt to yield from outside a coroutine"
    end
    return true, ...
  end
  return finish(resume(co, ...))
end

local function answered(ok, done, ...)
  if not ok then
    return FAILED, "interrupted" -- a limit: it is raised again when SQLite has ended
  elseif not done then
    return FAILED, ...
  end
  return ...
end

--- For Python: calls a Lua function; gives the kind of its value and the value. Never raises.
local function call(id, what, instance, ...)
  local f = callbacks[id]
  if not f or vm.hit then
    return FAILED, "interrupted"
  end
  return answered(pcall(guarded, f, what, instance, ...))
end

--- For Python: counts work; true when a limit is reached. A negative number collects garbage. Never raises.
local function tick(n)
  if n < 0 then
    collect()
    return false
  end
  return vm.hit ~= nil or not pcall(charge, n)
end

vm.called.tick, vm.called.call = tick, call
sqlite.kinds = { NULL = NULL, NUMBER = NUMBER, TEXT = TEXT, BLOB = BLOB, FAILED = FAILED }
sqlite.callbacks, sqlite.register, sqlite.guarded, sqlite.text_of = callbacks, register, guarded, text_of

--- Whether SQLite may call functions of the process.
function sqlite.calls()
  return next(callbacks) ~= nil
end
