--- What is worked out once, and kept: whether it was there already does not show in the gas.

local vm = ...

local type, next, pcall, setmetatable, error = type, next, pcall, setmetatable, error
local wrap, yield = coroutine.wrap, coroutine.yield

--- Keys up to this length are kept.
local LONG = 2000

--- Why a memo could not make a field.
local failed

--- A table whose missing fields are made by make(key), and kept as long as there are not more than `keep`.
-- That happens in a coroutine without a hook, behind a C function: it costs the caller the same whether the field is
-- there or not. make must not run anything of the process's. When that has failed, `failed` says why, and the field is nil
-- or what is given for that (`otherwise`).
function vm.memo(keep, make, otherwise)
  local count, t = 0, {}
  local function fetch(key)
    local value = make(key)
    if type(key) == "string" and #key > LONG then
      return value -- too large to be kept
    end
    count = count + 1
    if count > keep then
      for old in next, t do
        t[old] = nil
      end
      count = 1
    end
    t[key] = value
    return value
  end
  local index = wrap(function(_, key)
    while true do
      local ok, value = pcall(fetch, key)
      if not ok then
        failed, value = value, otherwise
      end
      _, key = yield(value)
    end
  end)
  return setmetatable(t, { __index = index })
end

--- Raises what has kept a memo from making a field.
local function raise_failed()
  if failed == "not enough memory" then
    vm.strike("memory")
  end
  error(failed, 0)
end

vm.raise_failed = raise_failed

--- A table of the functions that these parts put into `vm[name]`: they are read when one is first asked for. Not counted
--- either; where there is no memory for that, the call of the function ends the message.
function vm.functions_of(name, parts)
  return vm.memo(32, function(key)
    vm.fetch(parts)
    return vm[name][key]
  end, raise_failed)
end
