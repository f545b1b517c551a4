--- Small functions over arrays and objects, and how a handler's pattern meets a message.

local _, host = ...

-- Lua's own walk over a table, for answers that are the same in any order; pairs for all else.
local raw = host and host.raw or {}
local next = raw.next or next
local error, getmetatable, pairs, pcall, rawequal, type = error, getmetatable, pairs, pcall, rawequal, type
local find, gsub, lower, match, sub, upper =
  string.find, string.gsub, string.lower, string.match, string.sub, string.upper
local unpack, getinfo = table.unpack, debug.getinfo

-- The generations that are played: FIRST is aos 0.2.0, SEED the 0.2 series, OLD all up to 2.0.1, CASED those for which the
-- case of letters counts.
local since = host and host.since or function()
  return true
end
local FIRST, SEED, OLD, CASED = not since("1"), not since("2.0.1"), not since("2.0.3"), not since("2.0.6")

local utils = { _version = FIRST and "0.0.2" or SEED and "0.0.4" or "0.0.5" }

-- A string pattern with one of these is a Lua pattern; without, it is compared as a word.
-- Most patterns hold nothing ODD: that is found sooner.
local ODD = "[^%w_-]"
local MAGIC = "[%^%$%(%)%%%.%[%]%*%+%?]"

--- Does `value` match the pattern (a string, a function, or a table of patterns)?
-- @param msg what a function pattern gets as its second argument
function utils.matchesPattern(pattern, value, msg)
  local kind = type(pattern)
  if kind == "string" then
    if pattern == "_" then
      return true
    end
    if CASED then
      if find(pattern, ODD) and find(pattern, MAGIC) then
        return match(value, pattern) ~= nil
      end
      return value == pattern
    end
    value = value or ""
    if find(pattern, ODD) and find(pattern, MAGIC) then
      return match(lower(value), lower(pattern)) ~= nil
    end
    return rawequal(pattern, value) or lower(value) == lower(pattern)
  elseif kind == "function" then
    return not not pattern(value, msg)
  elseif kind == "table" then
    for _, one in pairs(pattern) do
      if utils.matchesPattern(one, value, msg) then
        return true
      end
    end
  end
  return false
end
local matchesPattern = utils.matchesPattern

-- The oldest dialect has one function for both, of a message and a spec; a field's pattern is a text with its case.
local function seed_matches(msg, pattern)
  local kind = type(pattern)
  if kind == "function" then
    return pattern(msg)
  elseif kind == "table" then
    for key, one in pairs(pattern) do
      local value = msg[key]
      if not value then
        return false
      end
      if type(one) == "function" then
        -- Its yes is one for the whole spec, and no `no`: a function is no text.
        local ok, answer = pcall(one, value, msg)
        if not ok then
          print("ERROR: " .. answer)
          return false
        elseif answer then
          return true
        end
      end
      if one ~= "_" then
        local magic = match(one, MAGIC)
        if magic and not match(value, one) or not magic and value ~= one then
          return false
        end
      end
    end
    return true
  elseif kind == "string" then
    return msg.Action == pattern
  end
  return false
end

-- Does the field or the tag `key` of the message match?
local function matches_field(msg, key, pattern)
  local value = msg[key]
  if OLD then
    return value and matchesPattern(pattern, value, msg) or false
  end
  local tag = msg.Tags and msg.Tags[key]
  if not value and not tag then
    return false
  end
  local matched = matchesPattern(pattern, value, msg)
  -- A message carries its tags at the root as well: a string need not be compared twice.
  if type(pattern) ~= "string" or not rawequal(tag, value) then
    matched = matchesPattern(pattern, tag, msg) or matched
  end
  return matched
end

