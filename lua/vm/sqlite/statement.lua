--- Statements: compiled, stepped through, put back, closed.

local vm = ...

local select, setmetatable, unpack = select, setmetatable, table.unpack
local sub, match = string.sub, string.match
local charge = vm.charge
local sqlite = vm.sqlite_parts
local constants = sqlite.constants
local OK, ROW, DONE = constants.OK, constants.ROW, constants.DONE
local CALL, BYTES, py, after = sqlite.CALL, sqlite.BYTES, sqlite.python, sqlite.after
local Database, database, the, opened = sqlite.Database, sqlite.database, sqlite.the, sqlite.opened
local Statement, statements, statement = sqlite.Statement, sqlite.statements, sqlite.statement
local ended, halt, check_string = sqlite.ended, sqlite.halt, sqlite.arguments.string

--- Compiles the first statement of sql: its state and object, and the tail; or nil and the code.
local function prepare(d, sql, temporary)
  charge(CALL + #sql // BYTES)
  local code, stop, parameters, columns = after(py.prepare(d.handle, sql))
  if code ~= OK then
    return nil, ended(d, code, stop)
  end
  ended(d, OK)
  local s = {
    open = parameters >= 0,
    database = d,
    handle = d.handle,
    sql = sub(sql, 1, stop),
    parameters = parameters,
    columns = columns,
    values = {},
    width = 0,
    size = 0,
    rc = OK,
    fresh = true,
    temporary = temporary,
  }
  local object = setmetatable({}, Statement)
  statements[object] = s
  if s.open then
    d.statements[s] = true
  end
  local zero = match(sql, "^[^%z]*")
  return object, sub(zero, stop + 1), s
end

function Database.prepare(...)
  local d = database(...)
  local object, tail = prepare(d, check_string(2, ...), false)
  return object, tail
end

--- Takes what SQLite gave for the next row.
local function received(s, code, ...)
  local d = s.database
  if code == ROW then
    local n = select("#", ...)
    s.row, s.has_row, s.width, s.rc = { ... }, true, n, OK
    if n ~= s.columns then
      s.columns, s.names = n, nil -- the table has changed since
    end
    d.code, d.message = ROW, nil
    return ROW
  end
  s.has_row, s.width, s.row, s.cursor = false, 0, nil, nil
  if code == DONE then
    s.rc = OK
    d.code, d.message = DONE, nil
    return DONE
  end
  s.rc, s.failure = code, (...)
  return ended(d, code, (...))
end

local function started(s, code, ...)
  if code == ROW then
    s.cursor = (...)
    return received(s, ROW, select(2, ...))
  end
  return received(s, code, ...)
end

local function step(s)
  charge(CALL)
  if s.cursor then
    return received(s, after(py.next(s.cursor)))
  end
  s.fresh = false
  local n = s.parameters
  if n == 0 then
    return started(s, after(py.start(s.handle, s.sql, nil)))
  end
  local size = s.size
  if size > BYTES then
    charge(size // BYTES)
  end
  return started(s, after(py.start(s.handle, s.sql, s.kinds, unpack(s.values, 1, n))))
end

function Statement.step(...)
  return step(statement(...))
end

--- Puts a statement back to its start.
local function reset(s)
  local d = s.database
  if s.fresh then
    -- nothing is under way: how the last call has ended stays what it is
    return d.code
  end
  halt(s)
  s.row = s.has_row and {} or nil
  d.code, d.message = s.rc, s.rc ~= OK and s.failure or nil
  return s.rc
end

function Statement.reset(...)
  return reset(statement(...))
end

local function finalize(s)
  local code = s.fresh and OK or reset(s)
  s.open = false
  s.database.statements[s] = nil
  return code
end

function Statement.finalize(...)
  return finalize(statement(...))
end

function Statement.isopen(...)
  local s = statements[(...)] or the(statements, ":sqlite3:vm", "sqlite virtual machine", 1, ...)
  return s.open
end

function Statement.columns(...)
  return statement(...).columns
end

function Statement.last_insert_rowid(...)
  local s = statement(...)
  charge(CALL)
  local _, _, _, rowid = after(py.counts(s.handle))
  return rowid
end

function Statement.__tostring(...)
  local s = statements[(...)] or the(statements, ":sqlite3:vm", "sqlite virtual machine", 1, ...)
  return "sqlite virtual machine (" .. opened(s.open and 0 or 1, ...) .. ")"
end

sqlite.prepare, sqlite.started, sqlite.step = prepare, started, step
sqlite.reset, sqlite.finalize = reset, finalize
