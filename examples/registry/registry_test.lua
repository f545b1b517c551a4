-- ao-run: owner=mint

local function ask(from, action, tags)
  tags.From, tags.Action = from, action
  return send(tags)
end

describe("a name", function()
  before_each(function()
    ask("alice", "Register", { Name = "tea", ["Points-To"] = "shop" })
  end)

  it("is whoever's comes first", function()
    assert.equal("taken", ask("bob", "Register", { Name = "Tea" }).messages[1].Tags.Error)
    assert.equal("shop", ask("bob", "Lookup", { Name = "tea" }).messages[1].Tags["Points-To"])
  end)

  it("ends after a year, and is anybody's then", function()
    clock.advance("364d")
    assert.equal("taken", ask("bob", "Register", { Name = "tea" }).messages[1].Tags.Error)
    clock.advance("2d")
    assert.equal("Not-Found", ask("bob", "Lookup", { Name = "tea" }).messages[1].Action)
    assert.equal("Registered", ask("bob", "Register", { Name = "tea" }).messages[1].Action)
  end)

  it("can be kept for longer, but not for ever", function()
    assert.equal("Registered", ask("alice", "Register", { Name = "tea" }).messages[1].Action)
    assert.matches("two years", ask("alice", "Register", { Name = "tea" }).error)
  end)

  it("is handed on by its owner alone", function()
    assert.matches("not yours", ask("bob", "Hand-On", { Name = "tea", Recipient = wallet("bob") }).error)
    ask("alice", "Hand-On", { Name = "tea", Recipient = wallet("bob") })
    assert.matches("not yours", ask("alice", "Point", { Name = "tea", ["Points-To"] = "x" }).error)
    assert.is_true(ask("bob", "Point", { Name = "tea", ["Points-To"] = "x" }).ok)
  end)

  it("has plain letters only", function()
    for _, name in ipairs({ "", "-tea", "1tea", "p\u{0430}ypal", "tea house", ("x"):rep(41) }) do
      assert.matches("a name is of letters", ask("bob", "Register", { Name = name }).error)
    end
  end)
end)