--- Does the message meet the spec? A function answers for itself (with all that it returns),
-- a string is the message's Action, a table names fields (or tags) and their patterns.
function utils.matchesSpec(msg, spec)
  local kind = type(spec)
  if kind == "table" then
    if getmetatable(spec) == nil then
      -- Most specs name one field.
      local key, pattern = next(spec)
      if key == nil then
        return true
      elseif next(spec, key) == nil then
        return matches_field(msg, key, pattern)
      end
    end
    for key, pattern in pairs(spec) do
      if not matches_field(msg, key, pattern) then
        return false
      end
    end
    return true
  elseif kind == "function" then
    return spec(msg)
  elseif kind == "string" then
    return msg.Action == spec
  end
  return false
end

if SEED then
  utils.matchesPattern, utils.matchesSpec = not FIRST and seed_matches or nil, nil
end

--- First letter upper, the others lower case. What is no string comes back as it is.
function utils.capitalize(text)
  if type(text) ~= "string" then
    return text
  end
  return upper(sub(text, 1, 1)) .. lower(sub(text, 2))
end

--- `block_height` to `Block-Height`, as names of tags are written.
function utils.normalize(name)
  if type(name) ~= "string" then
    return name
  end
  local title = gsub(lower(gsub(name, "_", "-")), "%-%l", upper)
  return upper(sub(title, 1, 1)) .. sub(title, 2)
end

if CASED then
  utils.capitalize, utils.normalize = nil, nil
end

local function is_array(value)
  local top, fit = 0, true
  local step, state, start = next, value, nil
  if getmetatable(value) ~= nil then
    step, state, start = pairs(value)
  end
  -- No way out in the middle: it would come sooner or later, as the order is.
  for key in step, state, start do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      fit = false
    elseif key > top then
      top = key
    end
  end
  return fit and top == #value
end

-- Items may be nil in between: they are passed over.
local function fold(fn, result, items)
  for i = 1, #items do
    local item = items[i]
    if item ~= nil then
      result = fn(result, item, i)
    end
  end
  return result
end

--- A function that may be given its arguments in portions. Of each portion only the first
-- argument is bound, though all of it are counted: so it is on the network.
-- @param arity how many to wait for; the function's own parameters when left out
function utils.curry(fn, arity)
  if type(fn) ~= "function" then
    error("function is required as first argument")
  end
  arity = arity or getinfo(fn, "u").nparams
  if arity < 2 then
    return fn
  end
  return function(...)
    local args = { ... }
    local count = #args
    if count >= arity then
      return fn(unpack(args, 1, count))
    end
    local first = args[1]
    return utils.curry(function(...)
      return fn(first, ...)
    end, arity - count)
  end
end
local curry = utils.curry

local function concat(first, second)
  if type(first) ~= "table" then
    error("first argument should be a table that is an array")
  elseif type(second) ~= "table" then
    error("second argument should be a table that is an array")
  elseif not is_array(first) then
    error("first argument should be a table")
  elseif not is_array(second) then
    error("second argument should be a table")
  end
  local result, n = {}, 0
  for _, items in pairs({ first, second }) do
    for i = 1, #items do
      local item = items[i]
      if item ~= nil then
        n = n + 1
        result[n] = item
      end
    end
  end
  return result
end

-- As `fold`, but where the result is nil the next item takes its place: so it is on the network.
local function reduce(fn, initial, items)
  if type(fn) ~= "function" then
    error("first argument should be a function that accepts (result, value, key)")
  elseif type(items) ~= "table" or not is_array(items) then
    error("third argument should be a table that is an array")
  end
  local result = initial
  for i = 1, #items do
    local item = items[i]
    if item ~= nil then
      if result == nil then
        result = item
      else
        result = fn(result, item, i)
      end
    end
  end
  return result
end

local function map(fn, items)
  if type(fn) ~= "function" then
    error("first argument should be a unary function")
  elseif type(items) ~= "table" or not is_array(items) then
    error("second argument should be an Array")
  end
  local result = {}
  for i = 1, #items do
    local item = items[i]
    if item ~= nil then
      result[i] = fn(item, i)
    end
  end
  return result
end

