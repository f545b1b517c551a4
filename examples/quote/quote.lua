-- A shop that does not know its prices: it asks the process "prices", and waits for the answer with Receive.

Handlers.add("quote", "Quote", function(msg)
  ao.send({ Target = "prices", Action = "Get-Price", Item = msg.Item })
  local answer = Receive({ From = "prices", Action = "Price", Item = msg.Item })
  -- From here on we are in a later message: the handler's own variables are still there.
  local total = tonumber(answer.Price) * tonumber(msg.Amount)
  msg.reply({ Action = "Offer", Item = msg.Item, Total = string.format("%d", total) })
end)
