--- The columns of statements: names, declared types, and the values of the row that a statement stands on.

local vm = ...

local error, unpack = error, table.unpack
local format = string.format
local charge = vm.charge
local sqlite = vm.sqlite_parts
local OK = sqlite.constants.OK
local CALL, BYTES, py, after = sqlite.CALL, sqlite.BYTES, sqlite.python, sqlite.after
local Statement, statement = sqlite.Statement, sqlite.statement
local check_integer, int32 = sqlite.arguments.integer, sqlite.arguments.int32

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

sqlite.column_names, sqlite.listed, sqlite.named = column_names, listed, named