local function filter(fn, items)
  if type(fn) ~= "function" then
    error("first argument should be a unary function")
  elseif type(items) ~= "table" or not is_array(items) then
    error("second argument should be an Array")
  end
  local result, n = {}, 0
  for i = 1, #items do
    local item = items[i]
    if item ~= nil and fn(item) then
      n = n + 1
      result[n] = item
    end
  end
  return result
end

local function find_item(fn, items)
  if type(fn) ~= "function" then
    error("first argument should be a unary function")
  elseif type(items) ~= "table" then
    error("second argument should be a table that is an array")
  end
  for _, item in pairs(items) do
    if fn(item) then
      return item
    end
  end
end

local function prop_eq(name, value, object)
  if type(name) ~= "string" then
    error("first argument should be a string")
  elseif not SEED and type(value) ~= "string" then
    error("second argument should be a string")
  elseif type(object) ~= "table" then
    error("third argument should be a table<object>")
  end
  return object[name] == value
end

local function prop(name, object)
  return object[name]
end

local function includes(value, items)
  if type(items) ~= "table" then
    error("argument needs to be a table")
  elseif SEED then
    return find_item(function(item)
      return item == value
    end, items) ~= nil
  elseif not is_array(items) then
    error("argument should be a table that is an array")
  end
  for i = 1, #items do
    local item = items[i]
    if item ~= nil and item == value then
      return true
    end
  end
  return false
end

-- curry(fn, 2) that takes a short way when both arguments are there.
local function curry2(fn)
  local slow = curry(fn, 2)
  return function(...)
    local a, b = ...
    if a ~= nil and b ~= nil then
      return fn(a, b)
    end
    return slow(...)
  end
end

-- curry(fn, 3) in the same way.
local function curry3(fn)
  local slow = curry(fn, 3)
  return function(...)
    local a, b, c = ...
    if a ~= nil and b ~= nil and c ~= nil then
      return fn(a, b, c)
    end
    return slow(...)
  end
end

--- concat(a, b): the items of a, then the items of b.
utils.concat = curry2(concat)
--- reduce(f, initial, array): f(result, item, key) from the first item to the last.
utils.reduce = curry3(reduce)
--- map(f, array): f(item, key) of every item, at its key.
utils.map = curry2(map)
--- filter(f, array): the items that f says yes to.
utils.filter = curry2(filter)
--- find(f, table): the first value that f says yes to; nothing when there is none.
utils.find = curry2(find_item)
--- propEq(name, value, object): is the field this string?
utils.propEq = curry3(prop_eq)
--- prop(name, object): the field.
utils.prop = curry2(prop)
--- includes(value, array): is the value one of the items?
utils.includes = curry2(includes)

--- The items from the last to the first.
function utils.reverse(items)
  if type(items) ~= "table" then
    error("argument needs to be a table that is an array")
  elseif not is_array(items) then
    error("third argument should be a table that is an array")
  end
  local result, n = {}, #items
  for i = 1, n do
    result[n - i + 1] = items[i]
  end
  return result
end

--- compose(f, g, …): a function that calls the last first, each with the result of the one before.
utils.compose = curry(function(...)
  local functions = utils.reverse({ ... })
  return function(value)
    return fold(function(result, fn)
      if type(fn) ~= "function" then
        error("each argument needs to be a function")
      end
      return (fn(result))
    end, value, functions)
  end
end, 2)

--- The keys of a table, as an array.
function utils.keys(object)
  if type(object) ~= "table" then
    error("argument needs to be a table")
  end
  local result, n = {}, 0
  for key in pairs(object) do
    n = n + 1
    result[n] = key
  end
  return result
end

--- The values of a table, as an array.
function utils.values(object)
  if type(object) ~= "table" then
    error("argument needs to be a table")
  end
  local result, n = {}, 0
  for _, value in pairs(object) do
    n = n + 1
    result[n] = value
  end
  return result
end

return utils
