--- lsqlite3: SQLite in memory. The objects and their methods; what runs in SQLite is in Python (`native_sqlite.py`).
--
-- It is trusted code because its functions stand where the reference's C functions do: their errors, and the Lua
-- functions that SQLite calls, get their positions and their limits from the sandbox. A process holds empty tables
-- with a metatable; what they stand for is found by them in private tables.

local vm = ...

local type, error, select, next, setmetatable = type, error, select, next, setmetatable
local pcall, unpack = pcall, table.unpack
local collect = vm.collect
local resume, status = coroutine.resume, coroutine.status
local format, sub, byte, rep, match = string.format, string.sub, string.byte, string.rep, string.match
local math_type, tointeger, tonumber = math.type, math.tointeger, tonumber
local native, charge = vm.native, vm.charge

local OK, ABORT, MISUSE, RANGE, ROW, DONE = 0, 4, 21, 25, 100, 101
local NOMEM = 7
--- From Python: there is an answer, but no room in memory for it.
local PENDING = 1000
--- How the value of a Lua function goes to Python.
local NULL, NUMBER, TEXT, BLOB, FAILED = 0, 1, 2, 3, 4

local MESSAGES = {
  [OK] = "not an error",
  [MISUSE] = "bad parameter or other API misuse",
  [RANGE] = "column index out of range",
  [ROW] = "another row available",
  [DONE] = "no more rows available",
}

--- What a call into SQLite counts, and how many bytes given to it count as one instruction.
local CALL, BYTES = 64, 16

-- Python -------------------------------------------------------------------------------------------------------------

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

--- Databases that nobody holds any more: closed before the next one is opened, when it can be done.
local orphans, orphan_count = {}, 0

local function bury()
  for i = 1, orphan_count do
    py.close(orphans[i])
    orphans[i] = nil
  end
  orphan_count = 0
end

-- The Lua functions that SQLite calls --------------------------------------------------------------------------------

local callbacks, callback_count = {}, 0

local function register(f)
  callback_count = callback_count + 1
  callbacks[callback_count] = f
  return callback_count
end

local function text_of(err)
  if type(err) == "string" then
    return err
  elseif math_type(err) then
    return err .. ""
  end
  return ""
end

--- Runs f in a coroutine of its own, with the process's limits: true and its results, or false and a text.
local function guarded(f, ...)
  local co = vm.coroutine.create(f)
  local function finish(ok, ...)
    if not ok then
      return false, text_of(vm.verdict(co, (...)))
    elseif status(co) == "suspended" then
      return false, "attempt to yield from outside a coroutine"
    end
    return true, ...
  end
  return finish(resume(co, ...))
end

local function answered(ok, done, ...)
  if not ok then
    return FAILED, "interrupted" -- a limit: it is raised again when SQLite has ended
  elseif not done then
    return FAILED, ...
  end
  return ...
end

--- For Python: calls a Lua function; gives the kind of its value and the value. Never raises.
local function call(id, what, instance, ...)
  local f = callbacks[id]
  if not f or vm.hit then
    return FAILED, "interrupted"
  end
  return answered(pcall(guarded, f, what, instance, ...))
end

--- For Python: counts work; true when a limit is reached. A negative number collects garbage. Never raises.
local function tick(n)
  if n < 0 then
    collect()
    return false
  end
  return vm.hit ~= nil or not pcall(charge, n)
end

-- Arguments, as Lua's own library checks them --------------------------------------------------------------------------

local function wrong(index, what, ...)
  local got = select("#", ...) < index and "no value" or vm.typename((select(index, ...)))
  error(format("bad argument #%d to '?' (%s expected, got %s)", index, what, got), 0)
end

local function check_string(index, ...)
  local value = select(index, ...)
  if type(value) == "string" then
    return value
  elseif math_type(value) then
    return value .. ""
  end
  return wrong(index, "string", ...)
end

local function check_integer(index, ...)
  local value = select(index, ...)
  local whole = tointeger(value)
  if whole then
    return whole
  end
  local number = (type(value) == "string" or math_type(value)) and tonumber(value)
  if not number then
    return wrong(index, "number", ...)
  end
  whole = tointeger(number)
  if not whole then
    error(format("bad argument #%d to '?' (number has no integer representation)", index), 0)
  end
  return whole
end

local function check_number(index, ...)
  local value = select(index, ...)
  local number = (type(value) == "string" or math_type(value)) and tonumber(value)
  return number or wrong(index, "number", ...)
