-- Why a pattern matches a message or does not: what it asks for, field by field, and what is there.
--
-- A text is compared by the process's own `matchesSpec`, on a copy without metatables and for one field at a time, so that
-- no rule is written down twice. Functions are called by whoever may (`call`), never here.

local vm = ...

local trace = vm.trace
local pcall, next, type = pcall, next, type
local plain, field, ready_made, veiled = trace.plain, trace.field, trace.ready_made, trace.veiled

--- A copy of the message as it is there: whoever compares with it runs nothing of the process's.
local function copied(msg)
  local copy = {}
  for key, value in next, msg do
    copy[key] = value
  end
  if type(copy.Tags) == "table" then
    local tags = {}
    for key, value in next, copy.Tags do
      tags[key] = value
    end
    copy.Tags = tags
  end
  return copy
end

--- What a message has under a name, at the root or among its tags.
local function found_in(msg, key)
  local value = field(msg, key)
  if value == nil then
    value = field(field(msg, "Tags"), key)
  end
  return value
end

--- One alternative of a field's pattern: {wanted, ok, problem}; `ok` is nil where nobody has asked.
local function compared(matches, msg, key, wanted, call)
  local one = { wanted = plain(wanted) }
  local kind = type(wanted)
  if kind == "function" then
    if call and found_in(msg, key) ~= nil then
      local outcome = call(wanted, found_in(msg, key), msg)
      one.ok, one.problem = outcome.problem == nil and not not outcome.value or nil, outcome.problem
    end
  elseif kind == "string" then
    local ok, answer = pcall(matches, msg, { [key] = wanted })
    if ok then
      one.ok = not not answer
    else
      one.problem = type(answer) == "string" and plain(answer) or "an error"
    end
  else
    one.ok = false
  end
  return one
end

--- One field of a spec: {key, found, missing, any, ok}.
local function checked(matches, msg, key, pattern, call)
  local check = { key = plain(key), found = plain(found_in(msg, key)), any = {} }
  -- For a process what is false is missing as well.
  if not found_in(msg, key) then
    check.missing, check.ok = true, false
  end
  local alternatives, more = trace.alternatives(pattern)
  check.more = more > 0 and more or nil
  local unknown = more > 0
  for i = 1, #alternatives do
    local one
    if check.missing then
      one = { wanted = plain(alternatives[i]), ok = false }
    else
      one = compared(matches, msg, key, alternatives[i], call)
    end
    check.any[i] = one
    if one.ok and not check.missing then
      check.ok = true
    elseif one.ok == nil then
      unknown = true
    end
  end
  if check.ok == nil and not unknown then
    check.ok = false
  end
  return check
end

--- What a pattern is, and what it says of the message: {kind, value, checks, go_on, veiled, more}. `call(f, …)` gives
--- {value, problem}; without it no function is called, and what it would say is not known.
-- @param matches function|nil the process's `matchesSpec` as it came; nil in the oldest dialects
function trace.explain(matches, msg, pattern, call)
  local kind = type(pattern)
  local told = { kind = kind, checks = {} }
  local made = ready_made(pattern)
  if made and made.go_on ~= nil then
    told = trace.explain(matches, msg, made.go_on, call)
    told.go_on = true
    return told
  elseif made then
    local key, tags = made.tag, field(msg, "Tags")
    local found
    if made.data then
      key, found = "Data", field(msg, "Data")
    else
      found = field(tags, key)
    end
    local check = { key = plain(key), found = plain(found), missing = found == nil or nil, any = {}, ok = false }
    for i, wanted in next, made.values or { made.data } do
      check.any[i] = { wanted = plain(wanted), ok = found == wanted }
      check.ok = check.ok or found == wanted
    end
    told.kind, told.checks[1], told.exact = "tag", check, true
  elseif kind == "string" then
    local found = field(msg, "Action")
    local check = { key = "Action", found = plain(found), missing = found == nil or nil, ok = found == pattern }
    check.any = { { wanted = plain(pattern), ok = check.ok } }
    told.checks[1], told.exact = check, true
  elseif kind == "table" and type(msg) == "table" then
    local keys, more = trace.keys(pattern)
    told.more = more > 0 and more or nil
    told.veiled = veiled(pattern) or nil
    local copy = copied(msg)
    for i = 1, #keys do
      told.checks[i] = checked(matches, copy, keys[i], field(pattern, keys[i]), call)
    end
  elseif kind == "function" then
    told.value = plain(pattern)
  end
  return told
end
