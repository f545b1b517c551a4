--- lsqlite3: SQLite in memory. The objects and their methods; what runs in SQLite is in Python (`vm/sqlite/`).
--
-- It is trusted code because its functions stand where the reference's C functions do: their errors, and the Lua
-- functions that SQLite calls, get their positions and their limits from the sandbox.

local vm = ...

local error, next, setmetatable = error, next, setmetatable
local unpack = table.unpack
local native = vm.native

--- What the parts share: each leaves there what later ones take, and `sqlite/state` what a saved state has to know.
local sqlite = {}
vm.sqlite_parts = sqlite

local PARTS = {
  "sqlite/constants",
  "sqlite/native",
  "sqlite/calls",
  "sqlite/arguments",
  "sqlite/objects",
  "sqlite/outcomes",
  "sqlite/database",
  "sqlite/statement",
  "sqlite/parameters",
  "sqlite/columns",
  "sqlite/rows",
  "sqlite/exec",
  "sqlite/context",
  "sqlite/functions",
  "sqlite/backup",
  "sqlite/library",
}

vm.part(unpack(PARTS))

local library, py = sqlite.library, sqlite.python

--- The tables that both sides hold, by the names that a saved state has for them.
sqlite.tables = {
  library = library,
  Database = sqlite.Database,
  Statement = sqlite.Statement,
  Context = sqlite.Context,
  Backup = sqlite.Backup,
}

--- Makes the module `lsqlite3`; an error where Python has no SQLite for it.
function vm.sqlite()
  local ready = native("sqlite.ready")
  local ok, why
  if ready then
    ok, why = ready()
  end
  if not ok then
    error(why or "the module lsqlite3 is not available here", 0)
  end
  for _, name in next, sqlite.functions do
    py[name] = native("sqlite." .. name)
  end
  for name, value in next, sqlite.constants do
    library[name] = value
  end
  return setmetatable(library, library)
end
