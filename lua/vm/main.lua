-- Puts the trusted side together. Runs once for each VM, in Lua's real globals.
-- Arguments: Python callables (they take and return plain values, and never raise) and the dialect.
local trusted, chunk, find, file, native, now, write, register, sorted, digest, recall, remember, dialect = ...

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

-- What our own modules share and no process sees.
vm.host = {
  dialect = dialect,
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

local PARTS = {
  "garbage",
  "bytecode",
  "limits",
  "compat",
  "text",
  "order",
  "patterns",
  "strings",
  "sort",
  "tables",
  "debug",
  "natives",
  "distinct",
  "frames",
  "require",
  "sandbox",
  "sqlite/loader",
  "values",
  "shapes",
  "border",
}

--- Loads a part. Some are large, seldom needed, and loaded by others.
function vm.part(name)
  assert(load(trusted(name), "=ao.vm", "b"))(vm)
end

-- Nothing of what is made here is garbage; `border.start` lets the collector go on.
collectgarbage("stop")
for _, name in ipairs(PARTS) do
  vm.part(name)
end

return vm.border
