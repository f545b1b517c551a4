-- ao-run: owner=mint

local customer = { From = "carol", Action = "Price", Item = "tea" }

local function answer(from, price)
  return send({ From = from, Action = "Price-Answer", Item = "tea", Price = price })
end

before_each(function()
  Oracles = { wallet("ada"), wallet("ben"), wallet("eve") }
end)

describe("a price", function()
  it("is the one in the middle of what three oracles say", function()
    assert.equal(3, #send(customer).messages)
    assert.equal(0, #answer("ada", 7).messages)
    assert.equal(0, #answer("eve", 1000000).messages)
    local result = answer("ben", 9)
    assert.equal("carol", result.messages[1].To)
    assert.equal("9", result.messages[1].Tags.Price)
  end)

  it("is not what one says three times", function()
    send(customer)
    answer("eve", 1000)
    answer("eve", 1000)
    assert.equal(0, #answer("eve", 1000).messages)
  end)

  it("is not what a stranger says", function()
    send(customer)
    assert.matches("no oracle of mine", answer("mallory", 1).error)
  end)

  it("is known for a minute", function()
    send(customer)
    answer("ada", 7)
    answer("ben", 7)
    answer("eve", 8)
    assert.equal("7", send(customer).messages[1].Tags.Price)
    clock.advance("61s")
    assert.equal("Get-Price", send(customer).messages[1].Action)
  end)

  it("is asked for again where oracles are silent, and everybody gets it", function()
    send(customer)
    clock.advance("6m")
    send({ From = "dave", Action = "Price", Item = "tea" })
    answer("ada", 7)
    answer("eve", 8)
    local result = answer("ben", 7)
    assert.same({ "carol", "dave" }, { result.messages[1].To, result.messages[2].To })
  end)
end)
