--- The `ao` module: what a process sends, whom it trusts, and the environment it lives in.

local _, host = ...

local error, getmetatable, ipairs, pairs, rawget = error, getmetatable, ipairs, pairs, rawget
local select, type = select, type
local sandbox_setmetatable = setmetatable
local gmatch, match = string.gmatch, string.match
local insert, remove = table.insert, table.remove

-- Lua's own, for what is done for every message.
local raw = host.raw
local next, sort, format, bare_get, setmetatable = raw.next, raw.sort, raw.format, raw.rawget, raw.setmetatable

-- Oldest processes know the reference by another name, and write on every message whom it is from.
local SEED = not host.since("2.0.1")
local FIRST = not host.since("1")
local NEW = host.since("2.0.6")
local REFERENCE = SEED and "Ref_" or "Reference"

local PROTOCOL, VARIANT = "ao", "ao.TN.1"
local MAX_HINTS = 1000

-- Keys of a sent table that are no tags.
local OWN_KEYS = { Target = true, Data = true, Anchor = true, Tags = true, From = true }

-- A live process is upgraded by loading this file again over its global `ao`.
local previous = ao
if type(previous) ~= "table" then
  previous = {}
end

local module = {
  _version = FIRST and "0.0.5" or SEED and "0.0.4" or "0.0.6",
  id = previous.id or "",
  _module = previous._module or "",
  authorities = previous.authorities or {},
  reference = previous.reference or 0,
  outbox = previous.outbox or { Output = {}, Messages = {}, Spawns = {}, Assignments = {} },
  nonExtractableTags = {
    "Data-Protocol",
    "Variant",
    "From-Process",
    "From-Module",
    "Type",
    "From",
    "Owner",
    "Anchor",
    "Target",
    "Data",
    "Tags",
  },
  nonForwardableTags = {
    "Data-Protocol",
    "Variant",
    "From-Process",
    "From-Module",
    "Type",
    "From",
    "Owner",
    "Anchor",
    "Target",
    "Tags",
    "TagArray",
    "Hash-Chain",
    "Timestamp",
    "Nonce",
    "Epoch",
    "Signature",
    "Forwarded-By",
    "Pushed-For",
    "Read-Only",
    "Cron",
    "Block-Height",
    "Reference",
    "Id",
    "Reply-To",
  },
}
if host.since("2.0.3") then
  insert(module.nonExtractableTags, "Read-Only")
elseif SEED then
  insert(module.nonExtractableTags, 6, REFERENCE)
end

local function includes(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

--- Empties the outbox.
function module.clearOutbox()
  module.outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} }
end

-- Whoever comes newly among the authorities; one tag may name several.
local function merge_authorities(tags)
  for _, tag in ipairs(tags) do
    if tag.name == "Authority" then
      for part in gmatch(tag.value, "[^,]+") do
        if not includes(module.authorities, part) then
          insert(module.authorities, part)
        end
      end
    end
  end
end

-- Before that, the first message's tags were the authorities, one for each tag, as long as there were any.
local function take_authorities(tags)
  for _, tag in ipairs(tags) do
    if tag.name == "Authority" then
      insert(module.authorities, tag.value)
    end
  end
end

--- Takes over the environment of a message: the id and the module's id while they are unknown, and the authorities.
function module.init(env)
  if module.id == "" then
    module.id = env.Process.Id
  end
  if module._module == "" then
    for _, tag in ipairs(env.Process.Tags) do
      if tag.name == "Module" then
        module._module = tag.value
      end
    end
  end
  if NEW then
    merge_authorities(env.Process.Tags)
  elseif #module.authorities == 0 then
    take_authorities(env.Process.Tags)
  end
  module.outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} }
  module.env = env
end

--- Adds a line to the output.
function module.log(txt)
  local outbox = module.outbox
  if type(outbox.Output) == "string" then
    outbox.Output = { outbox.Output }
  end
  insert(outbox.Output, txt)
end

-- Copies of one call share what they share in the original.
local function copy(value, seen)
  if type(value) ~= "table" then
    return value
  end
  if seen[value] ~= nil then
    return seen[value]
  end
  local fresh = {}
  seen[value] = fresh
  for key, item in pairs(value) do
    fresh[copy(key, seen)] = copy(item, seen)
  end
  return sandbox_setmetatable(fresh, getmetatable(value))
end

--- A deep copy, keys too, that keeps shared and circular references and metatables.
function module.clone(value)
  return copy(value, {})
end

-- What is no field of `ao` in aos 0.2.0; what stands between the process and its messages asks for it (`border/start`).
local OWN_TAGS = module.nonExtractableTags
host.own_tags = OWN_TAGS

