-- The border: one message in, one tuple out (`results.lua`). Python builds no tables and walks none (each key would cost
-- more than a handler does); it hands over values, and gets values.

local vm = ...

local type, rawget, pcall, error, getmetatable = type, rawget, pcall, error, getmetatable
local gmatch, format, match = string.gmatch, string.format, string.match
local unpack = table.unpack
local tointeger = math.tointeger
local setlocale = os.setlocale

local limits_begin, spent, leave_walks = vm.begin, vm.spent, vm.leave_walks
local shapes, decode, host, globals = vm.shapes, vm.values.decode, vm.host, vm.globals
local module, limits, run, failure = vm.module, vm.limits, vm.run, vm.failure
local out, JSON, FAILED, LOCALE = vm.results.out, vm.results.JSON, vm.results.FAILED, vm.results.LOCALE

local border = {}
vm.border = border

local function begin_if_needed()
  local begin = module.begin
  if begin then
    module.begin = nil
    -- nothing of what is made here is garbage
    vm.hold_collections()
    begin()
    vm.let_collect()
  end
end
vm.begin_if_needed = begin_if_needed

--- Limits for the evaluations to come: instructions and seconds, each a number or nil.
function border.limit(max_instructions, max_seconds)
  limits.instructions, limits.seconds = max_instructions, max_seconds
end

-- Messages since the last look at the size of the heap.
local since = 0

local function evaluate(message, prepared, time)
  if module.begin then
    begin_if_needed()
  end
  limits_begin(limits.instructions, limits.seconds, time)
  leave_walks()
  since = since + 1
  if since == 64 then
    since = 0
    vm.tend()
  end
  host.handler = nil
  local ok, result, co, last, waits = run(module.handle, message, module.new_environment(prepared), prepared)
  if ok and waits then
    ok, result, co, last = run(module.suspended)
  end
  if not ok then
    return failure(result, co)
  elseif last then
    out[2] = spent()
    return unpack(out, 1, last)
  end
  if module.prepares and type(result) == "table" then
    local err = rawget(result, "Error")
    if type(err) == "string" and err ~= "" then
      return FAILED, spent(), err, nil, nil, host.handler
    end
  end
  ok, result, co = run(module.encode, result == nil and {} or result)
  if not ok then
    return failure(result, co)
  elseif type(result) ~= "string" then
    return failure("the result is no JSON value", co)
  end
  return JSON, spent(), result
end

-- The locale of the host program (C's setlocale) reaches Lua's `<` on strings and its numbers as text.
local function foreign_locale()
  if setlocale(nil, "collate") == "C" and setlocale(nil, "numeric") == "C" then
    return false
  end
  return "a" < "B" or 0.5 .. "" ~= "0.5"
end

--- Evaluates a message of any form, given as bytes (`values`); `time` is what the clock says.
function border.evaluate(time, bytes)
  if foreign_locale() then
    return LOCALE
  end
  return evaluate(decode(bytes), false, time)
end

--- A function that evaluates messages of one shape, given what the clock says and their values; nil if the shape is too
--- large.
function border.shape(bytes)
  begin_if_needed()
  local shape = decode(bytes)
  local raw = shapes.raw(shape.roots, shape.tags)
  if not raw then
    return nil
  end
  local prepared = module.prepares and shapes.prepared(shape.roots, shape.tags, module.title, module.kept)
  return function(time, ...)
    if foreign_locale() then
      return LOCALE
    end
    if prepared and module.pristine() then
      return evaluate(prepared(...), true, time)
    end
    return evaluate(raw(...), false, time)
  end
end

--- Frees what a start has left behind: a process that waits for messages should weigh little.
function border.settle()
  vm.collect()
end

-- ── looking in from outside ───────────────────────────────────────────────────────────────────────────────────

local function get(path)
  local value = globals
  local seen = "the globals"
  for name, index in gmatch(path, "([^%.%[%]]*)%[?([^%.%[%]]*)%]?") do
    if name ~= "" then
      if type(value) ~= "table" then
        return nil, format("%s is a %s value and has no field %q", seen, type(value), name)
      end
      local item = rawget(value, name)
      if item == nil and tointeger(name) then
        item = rawget(value, tointeger(name))
      end
      value, seen = item, name
    end
    if index ~= "" then
      if type(value) ~= "table" then
        return nil, format("%s is a %s value and has no index %s", seen, type(value), index)
      end
      local text = match(index, '^"(.*)"$') or match(index, "^'(.*)'$")
      local key = text or tointeger(index) or index
      value, seen = rawget(value, key), index
    end
  end
  local ok, bytes = pcall(vm.values.encode, value)
  if ok then
    return bytes
  elseif getmetatable(bytes) == vm.values.trouble then
    return nil, bytes.text
  end
  error(bytes, 0)
end

--- The value at `path` ("Balances.alice", "Inbox[1].Data") among the globals, as bytes; or nil and what is wrong.
-- Runs nothing of the process.
function border.get(path, seconds)
  begin_if_needed()
  return vm.outside(seconds, get, path)
end

--- The owner that the process names, if that is text.
function border.owner()
  begin_if_needed()
  local owner = rawget(globals, "Owner")
  return type(owner) == "string" and owner or nil
end

local WAITING = { "border/waiting" }

--- The handlers that wait inside of a message, as bytes (`waiting.lua`).
function border.waiting()
  begin_if_needed()
  vm.fetch(WAITING)
  return vm.waiting()
end

--- The names of the handlers that have nothing to call, as bytes.
function border.functionless()
  vm.fetch(WAITING)
  return vm.functionless()
end

local LOOK = { "border/look" }

--- All that the globals lead to, as bytes (`look.lua`); or nil and what is wrong.
function border.look(seconds)
  vm.fetch(LOOK)
  return vm.outside(seconds, vm.look)
end
