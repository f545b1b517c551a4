-- A registry of names: whoever comes first has a name for a year, says what it stands for, and can hand it on.

local names = require("names")

--- Of each name: Owner, Target (what it stands for), Until (milliseconds).
Records = Records or {}

--- The record of a name that is somebody's now, or nil.
local function current(name, now)
  local record = Records[name]
  return record and record.Until > now and record or nil
end

--- The record of a name that the sender has. Raises an error for another one.
local function own(msg)
  local name = names.read(msg.Tags.Name)
  local record = current(name, msg.Timestamp)
  assert(record and record.Owner == msg.From, "this name is not yours")
  return record, name
end

Handlers.add("register", "Register", function(msg)
  local name = names.read(msg.Tags.Name)
  local record = current(name, msg.Timestamp)
  if record and record.Owner ~= msg.From then
    msg.reply({ Action = "Register-Error", Name = name, Error = "taken", Until = names.date(record.Until) })
    return
  end
  -- Its owner may have it for another year, from the day on which it would end.
  local since = record and record.Until or msg.Timestamp
  assert(since - msg.Timestamp < names.YEAR, "a name is not kept for more than two years")
  Records[name] = { Owner = msg.From, Target = msg.Tags["Points-To"] or msg.From, Until = since + names.YEAR }
  msg.reply({ Action = "Registered", Name = name, Until = names.date(Records[name].Until) })
end)

Handlers.add("lookup", "Lookup", function(msg)
  local name = names.read(msg.Tags.Name)
  local record = current(name, msg.Timestamp)
  if record then
    msg.reply({ Action = "Found", Name = name, Owner = record.Owner, ["Points-To"] = record.Target })
  else
    msg.reply({ Action = "Not-Found", Name = name })
  end
end)

Handlers.add("point", "Point", function(msg)
  local record, name = own(msg)
  record.Target = assert(msg.Tags["Points-To"], "Points-To is required")
  msg.reply({ Action = "Pointed", Name = name, ["Points-To"] = record.Target })
end)

Handlers.add("hand-on", "Hand-On", function(msg)
  local record, name = own(msg)
  record.Owner = assert(msg.Tags.Recipient, "Recipient is required")
  msg.reply({ Action = "Handed-On", Name = name, Recipient = record.Owner })
  ao.send({ Target = record.Owner, Action = "Received", Name = name, Sender = msg.From })
end)
