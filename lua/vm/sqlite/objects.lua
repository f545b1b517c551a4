--- The objects of the module. A process holds empty tables with a metatable; what they stand for is found by them in
--- private tables.

local vm = ...

local error, next, select, setmetatable = error, next, select, setmetatable
local format = string.format
local sqlite = vm.sqlite_parts
local py, wrong = sqlite.python, sqlite.arguments.wrong

local WEAK = { __mode = "k" }
local databases = setmetatable({}, WEAK)
local statements = setmetatable({}, WEAK)
local contexts = setmetatable({}, WEAK)
local backups = setmetatable({}, WEAK)

local Database = { __name = ":sqlite3" }
local Statement = { __name = ":sqlite3:vm" }
local Context = { __name = ":sqlite3:ctx" }
local Backup = { __name = ":sqlite3:bu" }
Database.__index, Statement.__index, Context.__index, Backup.__index = Database, Statement, Context, Backup

for _, meta in next, { Database, Statement, Context, Backup } do
  --- The objects are no tables in the reference.
  function meta.__newindex(object)
    error("attempt to index a " .. vm.typename(object) .. " value", 0)
  end
end

--- Databases that nobody holds any more: closed before the next one is opened, when it can be done.
local orphans, orphan_count = {}, 0

local function bury()
  for i = 1, orphan_count do
    py.close(orphans[i])
    orphans[i] = nil
  end
  orphan_count = 0
end

--- A database that is not reachable any more leaves its handle to be closed. Its own metatable: private.
local LEAVES = {
  __gc = function(d)
    if d.handle and not d.named then
      orphan_count = orphan_count + 1
      orphans[orphan_count] = d.handle
    end
  end,
}

local function opened(first, ...)
  return first == 1 and "closed" or format("0x%08x", vm.address((...)))
end

local function the(objects, what, closed, index, ...)
  local object = select(index, ...)
  local state = objects[object]
  if not state then
    return wrong(index, what, ...)
  elseif not state.open then
    error(format("bad argument #%d to '?' (attempt to use closed %s)", index, closed), 0)
  end
  return state
end

local function database(...)
  local d = databases[(...)]
  return d and d.open and d or the(databases, ":sqlite3", "sqlite database", 1, ...)
end

local function statement(...)
  local s = statements[(...)]
  return s and s.open and s or the(statements, ":sqlite3:vm", "sqlite virtual machine", 1, ...)
end

sqlite.databases, sqlite.statements, sqlite.contexts, sqlite.backups = databases, statements, contexts, backups
sqlite.Database, sqlite.Statement, sqlite.Context, sqlite.Backup = Database, Statement, Context, Backup
sqlite.database, sqlite.statement, sqlite.the = database, statement, the
sqlite.weak, sqlite.leaves, sqlite.bury, sqlite.opened = WEAK, LEAVES, bury, opened
