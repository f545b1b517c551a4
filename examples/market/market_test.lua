-- ao-run: process=token.lua owner=mint tag.Name=Points

local PRICES = [[
  Prices = { tea = "7", coffee = "9" }
  Handlers.add("price", "Get-Price", function(msg)
    msg.reply({ Action = "Price", Price = Prices[msg.Tags.Item] })
  end)
]]

local alice, shop

before_each(function()
  alice = wallet("alice")
  send({ From = "mint", Action = "Transfer", Recipient = alice, Quantity = 100 })
  local oracle = spawn({ code = PRICES, owner = "mint", name = "oracle" })
  shop = spawn({ path = "shop.lua", owner = "bob", name = "Teahouse", tags = { Token = process.id, Oracle = oracle } })
end)

local function order(item, amount)
  return shop.send({ From = "alice", Action = "Order", Order = "a1", Item = item, Amount = amount or 1 })
end

local function pay(quantity)
  return send({ From = "alice", Action = "Transfer", Recipient = shop, Quantity = quantity, ["X-Order"] = "a1" })
end

--- The actions of all messages to somebody that followed.
local function told(result, who)
  local actions = {}
  for _, message in ipairs(result.all) do
    if message.To == who then
      table.insert(actions, message.Action)
    end
  end
  return actions
end

it("ships what is paid for, and sends back what was too much", function()
  assert.same({ "Invoice" }, told(order("tea", 3), "alice"))
  assert.same({ "Debit-Notice", "Shipped", "Credit-Notice" }, told(pay(25), "alice"))
  assert.equal("21", Balances[wallet("bob")])
  assert.equal("79", Balances[alice])
end)

it("takes a payment that comes first", function()
  pay(9)
  assert.same({ "Shipped" }, told(order("coffee"), "alice"))
end)

it("cancels what has no price", function()
  pay(9)
  order("gold")
  assert.equal("100", Balances[alice])
  assert.equal("cancelled", shop.get("Orders[1].Status"))
end)

it("believes no forged payment", function()
  local result = shop.send({ From = "mallory", Action = "Credit-Notice", Sender = "mallory", Quantity = 7 })
  assert.matches("another token", result.error)
  assert.equal("payment", result.failure.handler)
end)