--- Copies the tags of an array `msg.Tags` to the root of `msg`, but those in `nonExtractableTags`; returns `msg`.
function module.normalize(msg)
  local kept = FIRST and OWN_TAGS or module.nonExtractableTags
  for _, tag in ipairs(msg.Tags) do
    if not includes(kept, tag.name) then
      msg[tag.name] = tag.value
    end
  end
  return msg
end

--- A copy of `msg` without what must not be forwarded.
function module.sanitize(msg)
  local fresh = module.clone(msg)
  for key in pairs(fresh) do
    if includes(module.nonForwardableTags, key) then
      fresh[key] = nil
    end
  end
  return fresh
end

-- Sending ---------------------------------------------------------------------

-- `Ref_` and `after` are names from older days: found when asked for, never listed.
-- A process finds this table: with a __gc in it, it is the sandbox's business.
local SENT = {
  __index = function(sent, key)
    if key == "Ref_" then
      for _, tag in ipairs(rawget(sent, "Tags")) do
        if tag.name == REFERENCE then
          return tag.value
        end
      end
    elseif key == "after" then
      return rawget(sent, "onReply")
    end
    return nil
  end,
}

local function marked(sent)
  if FIRST then
    return sent
  end
  return (bare_get(SENT, "__gc") == nil and setmetatable or sandbox_setmetatable)(sent, SENT)
end

-- Adds the pairs of a table with string keys as tags, sorted by name; returns nil for what `pairs` must do.
-- Neither the order in which Lua's own next goes nor the sorting can be told by the number of steps.
local function add_named(tags, count, t, skipped)
  if getmetatable(t) ~= nil then
    return nil
  end
  -- room for the names there usually are
  local names, found, odd = { nil, nil, nil, nil }, 0, false
  for key in next, t do
    if not skipped[key] then
      if type(key) ~= "string" then
        odd = true
      end
      found = found + 1
      names[found] = key
    end
  end
  if odd then
    return nil
  end
  if found > 1 then
    sort(names)
  end
  for i = 1, found do
    local name = names[i]
    tags[count + i] = { name = name, value = t[name] }
  end
  return count + found
end

local NONE = {}

-- Whether tags are given as an array of {name, value}: numbers from 1, none missing.
local function is_array(tags)
  local top, fit = 0, true
  -- No way out in the middle: it would come sooner or later, as the order is.
  for key in pairs(tags) do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      fit = false
    elseif key > top then
      top = key
    end
  end
  return fit and top == #tags
end

-- Adds the pairs of any table as tags, in the order of `pairs`.
local function add_all(tags, count, t, skipped)
  for key, value in pairs(t) do
    if not skipped[key] then
      count = count + 1
      tags[count] = { name = key, value = value }
    end
  end
  return count
end

-- Adds the sender's own tags: root keys, then `Tags`, each sorted by name.
local function add_tags(tags, count, msg)
  count = add_named(tags, count, msg, OWN_KEYS) or add_all(tags, count, msg, OWN_KEYS)
  local more = msg.Tags
  if not more then
    return
  end
  if type(more) == "table" and more[1] == nil and add_named(tags, count, more, NONE) then
    return
  elseif is_array(more) then
    for _, tag in ipairs(more) do
      count = count + 1
      tags[count] = tag
    end
  else
    add_all(tags, count, more, NONE)
  end
end

