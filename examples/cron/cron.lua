-- A bot that reminds: cron's ticks wake it, and it sends what is due. It is spawned with the tags
-- Cron-Interval = 1-minute and Cron-Tag-Action = Tick.

--- Of each reminder: To, Text, At (milliseconds); in the order in which they are due.
Reminders = Reminders or {}

--- What one may have waiting here.
local MOST, LONGEST = 20, 500
local MINUTE = 60 * 1000

local function count(address)
  local found = 0
  for _, reminder in ipairs(Reminders) do
    found = found + (reminder.To == address and 1 or 0)
  end
  return found
end

Handlers.add("remind", "Remind", function(msg)
  local minutes = math.tointeger(tonumber(msg.Tags.Minutes))
  assert(minutes and minutes > 0 and minutes <= 525600, "Minutes must be a whole number above zero, a year at most")
  assert(type(msg.Data) == "string" and #msg.Data <= LONGEST, "Data is what to remind of, 500 letters at most")
  assert(count(msg.From) < MOST, "20 reminders are enough")
  local reminder = { To = msg.From, Text = msg.Data, At = msg.Timestamp + minutes * MINUTE }
  local place = #Reminders + 1
  while place > 1 and Reminders[place - 1].At > reminder.At do
    place = place - 1
  end
  table.insert(Reminders, place, reminder)
  msg.reply({ Action = "Noted", Waiting = tostring(#Reminders) })
end)

-- Anybody may send a tick: it does nothing that is not due.
Handlers.add("tick", "Tick", function(msg)
  while Reminders[1] and Reminders[1].At <= msg.Timestamp do
    local reminder = table.remove(Reminders, 1)
    ao.send({ Target = reminder.To, Action = "Reminder", Data = reminder.Text })
  end
end)
