--- Limits: instructions, memory and time, and the count of instructions ("gas").
--
-- Every coroutine that runs a process's code has a count hook. Lua decrements the count inside the hook as well, so one
-- firing stands for NET instructions of the process, not for INTERVAL; what the hook does beyond its straight path is
-- followed by setting the count anew, which makes the gas the same however often the clock is looked at.
-- A limit that was hit stays hit until `vm.begin`: the sandbox's pcall, xpcall, resume and wrap raise it again.

local vm = ...

local error, type, pcall, select = error, type, pcall, select
local sethook, now_seconds = debug.sethook, os.time
local max = math.maxinteger
local huge = math.huge
local find = string.find

local INTERVAL = 256
--- Instructions of the hook's own straight path that are counted off the next interval.
local OWN = 12
local NET = INTERVAL - OWN
--- How much gas may pass between two looks at the precise clock.
local STRIDE = 64 * NET
--- What a look should be apart in seconds, when instructions turn out to be slow.
local PACE = 0.002

--- The error value of a limit; private, so that no process can make or compare it.
local LIMIT = setmetatable({}, { __name = "limit", __metatable = false })

local gas, mark, limit, deadline = 0, max, max, huge
local looked_gas, looked_at = 0, 0.0
local second = 0
local hit
--- Whether a C function has just failed for lack of memory in a way that Lua takes for an error like others.
local starved = false

vm.INTERVAL = INTERVAL
vm.LIMIT = LIMIT

--- The clock; the engine sets vm.now, tests may do without.
local function now()
  local clock = vm.now
  return clock and clock() or 0.0
end

local create, resume, status = coroutine.create, coroutine.resume, coroutine.status
local running, isyieldable, yield, wrap = coroutine.running, coroutine.isyieldable, coroutine.yield, coroutine.wrap

--- Coroutines of our own (`vm.aside`), as keys.
local asides = setmetatable({}, { __mode = "k" })

--- Marks a limit as hit, and leaves the process's code for good.
-- Where it can, the coroutine is left as it is, by yielding: an error would be caught and raised again by each pcall on
-- the way, and Lua goes over the whole stack each time (there may be tens of thousands).
local function strike(what)
  if not hit then
    hit = what
    vm.hit = what
  end
  mark = 0
  if isyieldable() and not asides[running()] then
    yield(LIMIT)
  end
  error(LIMIT, 0)
end
vm.strike = strike

--- Looks at the clock, and sets when to do so again; true when the time is over.
local function late()
  local time = now()
  if time >= deadline then
    return true
  end
  local stride = STRIDE
  local passed = time - looked_at
  if passed > PACE then
    stride = (gas - looked_gas) * PACE / passed // 1 | 0
    if stride > STRIDE then
      stride = STRIDE
    end
  end
  looked_gas, looked_at = gas, time
  second = now_seconds()
  mark = gas + stride
  if mark > limit then
    mark = limit
  end
  return false
end

--- Looks at the limits: called when gas has reached the mark or the second has changed.
local function look()
  if hit then
    strike(hit)
  end
  if gas >= limit then
    strike("instructions")
  end
  if late() then
    strike("time")
  end
  if vm.tend then
    vm.tend()
  end
end

local function hook()
  if gas >= mark or now_seconds() ~= second then
    look()
    sethook(hook, "", INTERVAL)
    -- the instructions that the straight path has used since its count was set
    local _, _, _, _, _, _, _ = 1, 2, 3, 4, 5, 6, 7
  end
  gas = gas + NET
end
vm.hook = hook

--- Gives a coroutine the hook.
function vm.watch(co)
  sethook(co, hook, "", INTERVAL)
end

--- Starts an evaluation: no gas used, no limit hit.
-- @param instructions integer|nil
-- @param seconds number|nil
function vm.begin(instructions, seconds)
  gas = 0
  hit = nil
  vm.hit = nil
  starved = false
  limit = instructions or max
  mark = STRIDE < limit and STRIDE or limit
  looked_gas = 0
  second = now_seconds()
  looked_at = now()
  deadline = seconds and looked_at + seconds or huge
end

