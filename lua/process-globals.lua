--- The names that a process finds among its globals, beside Lua's own, `ao` and `Handlers`.
-- A process may replace any of them; they are looked up when they are used.

local _, host = ...

local ipairs, pcall, select, setmetatable, tostring, type = ipairs, pcall, select, setmetatable, tostring, type
local insert = table.insert

local stringify = require(".stringify")

local FIRST, SEED = not host.since("1"), not host.since("2.0.1")

local globals = {}

local colors = {
  red = "\27[31m",
  green = "\27[32m",
  blue = "\27[34m",
  gray = "\27[90m",
  reset = "\27[0m",
}

-- The prompt, and what it was made of.
local prompt, of_name, of_count, of_colors

--- Puts the names in place. `version` is shown in the prompt.
function globals.install(version)
  Colors = colors
  Bell = "\x07"
  Dump = require(".dump")
  Utils = require(".utils")
  Handlers = require(".handlers")

  local function made_prompt()
    return Colors.green
      .. Name
      .. Colors.gray
      .. "@"
      .. Colors.blue
      .. "aos-"
      .. version
      .. Colors.gray
      .. "[Inbox:"
      .. Colors.red
      .. tostring(#Inbox)
      .. Colors.gray
      .. "]"
      .. Colors.reset
      .. "> "
  end

  function Prompt()
    local count, now = #Inbox, Colors
    if count ~= of_count or Name ~= of_name or now ~= of_colors or now ~= colors then
      prompt, of_name, of_count, of_colors = made_prompt(), Name, count, now
    end
    return prompt
  end

  -- In the oldest dialect the first value stays what it is, and what cannot be joined to it is not printed.
  local function seed_print(a)
    if type(a) == "table" then
      a = stringify.format(a)
    end
    pcall(function()
      local data = a
      if ao.outbox.Output.data then
        data = ao.outbox.Output.data .. "\n" .. a
      end
      ao.outbox.Output = { data = data, prompt = Prompt(), print = true }
    end)
    return tostring(a)
  end

  --- One line of output.
  function print(a)
    local kind = type(a)
    if kind == "table" then
      a = stringify.format(a)
    elseif kind == "boolean" then
      a = Colors.blue .. tostring(a) .. Colors.reset
    elseif kind == "nil" then
      a = Colors.red .. "nil" .. Colors.reset
    elseif kind == "number" then
      a = Colors.green .. tostring(a) .. Colors.reset
    end
    local data = a
    if ao.outbox.Output.data then
      data = ao.outbox.Output.data .. "\n" .. a
    end
    ao.outbox.Output = { data = data, prompt = Prompt(), print = true }
    local logs = HANDLER_PRINT_LOGS
    if type(logs) == "table" then
      logs[#logs + 1] = a
    else
      insert(logs, a)
    end
    return nil
  end

  if SEED then
    print = seed_print
  end
  if FIRST then
    function Prompt()
      return "aos> "
    end
  end

  --- The tags of a message whose tags are still an array: name → value, the first of equal names.
  function Tab(msg)
    local tags = {}
    for _, tag in ipairs(msg.Tags) do
      if not tags[tag.name] then
        tags[tag.name] = tag.value
      end
    end
    return tags
  end

  function Version()
    print("version: " .. version)
  end

  --- `ao.send`, with a warning when there is no target.
  function Send(msg)
    if not FIRST and not msg.Target then
      print("WARN: No target specified for message. Data will be stored, but no process will receive it.")
    end
    local sent = ao.send(msg)
    if SEED then
      return FIRST and "message added to outbox" or "Message added to outbox."
    end
    return { output = "Message added to outbox", receive = sent.receive, onReply = sent.onReply }
  end

  --- `Spawn(module, msg)`, or `Spawn(msg)` for a process of the own module.
  function Spawn(...)
    local source, msg
    if select("#", ...) == 1 and not FIRST then
      source, msg = ao._module, ...
    else
      source, msg = ...
    end
    local sent = ao.spawn(source, msg or {})
    if SEED then
      return FIRST and "spawn process request" or "Spawn process request added to outbox."
    end
    -- The old name is found when asked for, not listed.
    local old = { __index = { after = sent.onReply } }
    return setmetatable({ output = "Spawn process request added to outbox", receive = sent.receive }, old)
  end

  function Assign(assignment)
    ao.assign(assignment)
    if FIRST then
      return "assignment added to outbox"
    end
    print("Assignment added to outbox.")
    return "Assignment added to outbox."
  end

  if not SEED then
    function Receive(match)
      return Handlers.receive(match)
    end
  end
end

return globals
