"""Traces as text: whole outputs, level by level."""

from __future__ import annotations

from ao_runtime import Network, Process
from ao_runtime.testing import LEVELS, trace, trace_text, trace_tree

CODE = """
Balances = { bob = 10 }
Handlers.add("log", function() return "continue" end, function(msg) print("from " .. msg.From) end)
Handlers.add("transfer", { Action = "Transfer", Quantity = function(v) return tonumber(v) ~= nil end }, function(msg)
  Balances.bob = Balances.bob - tonumber(msg.Quantity)
  Balances.ann = { 1, 2 }
  print("moved")
  Send({ Target = "ann", Action = "Credit-Notice", Quantity = msg.Quantity })
  print("done")
end)
"""


def process() -> Process:
    """A small token."""
    return Process.spawn(code=CODE, owner="alice", tags={"Name": "Points"})


LEVEL_0 = """\
[{gas}] Points.Transfer(From=bob, Quantity=3) → 1 message
  ✉ message Credit-Notice to ann(Quantity=3)"""
LEVEL_1 = """\
[{gas}] Points.Transfer(From=bob, Quantity=3) → 1 message
  → log [{log}]: and goes on
    │ from bob
  ✓ transfer [{transfer}]
    │ moved
    │ done
    ✉ message Credit-Notice to ann(Quantity=3)"""
LEVEL_2 = """\
[{gas}] Points.Transfer(From=bob, Quantity=3) → 1 message
  ✗ _eval: Action = "Eval": no, it is "Transfer"
  → log [{log}]: function (aos:3) answers "continue"; and goes on
    │ from bob
  ✓ transfer [{transfer}]: Action = "Transfer": yes; Quantity = function (aos:4): yes, it is "3"
    │ moved
    │ done
    ✉ message Credit-Notice to ann(Quantity=3)"""
LEVEL_3 = f"""\
{LEVEL_2}
  + Balances.ann: {{{{1, 2}}}}
  ~ Balances.bob: 10 → 7"""
LEVEL_4 = """\
[{gas}] Points.Transfer(From=bob, Quantity=3) → 1 message
  Id = "{id}"
  From = "bob"
  Owner = "bob"
  Target = "{target}"
  Timestamp = 1700000000001
  Block-Height = 1000000
  ✗ _eval
    Action = "Eval": no, it is "Transfer"
  → log [{log}]: function (aos:3) answers "continue"; and goes on
    aos:3: Handlers.add("log", function() return "continue" end, function(msg) print("from " .. msg.From) end)
    │ from bob
  ✓ transfer [{transfer}]
    Action = "Transfer": yes
    Quantity = function (aos:4): yes, it is "3"
    aos:4: Handlers.add("transfer", {{ Action = "Transfer", Quantity = function(v) return tonumber(v) ~= nil end }}, function(msg)
    │ moved
    │ done
    ✉ message Credit-Notice to ann(Quantity=3)
  + Balances.ann: {{1, 2}}
  ~ Balances.bob: 10 → 7"""


def test_the_ladder() -> None:
    """Each level shows what it says, and all that the one below shows; the highest is what `str` gives."""
    told = trace(process(), From="bob", Action="Transfer", Quantity="3")
    (message,) = told.messages
    _, log, transfer = message.handlers
    known = {
        "gas": message.instructions,
        "log": log.instructions,
        "transfer": transfer.instructions,
        "id": message.message,
        "target": message.process,
    }
    levels = [LEVEL_0, LEVEL_1, LEVEL_2, LEVEL_3, LEVEL_4]
    assert [trace_text(told, level) for level in range(len(LEVELS))] == [text.format(**known) for text in levels]
    assert str(told) == LEVEL_4.format(**known)


def test_instructions_are_those_of_the_handler() -> None:
    """A handler's instructions are its own, to about ten: a loop of 1 000 turns more is 1 000 more."""

    def took(turns: int) -> int:
        code = f"Handlers.add('h', 'T', function() for i = 1, {turns} do end end)"
        one = trace(Process.spawn(code=code), Action="T").messages[0].handlers[-1].instructions
        assert one is not None
        return one

    few, more = took(0), took(1000)
    assert 0 <= few <= 20
    assert 990 <= more - few <= 1010


