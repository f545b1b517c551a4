--- Databases: opening and closing, errors, counts, and what nobody needs here.

local vm = ...

local next, select, setmetatable = next, select, setmetatable
local charge = vm.charge
local sqlite = vm.sqlite_parts
local OK = sqlite.constants.OK
local CALL, py, after = sqlite.CALL, sqlite.python, sqlite.after
local databases, Database, database, the = sqlite.databases, sqlite.Database, sqlite.database, sqlite.the
local WEAK, LEAVES, bury, opened = sqlite.weak, sqlite.leaves, sqlite.bury, sqlite.opened
local ended, message = sqlite.ended, sqlite.message
local arguments = sqlite.arguments
local check_string, check_integer, check_type = arguments.string, arguments.integer, arguments.type
local blank = arguments.blank

local function new_database(name, flags)
  bury()
  charge(20000)
  local code, handle = after(py.open(name, flags))
  if code ~= OK then
    return nil, code, handle
  end
  local d = setmetatable({ open = true, handle = handle, code = OK, statements = setmetatable({}, WEAK) }, LEAVES)
  d.named = name ~= ":memory:"
  local object = setmetatable({}, Database)
  databases[object] = d
  return object
end

--- Ends what a statement has under way.
local function halt(s)
  local cursor = s.cursor
  s.fresh = true
  if cursor then
    s.cursor = nil
    after(py.stop(cursor))
  end
end

-- The database then says how the statements under way have ended; of several, the same in every run: the one with the
-- lowest code. (The reference takes the last in an order of its own.)
local function close_statements(d, only_temporary)
  local code, text
  for s in next, d.statements do
    if s.temporary or not only_temporary then
      if not s.fresh then
        local failure = s.rc ~= OK and s.failure or ""
        if not code or s.rc < code or s.rc == code and failure < text then
          code, text = s.rc, failure
        end
      end
      halt(s)
      s.open = false
      d.statements[s] = nil
    end
  end
  if code then
    d.code, d.message = code, code ~= OK and text or nil
  end
end

function Database.close(...)
  local d = database(...)
  charge(CALL)
  local code, text = after(py.close(d.handle))
  if code == OK then
    for s in next, d.statements do
      s.open, s.cursor = false, nil
    end
    d.open, d.handle, d.statements = false, nil, {}
  end
  return ended(d, code, text)
end

function Database.close_vm(...)
  local d = database(...)
  close_statements(d, (select(2, ...)))
end

function Database.isopen(...)
  local d = databases[(...)] or the(databases, ":sqlite3", "sqlite database", 1, ...)
  return d.open
end

function Database.errcode(...)
  return database(...).code
end
Database.error_code = Database.errcode

function Database.errmsg(...)
  return message(database(...))
end
Database.error_message = Database.errmsg

local function counts(which)
  return function(...)
    local d = database(...)
    charge(CALL)
    local values = { after(py.counts(d.handle)) }
    return values[which]
  end
end

Database.changes = counts(2)
Database.total_changes = counts(3)
Database.last_insert_rowid = counts(4)

function Database.db_filename(...)
  local d = database(...)
  local name = check_string(2, ...)
  charge(CALL)
  return (after(py.filename(d.handle, name)))
end

function Database.interrupt(...)
  local d = database(...)
  py.interrupt(d.handle)
end

--- Nobody else holds a lock for longer than a call: there is nothing to wait for.
function Database.busy_timeout(...)
  database(...)
  check_integer(2, ...)
end

function Database.busy_handler(...)
  database(...)
  if not blank(2, ...) then
    check_type(2, "function", ...)
  end
end

function Database.load_extension(...)
  database(...)
  if select("#", ...) < 2 or blank(2, ...) then
    return true
  end
  check_string(2, ...)
  return false, "dynamic linking not enabled"
end

function Database.get_ptr(...)
  database(...)
  return nil
end

function Database.__tostring(...)
  local d = databases[(...)] or the(databases, ":sqlite3", "sqlite database", 1, ...)
  return "sqlite database (" .. opened(d.open and 0 or 1, ...) .. ")"
end

sqlite.new_database, sqlite.halt = new_database, halt
