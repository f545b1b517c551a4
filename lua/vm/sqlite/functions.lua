--- User-defined functions, aggregates and collations, and the hooks of a database.

local vm = ...

local type, error, select = type, error, select
local math_type, tointeger = math.type, math.tointeger
local charge = vm.charge
local sqlite = vm.sqlite_parts
local OK, NUMBER, FAILED = sqlite.constants.OK, sqlite.kinds.NUMBER, sqlite.kinds.FAILED
local CALL, py, after = sqlite.CALL, sqlite.python, sqlite.after
local Database, database, ended = sqlite.Database, sqlite.database, sqlite.ended
local callbacks, register, with_context = sqlite.callbacks, sqlite.register, sqlite.with_context
local check_string, check_integer = sqlite.arguments.string, sqlite.arguments.integer
local check_type, blank, int32 = sqlite.arguments.type, sqlite.arguments.blank, sqlite.arguments.int32

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