def test_what_failed() -> None:
    """A handler that fails says so; the error has its line; nothing has changed or was sent."""
    code = 'X = 1\nHandlers.add("h", "T", function() X = 2 Send({ Target = "a" }) print("so far") error("no") end)'
    told = trace(Process.spawn(code=code, tags={"Name": "P"}, owner="alice"), From="bob", Action="T")
    gas = told.messages[0].instructions
    assert trace_text(told, 3) == (
        f"""\
[{gas}] P.T(From=bob) ✗
  ✗ _eval: Action = "Eval": no, it is "T"
  ! h: Action = "T": yes; fails
    │ so far
  error: no
    aos:2, in handler h

      1 | X = 1
    > 2 | {code.splitlines()[1]}"""
    )


def test_who_waits_and_who_goes_on() -> None:
    """A handler that waits is told, and the message that it goes on with: what it prints then is that one's."""
    code = 'Handlers.add("ask", "Ask", function() print("asks") print(Receive({ Action = "Told" }).Data) end)'
    process = Process.spawn(code=code, tags={"Name": "P"}, owner="alice")
    asked = trace(process, From="bob", Action="Ask", keep=True)
    assert trace_text(asked, 1).splitlines()[1:] == ["  … ask: waits for another message", "    │ asks"]
    told = trace(process, From="bob", Action="Told", Data="42", keep=True)
    once = told.messages[0].handlers[-1]
    assert (once.resumed, once.printed) == ("ask", ("42",))
    assert "goes on with ask, which had waited" in trace_text(told, 1)


def test_nobody_takes_it() -> None:
    """What no handler stops is shown to reach `_default`, with what that prints."""
    told = trace(process(), From="bob", Action="Transfer", Quantity="x")
    assert trace_text(told, 1).splitlines()[3:] == [
        "  · _default: nothing has stopped the message",
        "    │ New Message From bob...bob: Action = Transfer",
    ]


def test_handlers_inside_of_handlers() -> None:
    """A handler that gives a message to the handlers itself has them under it; each has its own lines."""
    code = """
    Handlers.add("outer", "T", function(msg)
      print("before") Handlers.evaluate({ Action = "U", Tags = {} }, {}) print("after")
    end)
    Handlers.add("inner", "U", function() print("inside") Send({ Target = "x", Action = "S" }) end)
    """
    outer, inner = [
        one for one in trace(Process.spawn(code=code), Action="T").messages[0].handlers if one.outcome == "took"
    ]
    assert (outer.name, outer.depth, outer.printed, outer.sent) == ("outer", 0, ("before", "after"), ())
    assert (inner.name, inner.depth, inner.printed, inner.sent) == ("inner", 1, ("inside",), (0,))


NETWORK = """\
[{0}] asker.Ask(From=bob, Whom=oracle) → 1 message
  … ask: waits for another message
    ✉ message Price to oracle()
  [-] oracle.Price(From=asker) → 1 message
    (a stand-in has answered it)
    [{2}] asker.Quoted(From=oracle) → 1 message
      ✓ _once_0 [{once}]: goes on with ask, which had waited
        ✉ message Told to bob()"""


def test_a_tree_of_a_network() -> None:
    """A message in a network is told with all that it set off, each process with its handlers."""
    net = Network()
    bob = net.wallet("bob")
    code = """
    Handlers.add("ask", "Ask", function(msg)
      local answer = Send({ Target = msg.Tags.Whom, Action = "Price" }).receive()
      Send({ Target = msg.From, Action = "Told", Data = answer.Data })
    end)
    """
    asker = net.spawn(code=code, owner=bob, name="asker")
    oracle = net.stand_in("oracle", lambda message: {"Action": "Quoted", "Data": "42"})
    sent = bob.send(asker, Action="Ask", Whom=oracle)
    told = trace_tree(net, sent.tree.root)
    once = told.messages[2].handlers[-1].instructions
    assert trace_text(told, 1) == NETWORK.format(*[one.instructions for one in told.messages], once=once)
    assert [(one.depth, one.parent) for one in told.messages] == [(0, None), (1, 0), (2, 1)]
    assert told.messages[0].sent[0].traced == (1,)
    assert [one.result.gas_used for one in sent.tree.evaluations() if one.result] == [
        told.messages[0].instructions,
        told.messages[2].instructions,
    ]


def test_a_large_tree_is_bounded() -> None:
    """Of a tree with very many messages the first are told, and how many more there are."""
    net = Network()
    alice = net.wallet("alice")
    sink = net.spawn(code="", owner=alice, name="sink")
    many = net.spawn(
        code=f'Handlers.add("go", "Go", function() for i = 1, 20 do Send({{ Target = "{sink.id}", Action = "X" }}) end end)',
        owner=alice,
    )
    told = trace_tree(net, alice.send(many, Action="Go").tree.root, most=5)
    assert (len(told.messages), told.more) == (5, 16)
    assert str(told).endswith("… and 16 messages more")