end

local function check_type(index, kind, ...)
  local value = select(index, ...)
  if type(value) ~= kind then
    return wrong(index, kind, ...)
  end
  return value
end

local function blank(index, ...)
  return select(index, ...) == nil
end

--- To whole 32 bits, as C casts a number to int.
local function int32(n)
  n = n & 0xFFFFFFFF
  return n >= 0x80000000 and n - 0x100000000 or n
end

-- Objects --------------------------------------------------------------------------------------------------------------

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

--- Remembers how the last call on a database has ended.
local function ended(d, code, message)
  d.code, d.message = code, message
  return code
end

local function message(d)
  return d.message or MESSAGES[d.code] or "unknown error"
end

-- Databases ------------------------------------------------------------------------------------------------------------

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

-- Statements -----------------------------------------------------------------------------------------------------------

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

-- Parameters -----------------------------------------------------------------------------------------------------------

--- Stores the value of a parameter; the index is right.
local function store(s, index, value, blob)
  local d = s.database
  if not s.fresh then
    return ended(d, MISUSE)
  end
  local kind = type(value)
  local values, kinds = s.values, s.kinds
  local before = values[index]
  local size = s.size
  if type(before) == "string" then
    size = size - #before
  end
  if kind == "string" then
    size = size + #value
  elseif kind == "boolean" then
    value = value and 1 or 0
  end
  values[index], s.size = value, size
  if blob or kinds then
    kinds = kinds or rep("-", s.parameters + 1)
    s.kinds = sub(kinds, 1, index) .. (blob and "b" or "-") .. sub(kinds, index + 2)
  end
  d.code, d.message = OK, nil
  return OK
end

local PLAIN = { ["nil"] = true, boolean = true, number = true, string = true }

local function bind(s, index, value)
  local kind = type(value)
  if not PLAIN[kind] then
    if databases[value] or statements[value] or contexts[value] then
      kind = "userdata"
    end
    error(format("index (%d) - invalid data type for bind (%s)", index, kind), 0)
  end
  return store(s, index, value, false)
end

local function check_index(s, index)
  if index < 1 or index > s.parameters then
    error(format("bind index out of range [1..%d]", s.parameters), 0)
  end
  return index
end

function Statement.bind(...)
  local s = statement(...)
  local index = check_index(s, int32(check_integer(2, ...)))
  return bind(s, index, (select(3, ...)))
end

function Statement.bind_blob(...)
  local s = statement(...)
  local index = int32(check_integer(2, ...))
  local value = check_string(3, ...)
  if not s.fresh then
    return ended(s.database, MISUSE)
  elseif index < 1 or index > s.parameters then
    return ended(s.database, RANGE)
  end
  return store(s, index, value, true)
end

function Statement.bind_values(...)
  local s = statement(...)
  local given = select("#", ...) - 1
  if given ~= s.parameters then
    error(format("incorrect number of parameters to bind (%d given, %d to bind)", given, s.parameters), 0)
  end
  if not s.fresh or s.kinds then
    for i = 1, given do
      local code = bind(s, i, (select(i + 1, ...)))
      if code ~= OK then
        return code
      end
    end
    return OK
  end
  local values, size = { select(2, ...) }, 0
  for i = 1, given do
    local value = values[i]
    local kind = type(value)
    if kind == "string" then
      size = size + #value
    elseif kind == "boolean" then
      values[i] = value and 1 or 0
    elseif kind ~= "number" and kind ~= "nil" then
      bind(s, i, value) -- fails
    end
  end
  s.values, s.size = values, size
  local d = s.database
  d.code, d.message = OK, nil
  return OK
end

function Statement.bind_parameter_count(...)
  return statement(...).parameters
end

