-- What a page needs beside the token itself: its owner can mint, and anybody sees all accounts.

local json = require("json")

Handlers.add("mint", "Mint", function(msg)
  assert(msg.From == Owner, "only the owner can mint")
  local amount = math.tointeger(tonumber(msg.Quantity))
  assert(amount and amount > 0, "Quantity must be a whole number above zero")
  Supply = Supply + amount
  Balances[msg.From] = (Balances[msg.From] or 0) + amount
  msg.reply({ Action = "Minted", Quantity = tostring(amount) })
end)

Handlers.add("balances", "Balances", function(msg)
  msg.reply({ Data = json.encode(Balances) })
end)