--- A function that does what f does, in a coroutine without a hook: uncounted, so that what is remembered from before
--- does not show in the gas. It returns true and f's values, or false and the error. It is a C function, which costs the
--- caller one instruction. f must not run anything of the process's.
function vm.aside(f)
  return wrap(function(...)
    asides[running()] = true
    local a, b, c = ...
    while true do
      a, b, c = yield(pcall(f, a, b, c))
    end
  end)
end

--- Looks at the clock: how often that is done must not show in the gas.
local watch = vm.aside(late)

--- From this charge on the clock is looked at.
local LARGE = 2000

--- Adds work that no hook has seen (done in C or by us), and raises when a limit is passed.
-- @param n integer
local function charge(n)
  gas = gas + n
  if gas >= limit then
    strike("instructions")
  end
  if n >= LARGE then
    local ok, over = watch()
    if ok and over then
      strike("time")
    end
  end
end
vm.charge = charge

--- Instructions used since `vm.begin`.
function vm.spent()
  if hit == "instructions" then
    return limit
  end
  return gas
end

--- Spins until the hook of this coroutine fires, so that the rest of its interval is known to six instructions.
function vm.burn()
  if hit then
    -- a coroutine that was left by yielding looks like one that waits
    strike(hit)
  end
  local before, kept, kept_second = gas, mark, second
  mark = max
  second = now_seconds()
  local turns = 0
  while gas == before and turns < INTERVAL do
    turns = turns + 1
  end
  mark = kept
  second = kept_second
  local rest = NET - 6 * turns
  gas = before + (rest > 0 and rest or 0)
end

-- Errors -------------------------------------------------------------------------------------------------------------

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

local MEMORY = "not enough memory"
--- What an error handler leaves behind: memory errors never get to one, so a handled one was raised by the process.
local handled = false

--- Notes that a C function has had no memory (`vm.mend`).
function vm.starve()
  starved = true
end

--- Every error that is caught is charged as an interval, and the clock is looked at.
-- Where C calls are nested almost 200 deep the hook cannot be called: Lua raises an error in its place. A process that
-- catches these would go uncounted.
local function account()
  if hit then
    strike(hit)
  end
  if starved then
    starved = false
    strike("memory")
  end
  gas = gas + INTERVAL
  if gas >= limit then
    strike("instructions")
  end
  -- what the look takes must not be counted off
  sethook(hook, "", INTERVAL)
  if (gas >= mark or now_seconds() ~= second) and late() then
    strike("time")
  end
  sethook(hook, "", INTERVAL)
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
    if hit or err == LIMIT or type(err) == "userdata" then
      return err
    end
    if type(err) == "string" then
      if err == untouched then
        untouched = nil
      else
        err = vm.mend(err, nil, 3)
        if starved then
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
    return handler(err)
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
-- Coroutines ---------------------------------------------------------------------------------------------------------

--- What a coroutine's instructions since its last full interval are reckoned at.
local REMAINDER = 128

--- The sandbox's coroutine.create: with the hook.
local function sandbox_create(...)
  local co = create(...)
  sethook(co, hook, "", INTERVAL)
  gas = gas + REMAINDER
  if gas >= limit then
    strike("instructions")
  end
  return co
end

local REFUSED = {
  ["cannot resume dead coroutine"] = true,
  ["cannot resume non-suspended coroutine"] = true,
  ["C stack overflow"] = true,
}

-- On the stack of a dead coroutine that has no room left, nothing can be asked: where memory is short, it cannot grow.

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
local function fallen(co, err)
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
    if starved then
      starved = false
      strike("memory")
    end
  end
  return err
end

local function resumed(co, ok, ...)
  if ok then
    if hit then
      strike(hit)
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
    if hit then
      strike(hit)
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
  -- A process that has seen the coroutine of a message must not find it at work on the next one (`border.lua`).
  running = function()
    vm.host.seen = true
    return running()
  end,
  status = status,
  wrap = sandbox_wrap,
  yield = coroutine.yield,
}

--- For the engine: what an error that ended the coroutine co means; returns the mended error value.
--- Sets vm.hit when it was a lack of memory.
function vm.verdict(co, err)
  if not hit and err == MEMORY and not raised(co) then
    hit = "memory"
    vm.hit = hit
  end
  if type(err) == "string" then
    if err == untouched then
      untouched = nil
      return err
    end
    if not hit then
      err = mended(err, co)
      if starved then
        starved = false
        hit = "memory"
        vm.hit = hit
      end
    end
  end
  return err
end
