-- A token: whoever starts the process owns the whole supply, and can send it on. Amounts are whole numbers.

Ticker = Ticker or "PTS"
Supply = Supply or 1000000
Balances = Balances or { [Owner] = Supply }

--- The quantity in a message: a whole number above zero, or nil.
local function quantity(msg)
  local number = math.tointeger(tonumber(msg.Quantity))
  return number and number > 0 and number or nil
end

Handlers.add("info", "Info", function(msg)
  msg.reply({ Name = Name, Ticker = Ticker, Supply = tostring(Supply) })
end)

Handlers.add("balance", "Balance", function(msg)
  local account = msg.Tags.Recipient or msg.From
  msg.reply({ Account = account, Balance = tostring(Balances[account] or 0), Ticker = Ticker })
end)

Handlers.add("transfer", "Transfer", function(msg)
  assert(type(msg.Recipient) == "string", "Recipient is required")
  local amount = assert(quantity(msg), "Quantity must be a whole number above zero")
  local have = Balances[msg.From] or 0
  if have < amount then
    msg.reply({ Action = "Transfer-Error", Error = "Insufficient balance", Balance = tostring(have) })
    return
  end
  Balances[msg.From] = have - amount
  Balances[msg.Recipient] = (Balances[msg.Recipient] or 0) + amount
  msg.reply({ Action = "Debit-Notice", Recipient = msg.Recipient, Quantity = tostring(amount) })
  ao.send({ Target = msg.Recipient, Action = "Credit-Notice", Sender = msg.From, Quantity = tostring(amount) })
end)
