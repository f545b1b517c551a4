--- The sandbox's coroutine library.

local vm = ...

local type = type
local resume, running, status = coroutine.resume, coroutine.running, coroutine.status

local error, bare_yield, bare_isyieldable = error, coroutine.yield, coroutine.isyieldable

local strike, fallen, pass, sandbox_create = vm.strike, vm.fallen, vm.pass, vm.create

local function resumed(co, ok, ...)
  if ok then
    if vm.hit then
      strike(vm.hit)
    end
    return true, ...
  end
  return false, fallen(co, (...))
end

local function sandbox_resume(co, ...)
  return resumed(co, resume(co, ...))
end

local function unwrapped(co, ok, ...)
  if ok then
    if vm.hit then
      strike(vm.hit)
    end
    return ...
  end
  local err = fallen(co, (...))
  if type(err) == "string" then
    err = vm.where(2) .. err
  end
  pass(err)
end

local function sandbox_wrap(...)
  local co = sandbox_create(...)
  return function(...)
    return unwrapped(co, resume(co, ...))
  end
end

vm.coroutine = {
  create = sandbox_create,
  isyieldable = coroutine.isyieldable,
  resume = sandbox_resume,
  -- A process that has seen the coroutine of a message must not find it at work on the next one (`border/worker.lua`).
  running = function()
    vm.host.seen = true
    return running()
  end,
  status = status,
  wrap = sandbox_wrap,
  yield = coroutine.yield,
}

local host = vm.host

if not host.since("2.0.1") then
  -- There a message is not evaluated in a coroutine of its own.
  local function in_message()
    return host.of_message ~= nil and host.of_message((running()))
  end

  function vm.coroutine.yield(...)
    if in_message() then
      error("attempt to yield from outside a coroutine", 0)
    end
    return bare_yield(...)
  end

  function vm.coroutine.isyieldable()
    return not in_message() and bare_isyieldable()
  end
end
