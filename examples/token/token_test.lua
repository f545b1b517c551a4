-- ao-run: owner=alice tag.Name=Points

local bob

before_each(function()
  bob = wallet("bob")
end)

local function transfer(from, quantity)
  return send({ From = from, Action = "Transfer", Recipient = bob, Quantity = quantity })
end

describe("transfer", function()
  it("moves the quantity", function()
    local result = transfer("alice", 250)
    assert.is_nil(result.error)
    assert.equal(250, Balances[bob])
    assert.equal(Supply - 250, Balances[Owner])
  end)

  it("tells both sides", function()
    local debit, credit = table.unpack(transfer("alice", 250).messages)
    assert.same({ "alice", "Debit-Notice", "250" }, { debit.To, debit.Action, debit.Tags.Quantity })
    assert.same({ "bob", "Credit-Notice", "250" }, { credit.To, credit.Action, credit.Tags.Quantity })
    assert.equal(1, #inbox("bob"))
  end)

  it("needs a quantity above zero", function()
    for _, quantity in ipairs({ 0, -5, 1.5, "many" }) do
      assert.equal("Quantity must be a whole number above zero", transfer("alice", quantity).error)
    end
    assert.is_nil(Balances[bob])
  end)

  it("refuses what the sender does not have", function()
    local result = transfer("carol", 1)
    assert.equal("Transfer-Error", result.messages[1].Action)
    assert.is_nil(Balances[bob])
  end)

  it("sends the notice to the recipient by ao.send", function()
    local sent = spy.on(ao, "send")
    transfer("alice", 1)
    assert.spy(sent).was_called()
  end)
end)

it("answers how much somebody has", function()
  transfer("alice", 250)
  local answer = send({ From = "carol", Action = "Balance", Recipient = bob }).messages[1]
  assert.equal("250", answer.Tags.Balance)
  assert.matches("^PT", answer.Tags.Ticker)
end)

pending("burns tokens")
