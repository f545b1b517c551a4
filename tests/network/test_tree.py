"""What a message has set off, as people read it and as plain data."""

from __future__ import annotations

import json
import re
from typing import Any

from ao_runtime.network import Network, Tree

from .programs import NOTES, PONG, TELL, alice, run, spawn

HUB = """
Handlers.add("Go", "Go", function(msg)
  for i = 1, 6 do Send({ Target = msg.Tags.Other, Action = "Note", Data = tostring(i) }) end
  Send({ Target = ao.id, Action = "Fail" })
  Send({ Target = msg.From, Action = "Done", Colour = "red" })
  Send({ Target = "nobody" })
  Spawn(ao.env.Module.Id, { Tags = { Name = "kid" } })
  Assign({ Processes = { msg.Tags.Other }, Message = msg.Id })
end)
Handlers.add("Fail", "Fail", function(msg)
  local nothing
  return nothing.field
end)
"""
#: What no terminal may get of a stranger: controls but the line feed between lines, colours, what turns text around.
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def counted(text: str) -> str:
    """The text with `#` for the numbers of instructions, which are no matter here."""
    return re.sub(r"(^|\s)\[\d+\]", r"\1[#]", text)


def hub() -> tuple[Network, Any]:
    """A message that sets off one of everything."""
    net = Network()
    notes, process = spawn(net, NOTES, "notes"), spawn(net, HUB, "hub")
    return net, alice(net).send(process, Action="Go", Other=notes)


def test_text() -> None:
    """A line for each message, in order and by cause: errors with their line of Lua, mail, spawns, repeats folded."""
    _, sent = hub()
    assert counted(str(sent.tree)) == "\n".join(
        [
            "[#] hub.Go(From=alice, Other=notes) → 9 messages, 1 spawn, 1 assignment",
            "  [#] notes.Note(From=hub)",
            "  [#] notes.Note(From=hub)",
            "  [#] notes.Note(From=hub)",
            "  … and 3 like these",
            "  [#] hub.Fail(From=hub) ✗",
            "    error: attempt to index a nil value (local 'nothing') (aos:12)",
            "    12 | return nothing.field",
            "  ✉ message Done to alice(Colour=red)",
            "  ✗ message to nobody: 'nobody' is no address: an address has 43 characters",
            "  [#] kid.boot(From=hub, Name=kid)",
            "  [#] hub.Spawned(From=hub, Name=kid, Process=kid)",
            "  [#] notes.Go(From=alice, Other=notes) → 1 message",
            "    ✉ message to alice()",
        ]
    )
    assert counted(repr(sent.tree)) == (
        "<Tree of 11 evaluations: [#] hub.Go(From=alice, Other=notes) → 9 messages, 1 spawn, 1 assignment>"
    )
    assert len(sent.tree) == 11


def test_instructions() -> None:
    """The number before a line is that of the instructions that it took."""
    net = Network()
    sent = alice(net).send(spawn(net, PONG, "pong"), Action="Ping")
    assert str(sent.tree).split("\n")[0] == f"[{sent.result.gas_used}] pong.Ping(From=alice) → 1 message"


