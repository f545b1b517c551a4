-- Puts the trusted side together. Runs once for each VM, in Lua's real globals.
-- Arguments: Python callables (they take and return plain values, and never raise) , the dialect, and an Id.
local trusted, chunk, find, file, native, now, write, register, sorted, digest, recall, remember, dialect, code_id = ...

local vm = {
  --- Byte code of one of our own modules, or nil.
  chunk = chunk,
  --- Source of a module of the project, or nil.
  find = find,
  --- Content of the file /data/<id>, or nil.
  file = file,
  native = native,
  --- Seconds of a monotonic clock.
  now = now,
  --- Takes a line that a process printed outside of any message.
  write = write,
  --- Gives Python the Lua functions that it calls.
  register = register,
  --- Sorts strings with zero bytes between them; nil where they are not as many as is said.
  sorted = sorted,
  --- A digest of a string.
  digest = digest,
  --- Where the functions lie in the byte code of a module of ours, once that was told.
  recall = recall,
  remember = remember,
}

-- The generations of the network's module, oldest first; "1" is aos 0.2.1.
local ORDER = { ["0.2.0"] = 1, ["1"] = 2, ["2.0.1"] = 3, ["2.0.3"] = 4, ["2.0.6"] = 5 }

-- What our own modules share and no process sees.
vm.host = {
  dialect = dialect,
  --- The Id of the Eval that brings the process's own code, where `On-Boot` is not known.
  code = code_id,
  --- Whether the process is of this generation or of a later one.
  since = function(generation)
    return ORDER[dialect] >= ORDER[generation]
  end,
  time = 0,
  -- Lua's own, for what is done often: no process can tell, as long as neither the order of `next` nor how many
  -- instructions it takes shows.
  raw = {
    next = next,
    rawget = rawget,
    concat = table.concat,
    sort = table.sort,
    find = string.find,
    gsub = string.gsub,
    match = string.match,
    format = string.format,
    setmetatable = setmetatable,
    running = coroutine.running,
  },
}

local unpack = table.unpack

local PARTS = {
  "limits/garbage",
  "bytecode/functions",
  "limits/gas",
  "limits/errors",
  "limits/coroutines",
  "limits/memo",
  "limits/outside",
  "debug/frames",
  "debug/network",
  "identity/addresses",
  "order/keys",
  "order/remembered",
  "order/next",
  "order/pairs",
  "library/arguments",
  "library/bit32",
  "library/math",
  "library/strings",
  "library/numerals",
  "library/variadic",
  "library/text",
  "library/tables",
  "library/sort",
  "patterns/cost",
  "patterns/find",
  "patterns/gsub",
  "debug/errors",
  "debug/levels",
  "debug/traceback",
  "debug/getinfo",
  "debug/variables",
  "debug/machine",
  "sandbox/natives",
  "bytecode/distinct",
  "bytecode/compiled",
  "library/modules",
  "library/package",
  "library/require",
  "library/metatables",
  "library/load",
  "library/os",
  "library/io",
  "sandbox/globals",
  "sqlite/loader",
  "border/values",
  "border/shapes",
  "border/results",
  "border/worker",
  "border/failures",
  "border/evaluation",
  "border/start",
  "border/state",
}

--- Runs these parts, one after the other.
local function run(...)
  local code = trusted(...)
  if not code then
    -- Python gives nothing where there is no room for it
    vm.collect()
    code = trusted(...) or error("not enough memory", 0)
  end
  assert(load(code, "=ao.vm", "b"))(vm)
end

--- Loads a part. Some are large, seldom needed, and loaded by others.
vm.part = run

local there = {}

--- Loads those of the parts that are not there yet. What a process does may be the first to need some: to be called where
--- nothing is counted.
function vm.fetch(parts)
  local missing = {}
  for i = 1, #parts do
    if not there[parts[i]] then
      missing[#missing + 1] = parts[i]
    end
  end
  if missing[1] then
    run(unpack(missing))
    for i = 1, #missing do
      there[missing[i]] = true
    end
  end
end

-- Nothing of what is made here is garbage; `border.start` lets the collector go on.
collectgarbage("stop")
run(unpack(PARTS))

return vm.border
