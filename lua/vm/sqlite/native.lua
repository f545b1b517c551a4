--- The way to Python, where SQLite runs.

local vm = ...

local collect, charge = vm.collect, vm.charge
local sqlite = vm.sqlite_parts
local NOMEM = sqlite.constants.NOMEM
--- From Python: there is an answer, but no room in memory for it.
local PENDING = 1000

local py = {}

local NAMES = {
  "open",
  "close",
  "exec",
  "prepare",
  "columns",
  "params",
  "start",
  "next",
  "stop",
  "counts",
  "function",
  "aggregate",
  "collation",
  "hook",
  "filename",
  "complete",
  "interrupt",
  "backup",
  "backup_step",
  "backup_counts",
  "backup_finish",
  "pending",
}

--- Goes on after a call into SQLite: a limit that was hit in it is raised here.
local function after(...)
  if vm.hit then
    charge(0)
  end
  local code = ...
  if code == PENDING then
    collect()
    return after(py.pending())
  elseif code == NOMEM then
    vm.strike("memory")
  end
  return ...
end

--- What a call into SQLite counts, and how many bytes given to it count as one instruction.
sqlite.CALL, sqlite.BYTES = 64, 16
sqlite.python, sqlite.functions, sqlite.after = py, NAMES, after
