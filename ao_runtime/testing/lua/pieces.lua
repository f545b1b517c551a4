--- What tests are written with: asserts in the manner of luassert, spies and stubs; and values as text.
local error, getmetatable, ipairs, next, pcall = error, getmetatable, ipairs, next, pcall
local rawequal, setmetatable, tostring, type = rawequal, setmetatable, tostring, type
local huge, mtype = math.huge, math.type
local concat, insert, pack, sort, unpack = table.concat, table.insert, table.pack, table.sort, table.unpack
local byte, find, format = string.byte, string.find, string.format
local gsub, match, sub = string.gsub, string.match, string.sub

local pieces = {}

-- Failures ------------------------------------------------------------------------------

local FAILURE = {}

--- An error that is a failed assert, or a test that is pending.
function pieces.failure(kind, message)
  return setmetatable({ kind = kind, message = message }, FAILURE)
end

function pieces.is_failure(value)
  return type(value) == "table" and getmetatable(value) == FAILURE
end

local function fail(message, given)
  if given ~= nil then
    message = tostring(given) .. "\n" .. message
  end
  error(pieces.failure("assert", message), 0)
end

-- Values as text --------------------------------------------------------------------------

local MOST, DEEPEST, LONGEST = 60, 6, 400

local function quoted(value)
  local text = #value > LONGEST and sub(value, 1, LONGEST) .. "…" or value
  return '"'
    .. gsub(gsub(text, '[\\"]', "\\%0"), "%c", function(letter)
      return letter == "\n" and "\\n" or format("\\%d", byte(letter))
    end)
    .. '"'
end

local function in_order(one, other)
  local a, b = type(one), type(other)
  if a ~= b then
    return a < b
  elseif a == "number" or a == "string" then
    return one < other
  end
  return tostring(one) < tostring(other)
end

local function keys_of(value)
  local keys = {}
  for key in next, value do
    insert(keys, key)
  end
  sort(keys, in_order)
  return keys
end

local function show(value, depth, above)
  if type(value) == "string" then
    return quoted(value)
  elseif type(value) ~= "table" then
    return tostring(value)
  elseif above[value] then
    return "(itself)"
  elseif depth > DEEPEST then
    return "{…}"
  end
  above[value] = true
  local parts, count, place = {}, 0, 1
  for _, key in ipairs(keys_of(value)) do
    count = count + 1
    if count > MOST then
      insert(parts, "…")
      break
    end
    local inner = show(value[key], depth + 1, above)
    if key == place then
      insert(parts, inner)
      place = place + 1
    elseif type(key) == "string" and find(key, "^[%a_][%w_]*$") then
      insert(parts, key .. " = " .. inner)
    else
      insert(parts, "[" .. show(key, depth + 1, above) .. "] = " .. inner)
    end
  end
  above[value] = nil
  return #parts == 0 and "{}" or "{ " .. concat(parts, ", ") .. " }"
end

--- A value for people: in one line, the same each time, never without end.
function pieces.show(value)
  return show(value, 1, {})
end

--- Processes stand for their ids, where something is asked of the host.
pieces.PROCESS = {}

-- JSON ---------------------------------------------------------------------------------------

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function json(value, depth)
  local kind = type(value)
  if kind == "string" then
    return '"'
      .. gsub(value, '[%c"\\\127]', function(letter)
        return ESCAPES[letter] or format("\\u%04x", byte(letter))
      end)
      .. '"'
  elseif value == nil then
    return "null"
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind == "number" then
    if mtype(value) == "integer" then
      return format("%d", value)
    elseif value ~= value or value == huge or value == -huge then
      error("a number that is none", 0)
    end
    return format("%.17g", value)
  elseif kind == "table" and getmetatable(value) == pieces.PROCESS then
    return json(value.id, depth)
  elseif kind ~= "table" then
    error("the host takes plain data, and no " .. kind, 0)
  elseif depth > 30 then
    error("a table that is nested too deeply", 0)
  end
  local parts = {}
  if #value > 0 then
    for index = 1, #value do
      parts[index] = json(value[index], depth + 1)
    end
    return "[" .. concat(parts, ",") .. "]"
  end
  for _, key in ipairs(keys_of(value)) do
    local name = type(key) == "string" and key or type(key) == "number" and tostring(key)
    if not name then
      error("a table with a key that is a " .. type(key), 0)
    end
    insert(parts, json(name, depth) .. ":" .. json(value[key], depth + 1))
  end
  return "{" .. concat(parts, ",") .. "}"
end

--- JSON in one line. Raises text for what is no plain data.
function pieces.encode(value)
  return json(value, 1)
end

-- Comparing ------------------------------------------------------------------------------------

