--- What a saved state says of the databases and statements of `lsqlite3`.

local vm = ...

local type, next, error, rawget = type, next, error, rawget
local setmetatable = debug.setmetatable
local concat, pack = table.concat, string.pack
local parts, damaged = vm.sqlite_parts, vm.columns.damaged
local plain, check, held = vm.state.plain, vm.state.check, vm.state.held
local databases, statements = parts.databases, parts.statements
local native = vm.native

local state = {}

--- Fields of a database and of a statement that are written down, and what they may be.
local DATABASE = { open = "boolean", named = "boolean", handle = "integer", code = "integer", message = "string" }
local STATEMENT = {
  open = "boolean",
  handle = "integer",
  sql = "string",
  parameters = "integer",
  columns = "integer",
  values = "table",
  kinds = "string",
  width = "integer",
  size = "integer",
  rc = "integer",
  failure = "string",
  fresh = "boolean",
  temporary = "boolean",
  has_row = "boolean",
  row = "table",
  names = "table",
  types = "table",
  parameter_names = "table",
}

local function fields_of(from, fields)
  local copy = {}
  for name in next, fields do
    copy[name] = from[name]
  end
  return copy
end

--- A copy of a plain list: nothing but strings, numbers and booleans.
local function copy_of(list)
  local copy = {}
  for key, value in next, plain(list) do
    check(key, "integer")
    if type(value) ~= "string" and type(value) ~= "number" and type(value) ~= "boolean" then
      damaged()
    end
    copy[key] = value
  end
  return copy
end

--- Reads what `fields_of` has written. What the process may hold of it is not what is used.
local function read(from, fields, needed)
  plain(from)
  local copy = {}
  for name, kind in next, fields do
    local value = rawget(from, name)
    if value ~= nil then
      copy[name] = kind == "table" and copy_of(value) or check(value, kind)
    end
  end
  for _, name in next, needed do
    if copy[name] == nil then
      damaged()
    end
  end
  return copy
end

--- A table that says all of it; nil where that cannot be said now.
function state.extras(number_of)
  for _, objects in next, { parts.contexts, parts.backups } do
    if #held(objects, number_of) > 0 then
      return nil
    end
  end
  if parts.calls() then
    return nil
  end
  local opened, made = held(databases, number_of), held(statements, number_of)
  local place, handles = {}, {}
  local of_databases, of_statements = {}, {}
  for i = 1, #opened do
    local d = databases[opened[i]]
    place[d] = i
    of_databases[i] = fields_of(d, DATABASE)
    if d.open then
      handles[#handles + 1] = pack("<I8", d.handle)
    end
  end
  for i = 1, #made do
    local s = statements[made[i]]
    local copy = fields_of(s, STATEMENT)
    if s.cursor then
      return nil
    end
    -- A database that only its statements hold: its place is 0, and it must not be needed any more.
    copy.database = place[s.database] or 0
    if copy.database == 0 and s.open then
      return nil
    end
    of_statements[i] = copy
  end
  local content = native("sqlite.save")(concat(handles))
  -- whatever else came from there: what cannot be taken over again is not written down
  if type(content) ~= "string" then
    return nil
  end
  return {
    databases = opened,
    of_databases = of_databases,
    statements = made,
    of_statements = of_statements,
    directory = parts.directory(),
    content = content,
  }
end

--- Takes over what `extras` has told.
function state.adopt(extras)
  plain(extras)
  if not native("sqlite.load")(check(extras.content, "string")) then
    error("has databases that do not make sense", 0)
  end
  local opened, list = plain(extras.databases), {}
  local of_databases, of_statements = plain(extras.of_databases), plain(extras.of_statements)
  for i = 1, #opened do
    local d = read(of_databases[i], DATABASE, { "open", "code" })
    if d.open and not d.handle then
      damaged()
    end
    d.statements = setmetatable({}, { __mode = "k" })
    list[i] = d
    setmetatable(d, parts.leaves)
    databases[check(opened[i], "table")] = d
  end
  local made = plain(extras.statements)
  for i = 1, #made do
    local s = read(
      of_statements[i],
      STATEMENT,
      { "open", "sql", "parameters", "columns", "values", "width", "size", "rc", "fresh" }
    )
    if s.parameters > 32766 or s.open and s.parameters < 0 then
      damaged()
    end
    s.database = list[check(of_statements[i].database, "integer")] or { open = false, statements = {}, code = 0 }
    if s.open then
      if not s.database.open or s.handle ~= s.database.handle then
        damaged()
      end
      s.database.statements[s] = true
    end
    statements[check(made[i], "table")] = s
  end
  if extras.directory ~= nil then
    parts.directory(check(extras.directory, "string"))
  end
end

vm.sqlite_state = state
