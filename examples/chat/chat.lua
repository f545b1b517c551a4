-- A chat room: members join under a name; what one says goes to all the others.

Members = Members or {}

local function position(address)
  for index, member in ipairs(Members) do
    if member.address == address then
      return index
    end
  end
end

local function tell(except, action, name, text)
  for _, member in ipairs(Members) do
    if member.address ~= except then
      ao.send({ Target = member.address, Action = action, Name = name, Data = text })
    end
  end
end

Handlers.add("join", "Join", function(msg)
  local name = msg.Tags.Name or msg.From
  if not position(msg.From) then
    table.insert(Members, { address = msg.From, name = name })
    tell(msg.From, "Joined", name)
  end
  print(name .. " is here, " .. #Members .. " in the room")
end)

Handlers.add("say", "Say", function(msg)
  local index = position(msg.From)
  if not index then
    msg.reply({ Action = "Say-Error", Error = "Join first" })
    return
  end
  tell(msg.From, "Said", Members[index].name, msg.Data)
end)

Handlers.add("leave", { Action = "Leave", From = position }, function(msg)
  local member = table.remove(Members, position(msg.From))
  tell(nil, "Left", member.name)
end)
