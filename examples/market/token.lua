-- A token. Its owner has the supply at the start and may mint more; whoever holds some can send it on, and both sides
-- get a notice. Quantities are whole numbers of any size and stay text: `Balances` holds text, `bint` calculates.

local bint = require(".bint")(256)

--- More digits would not fit into what `bint` calculates with.
local DIGITS = 76
--- Tags by which a process finds the answer that it waits for: nobody may have the token put them into a notice.
local RESERVED = { ["X-Reference"] = true, ["X-Origin"] = true }

Ticker = Ticker or "PTS"
Supply = Supply or "1000000"
Balances = Balances or { [Owner] = Supply }

--- The quantity in a message: a whole number above zero.
local function quantity(msg)
  local text = msg.Tags.Quantity
  local valid = type(text) == "string" and #text <= DIGITS and text:find("^0*[1-9]%d*$")
  return bint(assert(valid and text, "Quantity must be a whole number above zero"))
end

local function balance(account)
  return bint(Balances[account] or "0")
end

local function set_balance(account, amount)
  Balances[account] = bint.ispos(amount) and tostring(amount) or nil
end

--- The sender's own tags X-…, which go on with both notices: they say what a transfer is for.
local function purpose(msg)
  local tags = {}
  for name, value in pairs(msg.Tags) do
    if name:sub(1, 2) == "X-" and not RESERVED[name] then
      tags[name] = value
    end
  end
  return tags
end

Handlers.add("info", "Info", function(msg)
  msg.reply({ Name = Name, Ticker = Ticker, Supply = Supply, Denomination = "0" })
end)

Handlers.add("balance", "Balance", function(msg)
  local account = msg.Tags.Recipient or msg.From
  msg.reply({ Account = account, Balance = tostring(balance(account)), Ticker = Ticker })
end)

Handlers.add("mint", "Mint", function(msg)
  assert(msg.From == Owner, "only the owner may mint")
  local amount = quantity(msg)
  local supply = tostring(bint(Supply) + amount)
  assert(#supply <= DIGITS, "that is more than the token can count")
  Supply = supply
  set_balance(Owner, balance(Owner) + amount)
  msg.reply({ Action = "Minted", Quantity = tostring(amount), Supply = Supply })
end)

Handlers.add("transfer", "Transfer", function(msg)
  local recipient = assert(msg.Tags.Recipient, "Recipient is required")
  local amount = quantity(msg)
  local have = balance(msg.From)
  if have < amount then
    msg.reply({ Action = "Transfer-Error", Error = "Insufficient balance", Balance = tostring(have) })
    return
  end
  set_balance(msg.From, have - amount)
  set_balance(recipient, balance(recipient) + amount)
  local text, tags = tostring(amount), purpose(msg)
  msg.reply({ Action = "Debit-Notice", Recipient = recipient, Quantity = text, Tags = tags })
  ao.send({ Target = recipient, Action = "Credit-Notice", Sender = msg.From, Quantity = text, Tags = tags })
end)
