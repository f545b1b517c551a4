Paid = Paid or 0

Handlers.add("paid", "Credit-Notice", function(msg)
  Paid = Paid + tonumber(msg.Tags.Quantity)
end)
