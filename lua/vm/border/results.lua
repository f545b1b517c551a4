-- What a process answers, as a flat list: Python gets values and walks no tables.
--
-- What `evaluate` and its kin return, by their first value:
--   FAST      gas, data, prompt, test|true, count, then for each message: Target, Data, Anchor, tags, name, value, …
--             `tags` is their number; where they begin with the three that all messages have, those are left out, and
--             `tags` is 2 minus their number
--   JSON      gas, the result as the network writes it
--   FAILED    gas, text, hit|nil, message|nil, handler|nil, then for each frame: chunk, line, name
--   LOCALE    the host's locale would be heard; nothing was evaluated

local vm = ...

local type, next = type, next
local math_type = math.type

local results = { FAST = 1, JSON = 2, FAILED = 3, LOCALE = 4 }
local FAST = results.FAST

-- Values that are returned at once; what is more goes as JSON.
local MOST = 50000

-- The list that `flatten` fills: always the same one, nothing is made anew.
local out = {}

-- Puts what a message says into `out` after place `n`; returns the last place, or nil where it is no usual message.
-- Tags that every message begins with are left out, and their number counted negative.
local function flatten_message(message, n)
  if type(message) ~= "table" then
    return nil
  end
  local target, text, anchor, tags = message.Target, message.Data, message.Anchor, message.Tags
  if type(target) ~= "string" or type(anchor) ~= "string" or type(tags) ~= "table" then
    return nil
  end
  local keys = 3
  if text ~= nil then
    if type(text) ~= "string" then
      return nil
    end
    keys = 4
  end
  for _ in next, message do
    keys = keys - 1
  end
  if keys ~= 0 then
    return nil
  end
  local last = #tags
  if math_type(last) ~= "integer" or last < 0 or n + 2 * last > MOST then
    return nil
  end
  out[n + 1], out[n + 2], out[n + 3], out[n + 4] = target, text, anchor, last
  local first = 1
  local a, b, c = tags[1], tags[2], tags[3]
  if
    last >= 3
    and a.name == "Data-Protocol"
    and a.value == "ao"
    and b.name == "Variant"
    and b.value == "ao.TN.1"
    and c.name == "Type"
    and c.value == "Message"
  then
    out[n + 4] = 2 - last
    first = 4
  end
  n = n + 4
  for j = first, last do
    local tag = tags[j]
    local name, value = tag.name, tag.value
    -- A name and a value, and no third field; asked so that Lua's order does not show in the number of instructions.
    if type(name) ~= "string" or type(value) ~= "string" or next(tag, next(tag, next(tag))) ~= nil then
      return nil
    end
    out[n + 1], out[n + 2] = name, value
    n = n + 2
  end
  return n
end

-- The result as a flat list of strings in `out`, if it has the usual form and nothing else: the last place, else nil.
-- Whatever else it is raises an error here, or gives nil.
local function flatten(result)
  if result.Error ~= nil then
    return nil
  end
  local output, messages = result.Output, result.Messages
  if next(result.Spawns) ~= nil or next(result.Assignments) ~= nil then
    return nil
  end
  local data, prompt, test = output.data, output.prompt, output.test
  if test == nil then
    test = output.print
    if test ~= true then
      return nil
    end
  elseif type(test) ~= "string" then
    return nil
  end
  if type(data) ~= "string" or type(prompt) ~= "string" then
    return nil
  end
  local keys = 3
  for _ in next, output do
    keys = keys - 1
  end
  if keys ~= 0 then
    return nil
  end
  local count, n = 0, 6
  for key in next, messages do
    count = count + 1
    if key ~= count then
      return nil
    end
    n = flatten_message(messages[key], n)
    if not n then
      return nil
    end
  end
  out[1], out[3], out[4], out[5], out[6] = FAST, data, prompt, test, count
  return n
end

results.flatten, results.out = flatten, out
vm.results = results
