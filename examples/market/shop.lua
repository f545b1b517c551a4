-- A shop. A customer orders, and pays by a transfer of the token, in whichever order the two arrive: the shop asks an
-- oracle for the price, ships what is paid for, hands the price on to its seller, and sends back what was too much.
--
-- Customers choose the reference of an order: the tag `Order` of what they send here, `X-Order` of their transfers.
-- The process's tags say what it works with: `Token`, `Oracle` and, where somebody else has spawned it, `Seller`.

local bint = require(".bint")(256)

local tags = ao.env.Process.Tags
Token = Token or assert(tags.Token, "a shop needs the tag Token")
Oracle = Oracle or tags.Oracle
Seller = Seller or tags.Seller or Owner
--- Of each order: Customer, Reference, Status ("open", "shipped", "cancelled"), and Paid; from the customer's order on
--- Item and Amount; from the oracle's answer on Total.
Orders = Orders or {}
--- Places in `Orders`, by customer and reference.
Places = Places or {}

--- A whole number above zero, as text, or nil. Two of them multiplied still fit into a `bint`.
local function whole(text)
  return type(text) == "string" and #text <= 30 and text:match("^0*([1-9]%d*)$") or nil
end

--- The order of that reference, or nil.
local function find(customer, reference)
  return Orders[Places[customer .. " " .. (reference or "")]]
end

--- The order of that reference: a new one, where this is the first that is heard of it.
local function find_or_open(customer, reference)
  if not find(customer, reference) then
    table.insert(Orders, { Customer = customer, Reference = reference or "", Status = "open", Paid = "0" })
    Places[customer .. " " .. (reference or "")] = #Orders
  end
  return find(customer, reference)
end

local function tell(order, message)
  message.Target, message.Order = order.Customer, order.Reference
  ao.send(message)
end

local function pay(recipient, quantity, purpose, reference)
  if bint.ispos(quantity) then
    local text = tostring(quantity)
    ao.send({ Target = Token, Action = "Transfer", Recipient = recipient, Quantity = text, [purpose] = reference })
  end
end

--- Whatever somebody has paid is kept in `Paid` until it is for the seller or goes back.
local function refund(order, quantity)
  order.Paid = tostring(bint(order.Paid) - quantity)
  pay(order.Customer, quantity, "X-Refund", order.Reference)
end

local function cancel(order, reason)
  order.Status = "cancelled"
  tell(order, { Action = "Cancelled", Reason = reason })
  refund(order, bint(order.Paid))
end

--- Do what is to be done for an open order, now that something about it has changed.
local function settle(order)
  if not order.Total then
    return -- not made yet, or without a price: what is paid has to wait
  end
  local paid, total = bint(order.Paid), bint(order.Total)
  if paid < total then
    tell(order, { Action = "Invoice", Total = order.Total, Due = tostring(total - paid) })
    return
  end
  order.Status = "shipped"
  tell(order, { Action = "Shipped", Item = order.Item, Amount = order.Amount })
  refund(order, paid - total)
  order.Paid = "0"
  pay(Seller, total, "X-Sale", order.Reference)
end

Handlers.add("order", "Order", function(msg)
  local order = find_or_open(msg.From, msg.Tags.Order)
  if order.Item or order.Status ~= "open" then
    msg.reply({ Action = "Order-Error", Order = order.Reference, Error = "there was an order of this reference" })
    return
  end
  order.Item = assert(msg.Tags.Item, "Item is required")
  order.Amount = assert(whole(msg.Tags.Amount or "1"), "Amount must be a whole number above zero")
  assert(Oracle, "this shop has no oracle that knows prices")
  local answer = ao.send({ Target = Oracle, Action = "Get-Price", Item = order.Item }).receive()
  -- From here on we are in a later message: meanwhile the order may have been paid, or cancelled.
  if order.Status ~= "open" then
    return
  end
  local price = whole(answer.Tags.Price)
  if not price then
    cancel(order, "there is no price for " .. order.Item)
    return
  end
  order.Total = tostring(bint(price) * bint(order.Amount))
  settle(order)
end)

Handlers.add("payment", "Credit-Notice", function(msg)
  -- Anybody can send a Credit-Notice; only the token's own says that there is money.
  assert(msg.From == Token, "this shop takes another token")
  if msg.Tags["X-Refund"] then
    return -- what another shop has sent back is not for an order here
  end
  local order = find_or_open(msg.Tags.Sender, msg.Tags["X-Order"])
  local quantity = bint(msg.Tags.Quantity)
  order.Paid = tostring(bint(order.Paid) + quantity)
  if order.Status == "open" then
    ao.send({ Target = Seller, Action = "Payment", Order = order.Reference, Quantity = tostring(quantity) })
    settle(order)
  else
    refund(order, quantity)
  end
end)

Handlers.add("cancel", "Cancel", function(msg)
  local order = assert(find(msg.From, msg.Tags.Order), "you have no order of this reference")
  assert(order.Status == "open", "this order is " .. order.Status .. " already")
  cancel(order, "as you wished")
end)

-- The token's receipt for what the shop has sent.
Handlers.add("receipt", { Action = "Debit-Notice", From = Token }, function() end)
