Balances = Balances or { [Owner] = 1000 }

Handlers.add("info", "Info", function(msg)
  msg.reply({ Name = "Points", Supply = "1000" })
end)

Handlers.add("balance", "Balance", function(msg)
  msg.reply({ Balance = tostring(Balances[msg.Tags.Account or msg.From] or 0) })
end)

Handlers.add("transfer", "Transfer", function(msg)
  local amount = assert(math.tointeger(tonumber(msg.Tags.Quantity)), "Quantity must be a whole number")
  assert(amount > 0, "Quantity must be above zero")
  assert((Balances[msg.From] or 0) >= amount, "Insufficient balance")
  Balances[msg.From] = Balances[msg.From] - amount
  Balances[msg.Tags.Recipient] = (Balances[msg.Tags.Recipient] or 0) + amount
  msg.reply({ Action = "Debit-Notice", Quantity = tostring(amount) })
  ao.send({ Target = msg.Tags.Recipient, Action = "Credit-Notice", Quantity = tostring(amount) })
end)