local function same(one, other, pairs_seen)
  if rawequal(one, other) or one == other then
    return true
  elseif type(one) ~= "table" or type(other) ~= "table" then
    return false
  end
  local seen = pairs_seen[one]
  if seen and seen[other] then
    return true
  end
  pairs_seen[one] = seen or {}
  pairs_seen[one][other] = true
  for key, value in next, one do
    if not same(value, other[key], pairs_seen) then
      return false
    end
  end
  for key in next, other do
    if one[key] == nil then
      return false
    end
  end
  return true
end

-- Spies and stubs --------------------------------------------------------------------------------

local SPY = {}
local replaced = {}

local function new_spy(inner)
  return setmetatable({ calls = {}, inner = inner }, SPY)
end

SPY.__index = SPY

function SPY.__call(self, ...)
  insert(self.calls, pack(...))
  return self.inner(...)
end

--- Forgets its calls.
function SPY:clear()
  self.calls = {}
  return self
end

--- Puts back what it stands for; done by itself after each test.
function SPY:revert()
  if self.owner then
    self.owner[self.key] = self.original
    self.owner = nil
  end
  return self
end

local function put(owner, key, inner, what)
  local is_there = type(owner) == "table" and (type(owner[key]) == "function" or getmetatable(owner[key]) == SPY)
  if not is_there then
    error(what .. " needs a table and the name of a function in it", 3)
  end
  local one = new_spy(inner or owner[key])
  one.owner, one.key, one.original = owner, key, owner[key]
  owner[key] = one
  insert(replaced, one)
  return one
end

pieces.spy = {
  new = function(inner)
    return new_spy(inner or function() end)
  end,
  on = function(owner, key)
    return put(owner, key, nil, "spy.on")
  end,
}

--- `stub(ao, "send")`, `stub(ao, "send", "what", "it", "returns")`, or with a function that is called instead.
function pieces.stub(owner, key, ...)
  local returns = pack(...)
  local inner = function()
    return unpack(returns, 1, returns.n)
  end
  if returns.n == 1 and type(returns[1]) == "function" then
    inner = returns[1]
  end
  return put(owner, key, inner, "stub")
end

--- After a test: every function is back.
function pieces.revert()
  for index = #replaced, 1, -1 do
    SPY.revert(replaced[index])
    replaced[index] = nil
  end
end

local function calls_of(one)
  local kind = getmetatable(one)
  if type(one) ~= "table" or kind ~= SPY then
    error("assert.spy needs a spy or a stub, found " .. type(one), 4)
  end
  return one.calls
end

-- Asserts ------------------------------------------------------------------------------------------

local checks = {}

--- Each gives whether it holds, what is said where it does not, and the message that was given.
function checks.equal(expected, actual, message)
  return expected == actual,
    "expected " .. pieces.show(expected) .. ", found " .. pieces.show(actual),
    "did not expect " .. pieces.show(actual),
    message
end

function checks.same(expected, actual, message)
  return same(expected, actual, {}),
    "expected " .. pieces.show(expected) .. ", found " .. pieces.show(actual),
    "did not expect the same as " .. pieces.show(expected),
    message
end

local function single(words, holds)
  return function(value, message)
    return holds(value),
      "expected " .. words .. ", found " .. pieces.show(value),
      "did not expect " .. words .. ": found " .. pieces.show(value),
      message
  end
end

checks["true"] = single("true", function(value)
  return value == true
end)
checks["false"] = single("false", function(value)
  return value == false
end)
checks["nil"] = single("nil", function(value)
  return value == nil
end)
checks.truthy = single("something truthy", function(value)
  return value ~= nil and value ~= false
end)
checks.falsy = single("nil or false", function(value)
  return value == nil or value == false
end)
for _, kind in ipairs({ "string", "number", "table", "boolean", "function", "thread" }) do
  checks[kind] = single("a " .. kind, function(value)
    return type(value) == kind
  end)
end

--- The text of an error without the place before it.
local function bare(problem)
  if type(problem) ~= "string" then
    return problem
  end
  return match(problem, '^%[string "[^"]*"%]:%d+: (.*)$') or match(problem, "^[^:\n]+:%d+: (.*)$") or problem
end

function checks.error(inner, expected, message)
  if type(inner) ~= "function" then
    error("has_error needs a function: has_error(function() … end), found " .. type(inner), 4)
  end
  local ok, problem = pcall(inner)
  if ok then
    return false,
      "expected an error" .. (expected ~= nil and " " .. pieces.show(expected) or "") .. ", there was none",
      "",
      message
  end
  local fits = expected == nil or same(expected, problem, {}) or same(expected, bare(problem), {})
  return fits,
    "expected the error " .. pieces.show(expected) .. ", found " .. pieces.show(bare(problem)),
    "did not expect an error, found " .. pieces.show(bare(problem)),
    message
