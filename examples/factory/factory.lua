-- Makes a process for whoever asks, and tells them its id once the network has made it.

Made = Made or {}

Handlers.add("create", "Create", function(msg)
  local spawned = ao.spawn("the-module", {
    Tags = { Name = msg.Tags.Name or "unnamed", Authority = ao.authorities[1] },
    Data = "print('hello from ' .. Name)",
  })
  -- The answer to a spawn is a message with Action=Spawned from this very process.
  local answer = spawned.receive()
  table.insert(Made, answer.Tags.Process)
  msg.reply({ Action = "Created", Process = answer.Tags.Process })
  Assign({ Processes = { answer.Tags.Process }, Message = msg.Id })
end)
