-- ao-run: owner=mint

local function join(name)
  return send({ From = name, Action = "Join", Name = name:upper() })
end

describe("a room", function()
  before_each(function()
    join("bob")
    join("carol")
  end)

  it("tells the others what one says", function()
    local result = send({ From = "bob", Action = "Say", Data = "hello" })
    assert.equal(1, #result.messages)
    assert.same(
      { "carol", "BOB", "hello" },
      { result.messages[1].To, result.messages[1].Tags.Name, result.messages[1].Data }
    )
  end)

  it("hears members only", function()
    local result = send({ From = "mallory", Action = "Say", Data = "hello" })
    assert.equal("Join first", result.messages[1].Tags.Error)
  end)

  it("forgets who leaves", function()
    assert.equal("Left", send({ From = "carol", Action = "Leave" }).messages[1].Action)
    assert.equal(0, #send({ From = "bob", Action = "Say", Data = "anybody?" }).messages)
  end)

  it("counts nobody twice", function()
    assert.matches("2 in the room", join("bob").data)
  end)
end)
