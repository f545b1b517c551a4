--- What a user-defined function of SQL is called with: the context that takes its result.

local vm = ...

local type, error, select, setmetatable = type, error, select, setmetatable
local match, math_type = string.match, math.type
local charge = vm.charge
local sqlite = vm.sqlite_parts
local kinds = sqlite.kinds
local NULL, NUMBER, TEXT, BLOB, FAILED = kinds.NULL, kinds.NUMBER, kinds.TEXT, kinds.BLOB, kinds.FAILED
local Context, contexts, opened, text_of = sqlite.Context, sqlite.contexts, sqlite.opened, sqlite.text_of
local arguments = sqlite.arguments
local wrong, int32 = arguments.wrong, arguments.int32
local check_string, check_integer, check_number = arguments.string, arguments.integer, arguments.number

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

sqlite.with_context = with_context
