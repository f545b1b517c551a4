--- What is done to a message before handlers see it.

local _, host = ...

local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type
local byte = string.byte

local message = {}

local TITLE_CASE = host.since("2.0.6")

-- Gives the keys of `t` their Title-Case names.
local function rename_keys(t)
  local old, count = {}, 0
  for key in pairs(t) do
    if type(key) == "string" and Utils.normalize(key) ~= key then
      count = count + 1
      old[count] = key
    end
  end
  for i = 1, count do
    local key = old[i]
    local value = t[key]
    t[key] = nil
    t[Utils.normalize(key)] = value
  end
end

--- Title-Case names, and the tags copied to the root. The tags are an array here, and stay one.
function message.normalise(msg)
  if TITLE_CASE then
    rename_keys(msg)
    for _, tag in ipairs(msg.Tags) do
      tag.name = Utils.normalize(tag.name)
    end
  end
  return ao.normalize(msg)
end

--- An array of tags becomes `TagArray`, and `Tags` a table name → value, in which the first of equal names wins.
function message.split_tags(t)
  local array = t.Tags
  local tags = {}
  for _, tag in ipairs(array) do
    if tags[tag.name] == nil then
      tags[tag.name] = tag.value
    end
  end
  t.TagArray, t.Tags = array, tags
end

--- The number that starts the process's random numbers.
function message.seed(msg)
  local text = tostring(msg.Owner or "") .. tostring(msg.Module or "") .. tostring(msg.Id or "")
  local sum = 0
  for i = 1, #text do
    sum = sum + byte(text, i)
  end
  return math.tointeger(tonumber(tostring(msg["Block-Height"] or "") .. sum)) or sum
end

--- Gives the message `reply` and `forward`.
function message.equip(msg)
  function msg.reply(replyMsg)
    replyMsg.Target = msg["Reply-To"] or replyMsg.Target or msg.From
    -- nil is written only over something: it would make the table larger
    local reference, origin = msg["X-Reference"] or msg.Reference, msg["X-Origin"]
    if reference ~= nil or replyMsg["X-Reference"] ~= nil then
      replyMsg["X-Reference"] = reference
    end
    if origin ~= nil or replyMsg["X-Origin"] ~= nil then
      replyMsg["X-Origin"] = origin
    end
    return ao.send(replyMsg)
  end

  function msg.forward(target, forwardMsg)
    local sent = ao.sanitize(msg)
    for key, value in pairs(forwardMsg or {}) do
      sent[key] = value
    end
    sent.Target = target
    sent["Reply-To"] = msg["Reply-To"] or msg.From
    sent["X-Reference"] = msg["X-Reference"] or msg.Reference
    sent["X-Origin"] = msg["X-Origin"] or msg.From
    sent.reply, sent.forward = nil, nil
    ao.send(sent)
  end
end

return message