def test_dict() -> None:
    """The same as plain data, whole, with ids."""
    net = Network()
    tell, pong = spawn(net, TELL, "tell"), spawn(net, PONG, "pong")
    sent = alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    first, second = sent.evaluation, pong.evaluations[-1]
    assert first.result is not None
    assert second.result is not None
    assert second.item is not None
    assert sent.tree.to_dict() == {
        "process": tell.id,
        "name": "tell",
        "nonce": 1,
        "message": sent.id,
        "action": "Tell",
        "from": "alice",
        "instructions": first.result.gas_used,
        "error": None,
        "skipped": False,
        "problem": None,
        "sent": [
            {
                "kind": "message",
                "to": "pong",
                "action": "Ping",
                "message": second.item.id,
                "problem": None,
                "faults": [],
                "evaluations": [
                    {
                        "process": pong.id,
                        "name": "pong",
                        "nonce": 1,
                        "message": second.item.id,
                        "action": "Ping",
                        "from": "tell",
                        "instructions": second.result.gas_used,
                        "error": None,
                        "skipped": False,
                        "problem": None,
                        "sent": [
                            {
                                "kind": "message",
                                "to": "tell",
                                "action": "Pong",
                                "message": second.effects[0].item.id,  # type: ignore[union-attr]
                                "problem": None,
                                "faults": [],
                                "evaluations": [
                                    {
                                        "process": tell.id,
                                        "name": "tell",
                                        "nonce": 2,
                                        "message": second.effects[0].item.id,  # type: ignore[union-attr]
                                        "action": "Pong",
                                        "from": "pong",
                                        "instructions": tell.evaluations[-1].result.gas_used,  # type: ignore[union-attr]
                                        "error": None,
                                        "skipped": False,
                                        "problem": None,
                                        "sent": [],
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_dict_of_everything() -> None:
    """Its lists are those of the text, unfolded; it is JSON, and always the same."""
    _, sent = hub()
    told = sent.tree.to_dict()
    assert [(one["kind"], one["to"], one["action"], bool(one["evaluations"])) for one in told["sent"]] == [
        *[("message", "notes", "Note", True)] * 6,
        ("message", "hub", "Fail", True),
        ("message", "alice", "Done", False),
        ("message", "nobody", None, False),
        ("spawn", None, None, True),
        ("assignment", "notes", None, True),
    ]
    failed = told["sent"][6]["evaluations"][0]
    assert "attempt to index a nil value (local 'nothing')" in failed["error"]
    assert told["sent"][8]["problem"] == "'nobody' is no address: an address has 43 characters"
    assert [one["action"] for one in told["sent"][9]["evaluations"]] == ["boot", "Spawned"]
    assert json.loads(json.dumps(told)) == told
    assert hub()[1].tree.to_dict() == told


def test_on_its_way() -> None:
    """What is on its way is shown as such; the tree grows as it arrives."""
    net = Network(auto=False)
    tell, pong = spawn(net, TELL, "tell"), spawn(net, PONG, "pong")
    sent = alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    assert (
        counted(str(sent.tree))
        == "[#] tell.Tell(From=alice, Other=pong, What=Ping) → 1 message\n  … message Ping to pong is on its way"
    )
    net.drop(net.pending[0])
    assert counted(str(sent.tree)).split("\n")[1] == "  ✗ message Ping to pong: was dropped"
    again = alice(net).send(tell, Action="Tell", Other=pong, What="Ping")
    net.run()
    assert counted(str(again.tree)).split("\n")[1:] == [
        "  [#] pong.Ping(From=tell) → 1 message",
        "    [#] tell.Pong(From=pong)",
    ]


def test_duplicate() -> None:
    """What was there already says so."""
    net = Network(auto=False)
    tell, notes = spawn(net, TELL, "tell"), spawn(net, NOTES, "notes")
    sent = alice(net).send(tell, Action="Tell", Other=notes, What="Note")
    net.duplicate(net.pending[0])
    net.run()
    assert counted(str(sent.tree)).split("\n")[1:] == [
        "  [#] notes.Note(From=tell)",
        "  [-] notes.Note(From=tell) was there already, not evaluated again",
    ]


def test_stand_in() -> None:
    """What a stand-in gets has no instructions; what it answers stands under it."""
    net = Network()
    net.stand_in("oracle", lambda message: {"Action": "Price", "Data": "7"})
    sent = alice(net).send(spawn(net, TELL, "tell"), Action="Tell", Other=net.wallet("oracle"), What="Ask")
    assert counted(str(sent.tree)).split("\n")[1:] == [
        "  [stand-in] oracle.Ask(From=tell) → 1 message",
        "    [#] tell.Price(From=oracle)",
    ]


def test_kept_back() -> None:
    """A result of which nothing is sent says why."""
    net = Network()
    process = spawn(net, "", "p")
    sent = process.eval("ao.outbox.Spawns = { 3 }")
    assert counted(str(sent.tree)) == (
        "[#] p.Eval(From=alice)\n  ! Spawns[0] has no Anchor that is text: nothing of the result is sent"
    )


def test_tick() -> None:
    """A tick is called by its cron."""
    net = Network()
    code = "Handlers.add('t', 'Cron', function() Send({ Target = ao.env.Process.Owner, Action = 'Ticked' }) end)"
    process = spawn(net, code, "p", tags={"Cron-Interval": "10-seconds", "Cron-Tag-Action": "Cron"})
    process.monitor()
    net.clock.advance("11s")
    tree = Tree(process.evaluations[-1], net.label)
    assert counted(str(tree)) == "[#] p.tick(0-10-seconds) → 1 message\n  ✉ message Ticked to alice()"
    assert tree.to_dict()["message"] is None


def test_many_tags() -> None:
    """Of many tags some are shown; long values are cut off."""
    net = Network()
    process = spawn(net, "", "p")
    sent = alice(net).send(process, Action="X", **{f"T{number}": "v" * number * 10 for number in range(9)})
    line = counted(str(sent.tree))
    assert line.startswith("[#] p.X(From=alice, T0=, T1=vvvvvvvvvv, T2=")
    assert line.endswith(", …)")
    assert len(line) < 250


EVIL = r"""
Handlers.add("Evil", "Evil", function(msg)
  Send({ Target = msg.From, Action = "a\27[2J\nb\u{202e}c\0", ["t\27]0;x\7\nname"] = "v\r\8\u{2066}" })
  Send({ Target = "\27[1m\n", Action = "x" })
  Send({ Target = ao.id, Action = "Err\27[31m" })
  Send({ Target = ao.id, Action = "Chunk" })
  Spawn(ao.env.Module.Id, { Tags = { Name = "kid\27[2J\n" } })
  Spawn("\27[2J\n", {})
  Assign({ Processes = { "\27[2J" }, Message = "\27[2J" })
end)
Handlers.add("Err\27[31m", "Err\27[31m", function(msg) error("bad\27[2J\n\u{202e}text\7") end)
Handlers.add("Chunk", "Chunk", function(msg) load("local x = nil\nx.y = 1", "=\27[31mchunk\n\u{202e}")() end)
"""


def test_hostile_text() -> None:
    """Names, actions, tags, errors, chunks: nothing of a stranger's colours, hides or moves anything."""
    net = Network()
    evil = spawn(net, EVIL, "evil\x1b[2J")
    sent = alice(net).send(evil, Action="Evil", **{"x\x1b\n": "y\u202e"})
    for text in (str(sent.tree), repr(sent.tree), repr(evil), evil.name, *(str(one) for one in net.processes)):
        assert not HARMFUL.search(text), ascii(text)
    lines = counted(str(sent.tree)).split("\n")
    assert [line for line in lines if line.startswith("  [") or not line.startswith(" ")] == [
        "[#] evil\\x1b[2J.Evil(From=alice, x\\x1b⏎=y\\u{202e}) → 4 messages, 2 spawns, 1 assignment",
        "  [#] evil\\x1b[2J.Err(From=evil\\x1b[2J) ✗",
        "  [#] evil\\x1b[2J.Chunk(From=evil\\x1b[2J) ✗",
        "  [#] kid\\x1b[2J⏎.boot(From=evil\\x1b[2J, Name=kid\\x1b[2J⏎)",
        "  [#] evil\\x1b[2J.Spawned(From=evil\\x1b[2J, Name=kid\\x1b[2J⏎, Process=kid\\x1b[2J⏎)",
    ]


def test_deep() -> None:
    """A chain of a thousand is a tree of a thousand lines, without a limit of Python's."""
    net = Network(most=5000)
    process = spawn(
        net,
        "Handlers.add('b', 'B', function(msg) if tonumber(msg.N) > 0 then Send({ Target = ao.id, Action = 'B', N = tostring(msg.N - 1) }) end end)",
        "p",
    )
    sent = alice(net).send(process, Action="B", N="1500")
    lines = str(sent.tree).split("\n")
    assert len(lines) == len(sent.tree) == 1501
    assert max(len(line) for line in lines) < 500
    told, depth = sent.tree.to_dict(), 1
    while told["sent"]:
        told, depth = told["sent"][0]["evaluations"][0], depth + 1
    assert depth == 1501


def test_alike_is_not_the_same() -> None:
    """What differs in its action, in whether it failed, or in what it sends, is not folded."""
    net = Network()
    notes = spawn(net, NOTES + "Handlers.add('odd', 'Odd', function(msg) assert(msg.Data ~= '3') end)", "notes")
    sender = spawn(net, "", "s")
    evaluation = run(
        sender, f"for i = 1, 6 do Send({{ Target = '{notes.id}', Action = 'Odd', Data = tostring(i) }}) end"
    )
    lines = counted(str(Tree(evaluation, net.label))).split("\n")[1:]
    assert [line for line in lines if not line.startswith("    ")] == [
        "  [#] notes.Odd(From=s)",
        "  [#] notes.Odd(From=s)",
        "  [#] notes.Odd(From=s) ✗",
        "  [#] notes.Odd(From=s)",
        "  [#] notes.Odd(From=s)",
        "  [#] notes.Odd(From=s)",
    ]
