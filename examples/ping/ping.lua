-- Answers every Ping with a Pong, and counts them.

Count = Count or 0

Handlers.add("ping", "Ping", function(msg)
  Count = Count + 1
  print("ping number " .. Count .. " from " .. msg.From)
  msg.reply({ Action = "Pong", Count = tostring(Count) })
end)
