-- A pool of two tokens, of which one is given for the other: the product of both stays, but for a fee of 0.3 %.
-- A swap is done in steps, each at its own price. Amounts are integers of 256 bits, as the network's tokens have.

local bint = require(".bint")(256)

local FEE, WHOLE, STEPS = bint(997), bint(1000), 8

Reserves = Reserves or { A = "1000000000000000000000", B = "5000000000000000000000" }
Balances = Balances or {}
Swaps = Swaps or 0

local function other(token)
  return token == "A" and "B" or "A"
end

--- What comes out for `given`, where the pool has so much of both; and what it has then.
local function swapped(given, before, left)
  local counted = given * FEE
  local taken = bint.udiv(left * counted, before * WHOLE + counted)
  return taken, before + given, left - taken
end

Handlers.add("swap", "Swap", function(msg)
  local token = msg.Tags.Token
  assert(token == "A" or token == "B", "Token must be A or B")
  local given = bint(msg.Tags.Quantity)
  local step = bint.udiv(given, STEPS)
  if bint.iszero(step) then
    msg.reply({ Action = "Swap-Error", Error = "Quantity is too small" })
    return
  end
  local before, left = bint(Reserves[token]), bint(Reserves[other(token)])
  local all = bint(0)
  for n = 1, STEPS do
    local taken
    taken, before, left = swapped(n < STEPS and step or given - step * (STEPS - 1), before, left)
    all = all + taken
  end
  Reserves[token], Reserves[other(token)] = tostring(before), tostring(left)
  local account = Balances[msg.From] or { A = "0", B = "0" }
  account[token] = tostring(bint(account[token]) - given)
  account[other(token)] = tostring(bint(account[other(token)]) + all)
  Balances[msg.From] = account
  Swaps = Swaps + 1
  msg.reply({ Action = "Swapped", Token = other(token), Quantity = tostring(all) })
end)

Handlers.add("reserves", "Reserves", function(msg)
  msg.reply({ A = Reserves.A, B = Reserves.B, Swaps = tostring(Swaps) })
end)
