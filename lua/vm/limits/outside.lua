--- Work outside of any evaluation on what a process has made: looking at it, and writing it down. It is held to a time.

local vm = ...

local pcall, error = pcall, error
local sethook = debug.sethook

--- Instructions between two looks at the clock.
local STRIDE = 65536
local MEMORY = "not enough memory"

--- What ends work that takes too long.
local LATE = {}

local function finish(ok, ...)
  sethook()
  -- wherever it was left
  vm.let_collect()
  if ok then
    return ...
  end
  local err = ...
  local hit = err == vm.LIMIT and vm.hit
  if err == LATE or hit == "time" then
    return nil, "takes too long"
  elseif err == MEMORY or hit == "memory" then
    return nil, "takes too much memory"
  end
  error(err, 0)
end

--- f(…), for so many seconds at most (nil is no limit): what it returns; or nil and what is wrong, where that is the time
--- or the memory.
function vm.outside(seconds, f, ...)
  if seconds then
    local deadline = vm.now() + seconds
    sethook(function()
      if vm.now() > deadline then
        sethook()
        error(LATE, 0)
      end
    end, "", STRIDE)
  end
  return finish(pcall(f, ...))
end