--- The names of a statement's parameters, with their signs.
local function parameter_names(s)
  local names = s.parameter_names
  if not names then
    charge(CALL + #s.sql // BYTES)
    names = { select(2, after(py.params(s.handle, s.sql))) }
    s.parameter_names = names
  end
  return names
end

function Statement.bind_parameter_name(...)
  local s = statement(...)
  local index = check_index(s, int32(check_integer(2, ...)))
  return parameter_names(s)[index]
end

local COLON, DOLLAR = byte(":$", 1, 2)

function Statement.bind_names(...)
  local s = statement(...)
  local values = check_type(2, "table", ...)
  local names = parameter_names(s)
  for i = 1, s.parameters do
    local name = names[i]
    local sign = name and byte(name)
    local code
    if sign == COLON or sign == DOLLAR then
      code = bind(s, i, values[sub(name, 2)])
    else
      code = bind(s, i, values[i])
    end
    if code ~= OK then
      return code
    end
  end
  return OK
end

-- Columns --------------------------------------------------------------------------------------------------------------

--- The names of a statement's columns; their declared types are beside them in s.types.
local function column_names(s)
  local names = s.names
  if not names then
    names = {}
    local types = {}
    local n = s.columns
    if n > 0 then
      charge(CALL + #s.sql // BYTES)
      local all = { after(py.columns(s.handle, s.sql)) }
      if all[1] == OK then
        for i = 1, n do
          names[i], types[i] = all[2 * i], all[2 * i + 1]
        end
      end
    end
    s.names, s.types = names, types
  end
  return names
end

local function column_types(s)
  column_names(s)
  return s.types
end

local function column_index(s, ...)
  local index = int32(check_integer(2, ...))
  if index < 0 or index >= s.width then
    error(format("index out of range [0..%d]", s.width - 1), 0)
  end
  return index + 1
end

local function row_of(s)
  if not s.has_row then
    error("misuse of function", 0)
  end
  return s.row
end

function Statement.get_value(...)
  local s = statement(...)
  check_integer(2, ...)
  local row = row_of(s)
  return row[column_index(s, ...)]
end

function Statement.get_name(...)
  local s = statement(...)
  local index = column_index(s, ...)
  return column_names(s)[index]
end

function Statement.get_type(...)
  local s = statement(...)
  local index = column_index(s, ...)
  return column_types(s)[index]
end

local function listed(list, n)
  local copy = {}
  for i = 1, n do
    copy[i] = list[i]
  end
  return copy
end

local function named(names, list, n)
  local values = {}
  for i = 1, n do
    local name = names[i]
    if name then
      values[name] = list[i]
    end
  end
  return values
end

function Statement.get_values(...)
  local s = statement(...)
  return listed(row_of(s), s.width)
end

function Statement.get_uvalues(...)
  local s = statement(...)
  return unpack(row_of(s), 1, s.width)
end

function Statement.get_named_values(...)
  local s = statement(...)
  local row = row_of(s)
  return named(column_names(s), row, s.width)
end

function Statement.get_names(...)
  local s = statement(...)
  return listed(column_names(s), s.columns)
end

function Statement.get_unames(...)
  local s = statement(...)
  return unpack(column_names(s), 1, s.columns)
end

function Statement.get_types(...)
  local s = statement(...)
  return listed(column_types(s), s.columns)
end

function Statement.get_utypes(...)
  local s = statement(...)
  return unpack(column_types(s), 1, s.columns)
end

function Statement.get_named_types(...)
  local s = statement(...)
  return named(column_names(s), column_types(s), s.columns)
end

Statement.idata, Statement.data = Statement.get_values, Statement.get_named_values
Statement.inames, Statement.itypes, Statement.type = Statement.get_names, Statement.get_types, Statement.get_named_types

-- Rows -----------------------------------------------------------------------------------------------------------------

--- An iterator's step: true on a row; at the end the statement is put back, or closed when it was the iterator's own.
local function advance(s)
  local code = step(s)
  if code == ROW then
    return true
  end
  local d = s.database
  if code == DONE then
    if s.temporary then
      finalize(s)
    else
      reset(s)
    end
    return false
  end
  local text = message(d)
  if s.temporary then
    finalize(s)
  else
    reset(s)
  end
  vm.pass(text)
end

local function next_row(...)
  local s = statement(...)
  if advance(s) then
    return listed(s.row, s.width)
  end
  return nil
end

local function next_named(...)
  local s = statement(...)
  if advance(s) then
    return named(column_names(s), s.row, s.width)
  end
  return nil
end

local function next_unpacked(...)
  local s = statement(...)
  if advance(s) then
    return unpack(s.row, 1, s.width)
  end
  return nil
end

for name, iterator in next, { rows = next_row, nrows = next_named, urows = next_unpacked } do
  Statement[name] = function(...)
    statement(...)
    return iterator, (...)
  end
  Database[name] = function(...)
    local d = database(...)
    local object = prepare(d, check_string(2, ...), true)
    if not object then
      vm.pass(message(d))
    end
    return iterator, object
  end
end

-- exec -----------------------------------------------------------------------------------------------------------------

--- Gives a row to the callback: true when it wants to go on.
local function tell(f, data, n, values, names)
  local ok, answer = guarded(f, data, n, values, names)
  if vm.hit then
    charge(0)
  end
  local number = ok and (type(answer) == "string" or math_type(answer)) and tonumber(answer)
  return number and (number == 0 or -1 < number and number < 1)
end

--- Runs the statements of sql one by one and tells a Lua function each row.
local function exec_told(d, sql, f, data)
  local values, names = {}, {}
  local first = true
  local rest = match(sql, "^[^%z]*")
  while rest ~= "" do
    local object, tail, s = prepare(d, rest, true)
    if not object then
      return d.code
    end
    rest = tail
    if s.open then
      s.kinds = "t" .. rep("-", s.parameters)
      charge(CALL)
      local code = started(s, after(py.start(s.handle, s.sql, s.kinds, unpack(s.values, 1, s.parameters))))
      while code == ROW do
        local n = s.width
        if first then
          first = false
          local all = column_names(s)
          for i = 1, n do
            names[i] = all[i]
          end
        end
        for i = 1, n do
          values[i] = s.row[i]
        end
        if not tell(f, data, n, values, names) then
          finalize(s)
          return ended(d, ABORT, "query aborted")
        end
        code = step(s)
      end
      local text = d.message
      finalize(s)
      if code ~= DONE then
        return ended(d, code, text)
      end
    end
  end
  return ended(d, OK)
end

function Database.exec(...)
  local d = database(...)
  local sql = check_string(2, ...)
  local _, _, f, data = ...
  if f ~= nil then
    return exec_told(d, sql, check_type(3, "function", ...), data)
  end
  charge(CALL + #sql // BYTES)
  local code, text = after(py.exec(d.handle, sql))
  return ended(d, code, text)
end
Database.execute = Database.exec

-- Functions that SQLite calls ------------------------------------------------------------------------------------------

local function context(...)
  local c = contexts[(...)]
  if not c then
    return wrong(1, ":sqlite3:ctx", ...)
  elseif not c.open then
    error("bad argument #1 to '?' (invalid sqlite context)", 0)
  end
  return c
end

function Context.user_data(...)
  return context(...).data
end

function Context.__tostring(...)
  local c = contexts[(...)] or wrong(1, ":sqlite3:ctx", ...)
  return "sqlite function context (" .. opened(c.open and 0 or 1, ...) .. ")"
end

local function aggregate(...)
  local c = context(...)
  if not c.aggregate then
    error("attempt to call aggregate method from scalar function", 0)
  end
  return c.aggregate
end

function Context.aggregate_count(...)
  return aggregate(...).count
end

function Context.get_aggregate_data(...)
  return aggregate(...).data
end

function Context.set_aggregate_data(...)
  aggregate(...).data = (select(2, ...))
end

local function put(c, kind, value)
  c.kind, c.value = kind, value
end

function Context.result_null(...)
  put(context(...), NULL)
end

function Context.result_int(...)
  local c = context(...)
  put(c, NUMBER, int32(check_integer(2, ...)))
end

function Context.result_double(...)
  local c = context(...)
  put(c, NUMBER, check_number(2, ...) + 0.0)
end
Context.result_number = Context.result_double

function Context.result_text(...)
  local c = context(...)
  put(c, TEXT, check_string(2, ...))
end

function Context.result_blob(...)
  local c = context(...)
  put(c, BLOB, check_string(2, ...))
end

function Context.result_error(...)
  local c = context(...)
  put(c, TEXT, match(check_string(2, ...), "^[^%z]*"))
  c.failed = true
end

function Context.result(...)
  local c = context(...)
  local value = select(2, ...)
  if value == nil then
    put(c, NULL)
  elseif math_type(value) then
    put(c, NUMBER, value)
  elseif type(value) == "string" then
    put(c, TEXT, value)
  else
    error("invalid result type userdata", 0)
  end
end

--- Calls f with a context and gives what it has put there.
local function with_context(f, data, state, ...)
  local c = { open = true, data = data, aggregate = state, kind = NULL }
  local object = setmetatable({}, Context)
  contexts[object] = c
  local function finish(ok, err)
    c.open = false
    if not ok then
      if vm.hit then
        charge(0)
      end
      return FAILED, text_of(err)
    elseif c.failed then
      local value = c.value
      return FAILED, value == nil and "" or math_type(value) and vm.tostring(value) or value
    end
    return c.kind, c.value
  end
  return finish(vm.pcall(f, object, ...))
end

local function define(kind, ...)
  local d = database(...)
  local name = check_string(2, ...)
  local arguments = int32(check_integer(3, ...))
  local f = check_type(4, "function", ...)
  local last, data
  if kind == "aggregate" then
    last = check_type(5, "function", ...)
    data = select(6, ...)
  else
    data = select(5, ...)
  end
  charge(CALL + #name)
  if arguments < -1 or arguments > 127 or #name > 255 then
    return false
  end
  local instances = {}
  local id = register(function(what, instance, ...)
    if what == 0 then
      return with_context(f, data, nil, ...)
    end
    local state = instances[instance]
    if not state then
      state = { count = 0 }
      instances[instance] = state
    end
    if what == 1 then
      state.count = state.count + 1
      local result, value = with_context(f, data, state, ...)
      return result, result == FAILED and value or nil
    end
    instances[instance] = nil
    return with_context(last, data, state)
  end)
  local code, text = after(py[kind](d.handle, name, arguments, id))
  if code ~= OK then
    callbacks[id] = nil
  end
  return ended(d, code, text) == OK
end

-- No tail calls: what an error says is read off the frames.

function Database.create_function(...)
  local ok = define("function", ...)
  return ok
end

function Database.create_aggregate(...)
  local ok = define("aggregate", ...)
  return ok
end

function Database.create_collation(...)
  local d = database(...)
  local name = check_string(2, ...)
  local f = select(3, ...)
  if f == nil then
    return
  elseif type(f) ~= "function" then
    error("create_collation: function or nil expected", 0)
  end
  charge(CALL + #name)
  local id = register(function(_, _, one, two)
    local ok, answer = vm.pcall(f, one, two)
    local number = ok and math_type(answer) and tointeger(answer)
    return NUMBER, number or 0
  end)
  local code, text = after(py.collation(d.handle, name, id))
  ended(d, code, text)
end

--- Makes a method that sets a hook: `truth` says what a hook that fails has answered.
local function hook(kind, failing)
  return function(...)
    local d = database(...)
    local at, steps = 2, 0
    if blank(2, ...) then
      after(py.hook(d.handle, kind, nil, 0))
      return
    end
    if kind == "progress" then
      at, steps = 3, int32(check_integer(2, ...))
    end
    local f = check_type(at, "function", ...)
    local data = select(at + 1, ...)
    charge(CALL)
    local id = register(function(_, _, ...)
      local ok, answer = vm.pcall(f, data, ...)
      if not ok then
        answer = failing
      end
      return NUMBER, answer and 1 or 0
    end)
    after(py.hook(d.handle, kind, id, steps))
  end
end

Database.progress_handler = hook("progress", true)
Database.commit_hook = hook("commit", false)
Database.rollback_hook = hook("rollback", false)
Database.update_hook = hook("update", false)
Database.trace = hook("trace", false)

-- Backups --------------------------------------------------------------------------------------------------------------

local function backup(...)
  return the(backups, ":sqlite3:bu", "sqlite database backup", 1, ...)
end

local function backup_init(...)
  local target = the(databases, ":sqlite3", "sqlite database", 1, ...)
  local target_name = check_string(2, ...)
  local source = the(databases, ":sqlite3", "sqlite database", 3, ...)
  local source_name = check_string(4, ...)
  charge(CALL)
  local code, number = after(py.backup(target.handle, target_name, source.handle, source_name))
  if code ~= OK then
    ended(target, code, number)
    return
  end
  local object = setmetatable({}, Backup)
  backups[object] = { open = true, number = number }
  return object
end

function Backup.step(...)
  local b = backup(...)
  return (after(py.backup_step(b.number, int32(check_integer(2, ...)))))
end

function Backup.remaining(...)
  local _, remaining = after(py.backup_counts(backup(...).number))
  return remaining
end

function Backup.pagecount(...)
  local _, _, pages = after(py.backup_counts(backup(...).number))
  return pages
end

function Backup.finish(...)
  local b = backup(...)
  b.open = false
  return (after(py.backup_finish(b.number)))
end

-- The module -----------------------------------------------------------------------------------------------------------

local CONSTANTS = {
  OK = 0,
  ERROR = 1,
  INTERNAL = 2,
  PERM = 3,
  ABORT = 4,
  BUSY = 5,
  LOCKED = 6,
  NOMEM = 7,
  READONLY = 8,
  INTERRUPT = 9,
  IOERR = 10,
  CORRUPT = 11,
  NOTFOUND = 12,
  FULL = 13,
  CANTOPEN = 14,
  PROTOCOL = 15,
  EMPTY = 16,
  SCHEMA = 17,
  TOOBIG = 18,
  CONSTRAINT = 19,
  MISMATCH = 20,
  MISUSE = 21,
  NOLFS = 22,
  FORMAT = 24,
  RANGE = 25,
  NOTADB = 26,
  ROW = 100,
  DONE = 101,
  -- types of values
  INTEGER = 1,
  FLOAT = 2,
  TEXT = 3,
  BLOB = 4,
  NULL = 5,
  -- what an update hook is told
  CREATE_INDEX = 1,
  CREATE_TABLE = 2,
  CREATE_TEMP_INDEX = 3,
  CREATE_TEMP_TABLE = 4,
  CREATE_TEMP_TRIGGER = 5,
  CREATE_TEMP_VIEW = 6,
  CREATE_TRIGGER = 7,
  CREATE_VIEW = 8,
  DELETE = 9,
  DROP_INDEX = 10,
  DROP_TABLE = 11,
  DROP_TEMP_INDEX = 12,
  DROP_TEMP_TABLE = 13,
  DROP_TEMP_TRIGGER = 14,
  DROP_TEMP_VIEW = 15,
  DROP_TRIGGER = 16,
  DROP_VIEW = 17,
  INSERT = 18,
  PRAGMA = 19,
  READ = 20,
  SELECT = 21,
  TRANSACTION = 22,
  UPDATE = 23,
  ATTACH = 24,
  DETACH = 25,
  ALTER_TABLE = 26,
  REINDEX = 27,
  ANALYZE = 28,
  CREATE_VTABLE = 29,
  DROP_VTABLE = 30,
  FUNCTION = 31,
  SAVEPOINT = 32,
  -- how to open
  OPEN_READONLY = 1,
  OPEN_READWRITE = 2,
  OPEN_CREATE = 4,
  OPEN_URI = 64,
  OPEN_MEMORY = 128,
  OPEN_NOMUTEX = 32768,
  OPEN_FULLMUTEX = 65536,
  OPEN_SHAREDCACHE = 131072,
  OPEN_PRIVATECACHE = 262144,
}

local READ_WRITE = 6
local directory

local library = {}

function library.open(...)
  local name = check_string(1, ...)
  local flags = blank(2, ...) and READ_WRITE or int32(check_integer(2, ...))
  return new_database(name, flags)
end

function library.open_memory()
  return new_database(":memory:", READ_WRITE)
end

--- There are no pointers.
function library.open_ptr(...)
  wrong(1, "userdata", ...)
end

library.backup_init = backup_init

function library.complete(...)
  local sql = check_string(1, ...)
  charge(CALL + #sql // BYTES)
  return (after(py.complete(sql)))
end

function library.version()
  return "3.45.3"
end

function library.lversion()
  return "unknown"
end

function library.temp_directory(...)
  local before = directory
  if select("#", ...) > 0 then
    directory = not blank(1, ...) and check_string(1, ...) or nil
  end
  return before
end

function library.__newindex()
  vm.pass("attempt to change readonly table")
end

vm.called.tick, vm.called.call = tick, call

--- For `sqlite_state.lua`: what a saved state has to know.
vm.sqlite_parts = {
  tables = { library = library, Database = Database, Statement = Statement, Context = Context, Backup = Backup },
  databases = databases,
  statements = statements,
  contexts = contexts,
  backups = backups,
  leaves = LEAVES,
  --- The directory for temporary files that was named last, if any; or the one from now on.
  directory = function(...)
    if select("#", ...) > 0 then
      directory = (...)
    end
    return directory
  end,
  --- Whether SQLite may call functions of the process.
  calls = function()
    return next(callbacks) ~= nil
  end,
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
  for _, name in next, NAMES do
    py[name] = native("sqlite." .. name)
  end
  for name, value in next, CONSTANTS do
    library[name] = value
  end
  return setmetatable(library, library)
end
