"""Comparisons for people and for programs."""

from __future__ import annotations

import json

from ao_runtime.conformance import OurLua, compare, known
from ao_runtime.conformance.comparison import Difference
from ao_runtime.conformance.report import as_dict, describe, table
from ao_runtime.conformance.rules import Differing

from .scenarios import PING, Changed, ping, silent


def test_table() -> None:
    """One line for each scenario, and one for all."""
    comparisons = [
        compare(ping(), OurLua(), Changed(lambda _, result: result)),
        compare(ping(PING, PING), OurLua(), Changed(silent)),
    ]
    assert list(table(comparisons)) == [
        "             messages   equal  explained  different",
        "ping                2       2          -          -",
        "ping                3       1          -          2",
        "2 scenarios         5       3          -          2",
    ]


def test_describe() -> None:
    """The message, what differs, and both results side by side."""
    comparison = compare(ping(), OurLua(), Changed(silent))
    (difference,) = comparison.differences
    lines = list(describe(comparison, difference, 70))
    at = lines.index("what differs")
    assert lines[:2] == ["── ping[1] · Ping from bob", "message"]
    assert [line for line in lines[2:at] if line.split(":")[0] in ("  From", "  Tags", "  Data")] == [
        "  From: bob",
        "  Data: hello",
        "  Tags: Action=Ping",
    ]
    assert lines[at + 1] == "  Messages[0]"
    assert lines[at + 2].startswith('    our Lua, dialect 2.0.6  {"Target":"bob","Data":"hello"')
    assert lines[at + 3] == "    changed                 (nothing)"
    assert lines[at + 4] == "  our Lua, dialect 2.0.6           │ changed"
    beside = [line for line in lines[at + 5 :] if line.startswith("≠")]
    assert '≠    "Data": "hello",              │' in beside
    assert max(map(len, lines[at + 4 :])) <= 70


def test_describe_code_and_reasons() -> None:
    """Code is shown as it is, line by line, and a difference that is meant with its reason."""
    comparison = compare(ping(), OurLua(), Changed(silent))
    message = {"From": "me", "Data": "a()\nb()", "Tags": []}
    meant = known.Known("Silence", "for the test")
    lines = list(describe(comparison, Difference(3, message, {"a": 1}, {"a": 2}, (Differing("a", 1, 2),), meant)))
    assert lines[:8] == [
        "── ping[3] · message from me",
        "explained: Silence: for the test",
        "message",
        "  From: me",
        "  Data:",
        "    a()",
        "    b()",
        "  Tags: (none)",
    ]


def test_as_dict() -> None:
    """The shape of --json is what its documentation says, and JSON all the way down."""
    comparisons = [compare(ping({**PING, "Data": b"\xff"}), OurLua(), Changed(silent))]
    document = as_dict(comparisons)
    assert json.loads(json.dumps(document)) == document
    assert list(document) == ["ours", "theirs", "totals", "scenarios"]
    assert document["totals"] == {"scenarios": 1, "messages": 2, "equal": 1, "explained": 0, "different": 1}
    (scenario,) = document["scenarios"]
    (difference,) = scenario.pop("differences")
    assert scenario == {"scenario": "ping", "messages": 2, "equal": 1, "explained": 0, "different": 1}
    assert list(difference) == ["index", "message", "ours", "theirs", "differs", "explained"]
    assert difference["differs"] == [{"path": "Messages[0]", "ours": difference["ours"]["Messages"][0]}]
    assert as_dict([])["totals"]["messages"] == 0
