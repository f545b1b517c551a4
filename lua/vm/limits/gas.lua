--- Limits: instructions, memory and time, and the count of instructions ("gas").
--
-- Every coroutine that runs a process's code has a count hook. Lua decrements the count inside the hook as well, so one
-- firing stands for NET instructions of the process, not for INTERVAL; what the hook does beyond its straight path is
-- followed by setting the count anew, which makes the gas the same however often the clock is looked at.
-- The hook may fire between any two instructions, also while something is charged: what it counts and what is charged are
-- two sums (`gas`, `charged`), or one would undo the other.
-- A limit that was hit stays hit (`vm.hit`) until `vm.begin`: the sandbox's pcall, xpcall, resume and wrap raise it again.

local vm = ...

local error, pcall = error, pcall
local max, huge = math.maxinteger, math.huge
local sethook = debug.sethook
local isyieldable, running, yield, wrap, create =
  coroutine.isyieldable, coroutine.running, coroutine.yield, coroutine.wrap, coroutine.create
local now_seconds = os.time

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

--- What the hook has counted, and at which of that it looks at the limits; what was charged besides.
local gas, mark, charged = 0, max, 0
local limit, deadline = max, huge
local looked_gas, looked_at = 0, 0.0
local second = 0
local hit

--- Whether a C function has just failed for lack of memory in a way that Lua takes for an error like others.
vm.starved = false

vm.INTERVAL = INTERVAL
vm.LIMIT = LIMIT

--- The clock; the engine sets vm.now, tests may do without.
local function now()
  local clock = vm.now
  return clock and clock() or 0.0
end

--- Coroutines of our own (`vm.aside`), as keys.
local asides = setmetatable({}, { __mode = "k" })

--- Marks a limit as hit, and leaves the process's code for good.
-- Where it can, the coroutine is left as it is, by yielding: an error would be caught and raised again by each pcall on
-- the way, and Lua goes over the whole stack each time (there may be tens of thousands).
local function strike(what)
  if not hit then
    -- in this order: the hook may be called in between
    vm.hit = what
    hit = what
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
  local passed, total = time - looked_at, gas + charged
  if passed > PACE then
    stride = (total - looked_gas) * PACE / passed // 1 | 0
    if stride > STRIDE then
      stride = STRIDE
    end
  end
  looked_gas, looked_at = total, time
  second = now_seconds()
  mark = gas + stride
  if mark > limit - charged then
    mark = limit - charged
  end
  return false
end

--- Looks at the limits: called when gas has reached the mark or the second has changed.
local function look()
  if hit then
    strike(hit)
  end
  if gas + charged >= limit then
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
-- @param time number|nil what the clock says; whoever knows it spares a look
function vm.begin(instructions, seconds, time)
  gas, charged = 0, 0
  hit = nil
  vm.hit = nil
  vm.starved = false
  limit = instructions or max
  mark = STRIDE < limit and STRIDE or limit
  looked_gas = 0
  second = now_seconds()
  looked_at = time or now()
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
  charged = charged + n
  mark = mark - n
  if gas + charged >= limit then
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
  return gas + charged
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

--- Notes that there was no memory, where no process can be stopped any more.
function vm.exhaust()
  hit = "memory"
  vm.hit = hit
end

--- Every error that is caught is charged as an interval, and the clock is looked at.
-- Where C calls are nested almost 200 deep the hook cannot be called: Lua raises an error in its place. A process that
-- catches these would go uncounted.
function vm.account()
  if hit then
    strike(hit)
  end
  if vm.starved then
    vm.starved = false
    strike("memory")
  end
  charged = charged + INTERVAL
  mark = mark - INTERVAL
  if gas + charged >= limit then
    strike("instructions")
  end
  -- what the look takes must not be counted off
  sethook(hook, "", INTERVAL)
  if (gas >= mark or now_seconds() ~= second) and late() then
    strike("time")
  end
  sethook(hook, "", INTERVAL)
end

--- What a coroutine's instructions since its last full interval are reckoned at.
local REMAINDER = 128

--- The sandbox's coroutine.create: with the hook.
function vm.create(...)
  local co = create(...)
  sethook(co, hook, "", INTERVAL)
  charged = charged + REMAINDER
  mark = mark - REMAINDER
  if gas + charged >= limit then
    strike("instructions")
  end
  return co
end
