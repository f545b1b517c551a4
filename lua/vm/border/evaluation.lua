-- The border: one message in, one tuple out (`results.lua`). Python builds no tables and walks none (each key would cost
-- more than a handler does); it hands over values, and gets values.

local vm = ...

local type, ipairs, rawget, pcall, error, getmetatable = type, ipairs, rawget, pcall, error, getmetatable
local format, match, sub = string.format, string.match, string.sub
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

--- The steps of a path: keys, each with the words that an error has for it; or nil and what is wrong.
local function steps_of(path)
  local steps, n, at = {}, 0, 1
  while at <= #path do
    local name, after = match(path, "^%.?([^%.%[%]\"']+)()", at)
    if name then
      n = n + 1
      steps[n] = { key = name, name = name }
    else
      local index
      index, after = match(path, "^%.?%[([^%[%]\"']+)%]()", at)
      if index then
        n = n + 1
        steps[n] = { key = tointeger(index) or index, name = index, index = true }
      else
        local text
        for _, quote in ipairs({ '"', "'" }) do
          if not text then
            text, after = match(path, "^%.?%[%s*" .. quote .. "(.-)" .. quote .. "%s*%]()", at)
          end
        end
        if not text then
          return nil, format("is no path: from %q on it cannot be read", sub(path, at))
        end
        n = n + 1
        steps[n] = { key = text, name = text }
      end
    end
    at = after
  end
  return steps
end

-- The value at `path` ("Balances.alice", "Inbox[1].Data", 'Records["a.b"]') among the globals, as bytes; or nil and what
-- is wrong. Runs nothing of the process.
local function get(path)
  local steps, problem = steps_of(path)
  if not steps then
    return nil, problem
  end
  local value, seen = globals, "the globals"
  for _, step in ipairs(steps) do
    local key, name = step.key, step.name
    if type(value) ~= "table" then
      local text = step.index and "%s is a %s value and has no index %s" or "%s is a %s value and has no field %q"
      return nil, format(text, seen, type(value), name)
    end
    local item = rawget(value, key)
    if item == nil and tointeger(key) then
      item = rawget(value, tointeger(key))
    end
    value, seen = item, name
  end
  local ok, bytes = pcall(vm.values.encode, value)
  if ok then
    return bytes
  elseif getmetatable(bytes) == vm.values.trouble then
    return nil, bytes.text
  end
  error(bytes, 0)
end

--- What `get` finds, or nil and what is wrong.
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

--- The handlers that wait inside of a message, as bytes (`waiting.lua`); or nil and what is wrong.
function border.waiting(seconds)
  begin_if_needed()
  vm.fetch(WAITING)
  return vm.outside(seconds, vm.waiting)
end

--- The names of the handlers that have nothing to call, as bytes; or nil and what is wrong.
function border.functionless(seconds)
  vm.fetch(WAITING)
  return vm.outside(seconds, vm.functionless)
end

local OUTLINE = { "border/outline" }

--- What is at a path among the globals, and some of what it holds, as bytes (`outline.lua`); or nil and what is wrong.
function border.outline(keys, first, most, seconds)
  begin_if_needed()
  vm.fetch(OUTLINE)
  return vm.outside(seconds, vm.outline, keys, first, most)
end

local LOOK = { "border/look" }

--- All that the globals lead to, as bytes (`look.lua`); or nil and what is wrong.
function border.look(seconds)
  vm.fetch(LOOK)
  return vm.outside(seconds, vm.look)
end

local TRACE = { "trace/plain", "trace/explain", "trace/limited", "trace/walk", "trace/ask", "border/trace" }

--- Has the next message watched, or its handlers only asked (`border/trace.lua`): what keeps it from that, or nothing.
function border.trace(code)
  begin_if_needed()
  vm.fetch(TRACE)
  return vm.trace.begin(code)
end

--- What was noted meanwhile, as bytes; or nil and what is wrong.
function border.traced(seconds)
  return vm.outside(seconds, vm.trace.told)
end
