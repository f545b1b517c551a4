-- A client of oracles: it asks several of them for a price, believes none of them alone, and answers with the median as
-- soon as enough have said something. What is known is good for a minute.
--
-- The process's tags `Oracle` are whom it asks.

local median = require("median")

Oracles = Oracles or {}
for _, tag in ipairs(ao.env.Process.TagArray or {}) do
  if tag.name == "Oracle" then
    table.insert(Oracles, tag.value)
  end
end
--- How many have to answer: of three, one may lie.
Quorum = Quorum or math.max(3, #Oracles // 2 + 1)
--- Questions that are open, by their items: Answers (by oracle), Customers, Since (milliseconds).
Open = Open or {}
--- What is known, by item: Price, At.
Known = Known or {}

local FRESH, PATIENCE = 60 * 1000, 5 * 60 * 1000

local function is_oracle(address)
  for _, oracle in ipairs(Oracles) do
    if oracle == address then
      return true
    end
  end
  return false
end

Handlers.add("price", "Price", function(msg)
  local item = msg.Tags.Item
  assert(type(item) == "string" and #item > 0 and #item <= 40, "Item is required")
  local known = Known[item]
  if known and msg.Timestamp - known.At < FRESH then
    msg.reply({ Action = "Price-Is", Item = item, Price = known.Price })
    return
  end
  local open = Open[item]
  if open and msg.Timestamp - open.Since < PATIENCE then
    table.insert(open.Customers, msg.From)
    return
  end
  -- Nobody has been asked, or too long ago: those who wait already wait on.
  local customers = open and open.Customers or {}
  table.insert(customers, msg.From)
  Open[item] = { Answers = {}, Customers = customers, Since = msg.Timestamp }
  for _, oracle in ipairs(Oracles) do
    ao.send({ Target = oracle, Action = "Get-Price", Item = item })
  end
end)

Handlers.add("answer", "Price-Answer", function(msg)
  assert(is_oracle(msg.From), "you are no oracle of mine")
  local item, price = msg.Tags.Item, math.tointeger(tonumber(msg.Tags.Price))
  local open = Open[item or ""]
  if not open or not price or price <= 0 then
    return -- nobody wants to know any more, or it is no price
  end
  open.Answers[msg.From] = price
  local answers = {}
  for _, answer in pairs(open.Answers) do
    table.insert(answers, answer)
  end
  if #answers < Quorum then
    return
  end
  Open[item] = nil
  Known[item] = { Price = tostring(median(answers)), At = msg.Timestamp }
  for _, customer in ipairs(open.Customers) do
    ao.send({ Target = customer, Action = "Price-Is", Item = item, Price = Known[item].Price })
  end
end)
