--- Ready-made patterns and handles: `Handlers.utils`.

local _, host = ...

local error, type, ipairs = error, type, ipairs
local matchesSpec = require(".utils").matchesSpec

local SEED = not host.since("2.0.1")

local utils = { _version = "0.0.2" }

--- A pattern: the tag `name` has this value.
function utils.hasMatchingTag(name, value)
  if type(name) ~= "string" or type(value) ~= "string" then
    error("invalid arguments: (name : string, value : string)")
  end
  return function(msg)
    return msg.Tags[name] == value
  end
end

--- A pattern: the tag `name` has one of these values (no: 0, which is "go on").
function utils.hasMatchingTagOf(name, values)
  if type(name) ~= "string" or type(values) ~= "table" then
    error("invalid arguments: (name : string, values : string[])")
  end
  return function(msg)
    for _, value in ipairs(values) do
      if type(value) ~= "string" then
        error("invalid arguments: (name : string, value : string)")
      end
      if msg.Tags[name] == value then
        return true
      end
    end
    return 0
  end
end

--- A pattern: the message's Data is this text.
function utils.hasMatchingData(value)
  if type(value) ~= "string" then
    error("invalid arguments: (value : string)")
  end
  return function(msg)
    return msg.Data == value
  end
end

--- A handle that answers with a text as Data, or with a table (in the oldest dialect a table of tags).
function utils.reply(input)
  local kind = type(input)
  if SEED and (kind == "string" or kind == "table") then
    local name = kind == "string" and "Data" or "Tags"
    return function(msg)
      ao.send({ Target = msg.From, [name] = input })
    end
  end
  if kind == "string" then
    return function(msg)
      msg.reply({ Data = input })
    end
  elseif kind ~= "table" then
    error("invalid arguments: (input : table or string)")
  end
  return function(msg)
    msg.reply(input)
  end
end

--- A pattern that runs its handler where `pattern` matches, and lets the walk go on.
function utils.continue(pattern)
  if SEED and type(pattern) ~= "function" then
    error("invalid arguments: (fn : function)")
  end
  return function(msg)
    local answer
    if SEED then
      answer = pattern(msg)
    else
      answer = matchesSpec(msg, pattern)
    end
    if not answer or answer == 0 or answer == "skip" then
      return answer
    end
    return 1
  end
end

return utils
