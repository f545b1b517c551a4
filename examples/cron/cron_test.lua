-- ao-run: owner=mint

local function remind(from, minutes, text)
  return send({ From = from, Action = "Remind", Minutes = minutes, Data = text })
end

local function reminders(name)
  local texts = {}
  for _, message in ipairs(inbox(name)) do
    if message.Action == "Reminder" then
      table.insert(texts, message.Data)
    end
  end
  return texts
end

describe("a reminder", function()
  it("comes when it is due, once, and in order", function()
    remind("alice", 5, "later")
    remind("alice", 2, "sooner")
    clock.advance("10m")
    send({ From = "alice", Action = "Tick" })
    send({ From = "alice", Action = "Tick" })
    assert.equal(0, #Reminders)
    assert.same({ "sooner", "later" }, reminders("alice"))
  end)

  it("does not come before that, whoever asks", function()
    remind("alice", 5, "later")
    clock.advance("4m")
    send({ From = "mallory", Action = "Tick" })
    assert.equal(1, #Reminders)
    assert.same({}, reminders("alice"))
  end)

  it("is in minutes", function()
    for _, minutes in ipairs({ "0", "-1", "1.5", "soon", "525601" }) do
      assert.matches("Minutes must be", remind("alice", minutes, "x").error)
    end
  end)

  it("is one of twenty at most", function()
    for number = 1, 20 do
      assert.is_true(remind("alice", number, "x").ok)
    end
    assert.matches("20 reminders", remind("alice", 1, "x").error)
    assert.is_true(remind("bob", 1, "x").ok)
  end)
end)