end

function checks.matches(pattern, actual, message)
  local found = type(actual) == "string" and find(actual, pattern) ~= nil
  return found,
    "expected text like " .. pieces.show(pattern) .. ", found " .. pieces.show(actual),
    "did not expect text like " .. pieces.show(pattern) .. ", found " .. pieces.show(actual),
    message
end

local OTHER = { equals = "equal", errors = "error", match = "matches", callable = "function" }
local WORDS = {
  is = true,
  are = true,
  has = true,
  have = true,
  was = true,
  were = true,
  does = true,
  to = true,
  be = true,
  a = true,
  an = true,
}
local NOT = { ["not"] = true, no = true }

--- Splits `is_not_nil` and the like: the check, and whether it is turned around.
local function read(name)
  local rest, negated = name, false
  while not checks[OTHER[rest] or rest] do
    local word, tail = match(rest, "^(%a+)_(.+)$")
    word = word or rest
    if NOT[word] then
      negated = not negated
    elseif not WORDS[word] then
      return nil
    end
    if not tail then
      return "", negated
    end
    rest = tail
  end
  return OTHER[rest] or rest, negated
end

local NAMES =
  "equal, same, is_true, is_false, is_nil, truthy, falsy, has_error, matches, is_string and other types, spy, stub"

local function chain(negated, found)
  return setmetatable({}, {
    __index = function(_, name)
      local check, turned = nil, false
      if type(name) == "string" then
        check, turned = read(name)
      end
      if check == nil then
        error("there is no assert." .. tostring(name) .. " here (busted may have it); there are " .. NAMES, 2)
      elseif check == "" then
        return chain(negated ~= turned, nil)
      end
      return chain(negated ~= turned, check)
    end,
    __call = function(_, ...)
      if not found then
        error("assert: which one? There are " .. NAMES, 2)
      end
      local ok, words, otherwise, message = checks[found](...)
      if ok == negated then
        fail(negated and otherwise or words, message)
      end
      return ...
    end,
  })
end

local function of_spy(one)
  local calls = calls_of(one)
  local function called(negated)
    return function(times)
      local ok = times == nil and #calls > 0 or #calls == times
      if ok == negated then
        local wanted = times == nil and "a call" or times .. (times == 1 and " call" or " calls")
        fail((negated and "did not expect " or "expected ") .. wanted .. ", found " .. #calls)
      end
    end
  end
  local function called_with(negated)
    return function(...)
      local wanted = pack(...)
      local found = false
      for _, call in ipairs(calls) do
        found = found or same(wanted, call, {})
      end
      if found == negated then
        wanted.n = nil
        local lines = { (negated and "did not expect a call with " or "expected a call with ") .. pieces.show(wanted) }
        for index = 1, #calls < 5 and #calls or 5 do
          local call = { unpack(calls[index], 1, calls[index].n) }
          insert(lines, "call " .. index .. ": " .. pieces.show(call))
        end
        fail(#calls == 0 and lines[1] .. ", there was none" or concat(lines, "\n"))
      end
    end
  end
  local was, was_not =
    { called = called(false), called_with = called_with(false) },
    { called = called(true), called_with = called_with(true) }
  local one_of = {
    was = was,
    is = was,
    has = was,
    was_not = was_not,
    is_not = was_not,
    has_not = was_not,
    called = was.called,
    called_with = was.called_with,
    was_called = was.called,
    was_called_with = was.called_with,
    was_not_called = was_not.called,
    was_not_called_with = was_not.called_with,
  }
  was["not"], was.been_called = was_not, was.called
  return setmetatable(one_of, {
    __index = function(_, name)
      error(
        "there is no assert.spy(…)."
          .. tostring(name)
          .. " here; there are was.called, was.called_with, was_not.called",
        2
      )
    end,
  })
end

local asserts = chain(false, nil)
pieces.assert = setmetatable({ spy = of_spy, stub = of_spy }, {
  __index = function(_, name)
    return asserts[name]
  end,
  __call = function(_, ...)
    local value, message = ...
    if not value then
      if type(message) == "string" or message == nil then
        fail(message or "assertion failed!")
      end
      error(message, 0)
    end
    return ...
  end,
})

-- What there is none of --------------------------------------------------------------------------

pieces.UNSUPPORTED = {
  "mock",
  "insulate",
  "expose",
  "finally",
  "async",
  "done",
  "randomize",
  "match",
  "lazy_setup",
  "lazy_teardown",
  "strict_setup",
  "strict_teardown",
  "file",
  "context",
  "spec",
  "test",
}
pieces.ADVICE = "docs/testing.md has what there is"

return pieces