-- Puts something in a box of the outbox.
local function push(box, item)
  if type(box) == "table" then
    box[#box + 1] = item
  else
    insert(box, item)
  end
end

local function next_reference()
  if not SEED then
    local number = module.reference + 1
    module.reference = number
    return number
  end
  local number = module._ref + 1
  module._ref = number
  if not FIRST then
    module.reference = number
  end
  return number
end

--- Sends a message; returns what was sent, with `onReply` and `receive`.
function module.send(msg)
  if type(msg) ~= "table" then
    error("msg should be a table")
  end
  local number = next_reference()
  local reference = number .. ""
  local tags, count
  if SEED then
    tags = {
      { name = "Data-Protocol", value = PROTOCOL },
      { name = "Variant", value = VARIANT },
      { name = "Type", value = "Message" },
      { name = "From-Process", value = module.id },
      { name = "From-Module", value = module._module },
      { name = REFERENCE, value = reference },
    }
    count = 6
  else
    tags = {
      { name = "Data-Protocol", value = PROTOCOL },
      { name = "Variant", value = VARIANT },
      { name = "Type", value = "Message" },
      { name = REFERENCE, value = reference },
      -- room for the tags there usually are
      nil,
      nil,
    }
    count = 4
  end
  add_tags(tags, count, msg)
  local target, data, anchor = msg.Target, msg.Data, format("%032d", number)
  local listening = Handlers and not SEED
  local sent
  sent = marked({
    Target = target,
    Data = data,
    Anchor = anchor,
    Tags = tags,
    -- A handler for the answer, which comes from the target, or from whom one says.
    onReply = listening and function(...)
      local from, handler = sent.Target, (...)
      if select("#", ...) == 2 then
        from, handler = ...
      end
      Handlers.once({ From = from, ["X-Reference"] = reference }, handler)
    end or nil,
    receive = listening and function(...)
      local from = sent.Target
      if select("#", ...) == 1 then
        from = ...
      end
      return Handlers.receive({ From = from, ["X-Reference"] = reference })
    end or nil,
  })
  if SEED then
    -- There what is returned is what was sent.
    push(module.outbox.Messages, sent)
  elseif Handlers then
    push(module.outbox.Messages, { Target = target, Data = data, Anchor = anchor, Tags = tags })
  end
  return sent
end

--- Asks for a new process of a module; returns what was sent, with `onReply` and `receive`.
function module.spawn(source, msg)
  if type(source) ~= "string" then
    error(SEED and "module source id is required!" or "Module source id is required!")
  elseif type(msg) ~= "table" then
    error(SEED and "msg should be a table" or "Message must be a table")
  end
  local number = next_reference()
  local reference = number .. ""
  local tags = {
    { name = "Data-Protocol", value = PROTOCOL },
    { name = "Variant", value = VARIANT },
    { name = "Type", value = "Process" },
    { name = "From-Process", value = module.id },
    { name = "From-Module", value = module._module },
    { name = "Module", value = source },
    { name = REFERENCE, value = reference },
  }
  add_tags(tags, 7, msg)
  local data, anchor = msg.Data or "NODATA", format("%032d", number)
  local sent = marked({ Data = data, Anchor = anchor, Tags = tags })
  if SEED then
    push(module.outbox.Spawns, sent)
    return sent
  elseif not Handlers then
    return sent
  end
  push(module.outbox.Spawns, { Data = data, Anchor = anchor, Tags = tags })

  -- The network answers with a message that the process seems to send to itself.
  function sent.onReply(handler)
    Handlers.once({ Action = "Spawned", From = module.id, [REFERENCE] = reference }, handler)
  end
  function sent.receive()
    return Handlers.receive({ Action = "Spawned", From = module.id, [REFERENCE] = reference })
  end
  return sent
end

--- Asks that a message be given to other processes as well.
function module.assign(assignment)
  if type(assignment) ~= "table" then
    error("assignment should be a table")
  elseif type(assignment.Processes) ~= "table" then
    error("Processes should be a table")
  elseif type(assignment.Message) ~= "string" then
    error("Message should be a string")
  end
  insert(module.outbox.Assignments, assignment)
end

--- Whether an authority wrote the message or vouches for it.
function module.isTrusted(msg)
  if SEED and #module.authorities == 0 then
    return true
  end
  for _, authority in ipairs(module.authorities) do
    if msg.From == authority or msg.Owner == authority then
      return true
    end
  end
  return false
end

--- The result of a message: an error alone, or the output and what the outbox holds.
function module.result(result)
  local outbox = module.outbox
  if outbox.Error or result.Error then
    return { Error = result.Error or outbox.Error }
  end
  return {
    Output = result.Output or outbox.Output,
    Messages = outbox.Messages,
    Spawns = outbox.Spawns,
    Assignments = outbox.Assignments,
  }
end

-- Ids for which there is a hint, in the order in which they came: the oldest leaves when there are too many.
local hinted = {}

--- Keeps the routing hint that a message's `From-Process` tag may carry: `id&hint=…&hint-ttl=…`.
function module.registerHint(msg)
  local from = msg.Tags and msg.Tags["From-Process"]
  if not from then
    return
  end
  local hints = module._hints
  if type(hints) ~= "table" then
    hints, hinted = {}, {}
    module._hints = hints
  end
  local id, hint, ttl
  for part in gmatch(from, "[^&]+") do
    local key, value = match(part, "^(hint[%-a-z]*)=(.+)$")
    if not key then
      id = id or part
    elseif key == "hint" then
      hint = value
    elseif key == "hint-ttl" then
      ttl = value
    end
  end
  if not id or not hint then
    return
  end
  if hints[id] == nil then
    insert(hinted, id)
    if #hinted > MAX_HINTS then
      hints[remove(hinted, 1)] = nil
    end
  end
  hints[id] = { hint = hint, ttl = ttl }
end

if not NEW then
  module.registerHint = nil
end

if SEED then
  module._ref = previous._ref or 0
end
if FIRST then
  module.reference, module.nonExtractableTags, module.nonForwardableTags = nil, nil, nil
  module.clone, module.sanitize = nil, nil
end
module.env = previous.env
if not FIRST then
  module.assignables = previous.assignables or {}
  require(".assignment").init(module)
end

return module
