"""When two results are the same, and what differs where they are not."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime.conformance.rules import MISSING, Differing, differences, equal

PROMPT = "\x1b[32maos\x1b[90m@\x1b[34maos-2.0.4\x1b[90m[Inbox:\x1b[31m1\x1b[90m]\x1b[0m> "
OWN_TAGS = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"), ("Reference", "1")]


def result(data: Any = "", messages: Any = (), **more: Any) -> dict[str, Any]:
    """A result that prints and sends."""
    output = {"data": data, "prompt": PROMPT, "print": True}
    return {"Output": output, "Messages": list(messages), "Spawns": [], "Assignments": [], **more}


def message(*tags: tuple[str, Any], **fields: Any) -> dict[str, Any]:
    """A message that is sent."""
    return {"Target": "bob", "Anchor": "1", "Tags": [{"name": n, "value": v} for n, v in (*OWN_TAGS, *tags)], **fields}


SAME = {
    "positions in the reference's files": (
        {"Error": '[string ".handlers"]:3: [string "aos"]:1: x'},
        {"Error": '[string ".process"]:44: [string "aos"]:1: x'},
    ),
    "what was printed before an error": ({"Error": "a\n\n\x1b[31merror:\n\x1b[0mx"}, {"Error": "b\n\nerror:\nx \n"}),
    "an error value that made the reference crash": (
        {"Error": "error object is a table value"},
        {"Error": "[string \".process\"]:533: attempt to concatenate a table value (local 'result')"},
    ),
    "an error that is no text": ({"Error": {"code": 7}}, {"Error": {"code": 7}}),
    "the order of other tags": (
        result(messages=[message(("A", "1"), ("B", "2"))]),
        result(messages=[message(("B", "2"), ("A", "1"))]),
    ),
    "addresses": (result("table: 0x10"), result("table: 0xffe")),
    "the version in a prompt": (
        result(),
        {**result(), "Output": {"data": "", "prompt": PROMPT.replace("2.0.4", "2.0.6"), "print": True}},
    ),
    "the order of keys": (result('{"a":1,"b":2}'), result('{"b":2,"a":1}')),
    "null and nothing": (result(messages=[message(Data=None)]), result(messages=[message()])),
    "an empty object and an empty list": (result(Spawns={}), result(Spawns=[])),
    "one number": (
        result(messages=[message(Data=9.2233720368548e18)]),
        result(messages=[message(Data=9223372036854800000)]),
    ),
    "bytes and what JavaScript makes of them": (result(b"\xff!"), result("\ufffd!")),
    "bytes and bytes": (result(b"\xff!"), result(b"\xff!")),
}


@pytest.mark.parametrize(("ours", "theirs"), SAME.values(), ids=SAME)
def test_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """What may differ makes no difference."""
    assert equal(ours, theirs)
    assert differences(ours, theirs) == []


TAGS = [{"name": n, "value": v} for n, v in OWN_TAGS]
DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any], list[Differing]]] = {
    "positions in the process's code": (
        {"Error": '[string "aos"]:1: x'},
        {"Error": '[string "aos"]:2: x'},
        [Differing("Error", '[string "aos"]:1: x', '[string "aos"]:2: x')],
    ),
    "an error on one side": (result(), {"Error": "x"}, [Differing("Error", MISSING, "x")]),
    "an error that is no text": ({"Error": "7"}, {"Error": 7}, [Differing("Error", "7", 7)]),
    "what is printed": (result("a"), result("b"), [Differing("Output.data", "a", "b")]),
    "a key of the output": (
        result(),
        {**result(), "Output": {"data": "", "prompt": PROMPT, "test": "{}"}},
        [Differing("Output.print", True, MISSING), Differing("Output.test", MISSING, "{}")],
    ),
    "one word more": (
        result('{"a":1,"b":2}'),
        result('{"b":3,"a":1}'),
        [Differing("Output.data", '{"a":1,"b":2}', '{"b":3,"a":1}')],
    ),
    "a message that is missing": (
        result(messages=[]),
        result(messages=[message()]),
        [Differing("Messages[0]", MISSING, message())],
    ),
    "a tag": (
        result(messages=[message(("A", "1"))]),
        result(messages=[message(("A", 1), ("B", "2"))]),
        [
            Differing(
                "Messages[0].Tags",
                [{"name": "A", "value": "1"}],
                [{"name": "A", "value": 1}, {"name": "B", "value": "2"}],
            )
        ],
    ),
    "the order of the protocol's tags": (
        result(messages=[message()]),
        result(messages=[{**message(), "Tags": [TAGS[1], TAGS[0], *TAGS[2:]]}]),
        [Differing("Messages[0].Tags", TAGS, [TAGS[1], TAGS[0], *TAGS[2:]])],
    ),
    "true and 1": (
        result(messages=[message(Data=True)]),
        result(messages=[message(Data=1)]),
        [Differing("Messages[0].Data", True, 1)],
    ),
    "an outbox that is no list": (result(Spawns={"a": 1}), result(), [Differing("Spawns", {"a": 1}, [])]),
    "no output at all": ({}, result(), [Differing("Output", MISSING, result()["Output"])]),
}


@pytest.mark.parametrize(("ours", "theirs", "expected"), DIFFERENT.values(), ids=DIFFERENT)
def test_different(ours: dict[str, Any], theirs: dict[str, Any], expected: list[Differing]) -> None:
    """What differs is named: its path, and what each side has there."""
    assert differences(ours, theirs) == expected
    assert not equal(ours, theirs)
