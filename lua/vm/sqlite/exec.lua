--- Many statements in one text, with a Lua function that is told each row, or without.

local vm = ...

local type, tonumber, unpack = type, tonumber, table.unpack
local match, rep, math_type = string.match, string.rep, math.type
local charge = vm.charge
local sqlite = vm.sqlite_parts
local constants = sqlite.constants
local OK, ABORT, ROW, DONE = constants.OK, constants.ABORT, constants.ROW, constants.DONE
local CALL, BYTES, py, after = sqlite.CALL, sqlite.BYTES, sqlite.python, sqlite.after
local Database, database = sqlite.Database, sqlite.database
local prepare, started, step, finalize = sqlite.prepare, sqlite.started, sqlite.step, sqlite.finalize
local guarded, ended, column_names = sqlite.guarded, sqlite.ended, sqlite.column_names
local check_string, check_type = sqlite.arguments.string, sqlite.arguments.type

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
