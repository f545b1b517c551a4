--- Iterators over rows.

local vm = ...

local next, unpack = next, table.unpack
local sqlite = vm.sqlite_parts
local ROW, DONE = sqlite.constants.ROW, sqlite.constants.DONE
local Database, database = sqlite.Database, sqlite.database
local Statement, statement = sqlite.Statement, sqlite.statement
local prepare, step, reset, finalize = sqlite.prepare, sqlite.step, sqlite.reset, sqlite.finalize
local message, check_string = sqlite.message, sqlite.arguments.string
local column_names, listed, named = sqlite.column_names, sqlite.listed, sqlite.named

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
