--- The sandbox's pcall and xpcall, and what an error means that has been caught: limits and a lack of memory go on.

local vm = ...

local type, error, select, pcall = type, error, select, pcall
local find = string.find
local sethook = debug.sethook

local MEMORY = "not enough memory"
local LIMIT, INTERVAL = vm.LIMIT, vm.INTERVAL
local strike, account, hook = vm.strike, vm.account, vm.hook

--- Set while a string that must reach the process as it is (an error passed on by us) is on its way.
local untouched

--- Passes an error value on without giving it a position.
local function pass(err)
  if type(err) == "string" then
    untouched = err
  end
  error(err, 0)
end
vm.pass = pass

--- What an error handler leaves behind: memory errors never get to one, so a handled one was raised by the process.
local handled = false

--- Notes that a C function has had no memory (`vm.mend`).
function vm.starve()
  vm.starved = true
end

--- Sorts out what a protected call has caught: limits, memory and foreign errors go on, everything else comes back.
local function caught(err)
  account()
  if err == MEMORY and not handled then
    strike("memory")
  end
  handled = false
  if type(err) == "userdata" or err == LIMIT then
    error(err, 0)
  end
  return err
end

local raw_xpcall = xpcall

--- Calls the message handler of a process's xpcall: on the network nobody stands between the error and that
--- (`debug/frames.lua` passes over this function).
local function call_handler(handler, err)
  local answer = handler(err)
  return answer
end
vm.call_handler = call_handler

local function settle(ok, ...)
  if ok then
    return true, ...
  end
  return false, caught((...))
end

--- The message handler of every protected call: puts the position and the name that Lua's own function would have had
--- into an error that one of our wrappers has let out of C.
local function tidy(err)
  handled = true
  if type(err) == "string" then
    if err == untouched then
      untouched = nil
      return err
    end
    return vm.mend(err, nil, 2) -- a tail call: the function that failed is at level 2 there
  end
  return err
end

--- The sandbox's pcall.
function vm.pcall(f, ...)
  return settle(raw_xpcall(f, tidy, ...))
end

local fired

local function probe()
  fired = true
end

--- Whether hooks are called here: they are not in the handler of an error that was raised in a hook's place.
local function watched()
  fired = false
  sethook(probe, "", 1)
  local _ = fired -- an instruction for it
  sethook(hook, "", INTERVAL)
  return fired
end

--- The sandbox's xpcall.
function vm.xpcall(...)
  local f, handler = ...
  if type(handler) ~= "function" then
    local what = select("#", ...) < 2 and "no value" or vm.typename(handler)
    error("bad argument #2 to '?' (function expected, got " .. what .. ")", 0)
  end
  local called = false
  local function handle(err)
    if vm.hit or err == LIMIT or type(err) == "userdata" then
      return err
    end
    if type(err) == "string" then
      if err == untouched then
        untouched = nil
      else
        err = vm.mend(err, nil, 3)
        if vm.starved then
          return err -- as little for the process to handle as "not enough memory" is
        end
      end
      if called and find(err, "C stack overflow", 1, true) then
        -- the handler has failed for its own errors as long as there was room
        return "error in error handling"
      end
    end
    if not watched() then
      return err
    end
    called = true
    return call_handler(handler, err)
  end
  local function finish(ok, ...)
    if ok then
      return true, ...
    end
    if called then
      account()
      handled = false
      return false, ...
    end
    handled = false
    return false, caught((...))
  end
  return finish(raw_xpcall(f, handle, select(3, ...)))
end

-- Coroutines that have failed -----------------------------------------------------------------------------------------

-- On the stack of a dead coroutine that has no room left, nothing can be asked: where memory is short, it cannot grow.

local REFUSED = {
  ["cannot resume dead coroutine"] = true,
  ["cannot resume non-suspended coroutine"] = true,
  ["C stack overflow"] = true,
}

--- Whether the process's own call of error has ended the coroutine.
local function raised(co)
  local ok, answer = pcall(vm.raised, co)
  return ok and answer
end

--- The error as Lua's own functions would have given it, as far as that can be found out.
local function mended(err, co)
  local ok, text = pcall(vm.mend, err, co, 0)
  return ok and text or err
end

--- An error that has come out of a coroutine: as `caught`, and mended by the dead coroutine's stack.
function vm.fallen(co, err)
  account()
  if err == MEMORY and not raised(co) then
    strike("memory")
  end
  if type(err) == "userdata" or err == LIMIT then
    error(err, 0)
  end
  if type(err) == "string" and not REFUSED[err] then
    if err == untouched then
      untouched = nil
      return err
    end
    err = mended(err, co)
    if vm.starved then
      vm.starved = false
      strike("memory")
    end
  end
  return err
end

--- For the engine: what an error that ended the coroutine co means; returns the mended error value.
--- Sets vm.hit when it was a lack of memory.
function vm.verdict(co, err)
  if not vm.hit and err == MEMORY and not raised(co) then
    vm.exhaust()
  end
  if type(err) == "string" then
    if err == untouched then
      untouched = nil
      return err
    end
    if not vm.hit then
      err = mended(err, co)
      if vm.starved then
        vm.starved = false
        vm.exhaust()
      end
    end
  end
  return err
end
