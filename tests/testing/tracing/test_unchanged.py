"""To watch changes nothing: result, bytes and instructions are those of an evaluation that nobody watches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Process
from ao_runtime.conformance import Scenario, read_scenario
from ao_runtime.process import watched
from ao_runtime.testing import trace, why
from tests.cli.running import ROOT

VECTORS = ROOT / "tests/vectors"
FOLDERS = {"2.0.6": VECTORS, **{path.name: path for path in sorted(VECTORS.iterdir()) if path.is_dir()}}


def check(file: Path, dialect: str) -> None:
    """Each message of a recorded scenario, traced and kept, beside a process that nobody watches."""
    found = read_scenario(str(file))
    assert isinstance(found, Scenario)
    seen, alone = (Process(found.environment, dialect=dialect) for _ in range(2))
    for message in found.messages:
        told = watched(seen, message, keep=True)
        result = alone.handle(message)
        assert told.result is not None
        assert (told.result.to_json(gas=True), told.same, told.noted.get("problem")) == (
            result.to_json(gas=True),
            True,
            None,
        )
        assert told.result.failure == result.failure


@pytest.mark.parametrize("dialect", FOLDERS)
def test_recorded_messages_answer_the_same(dialect: str) -> None:
    """Traced, every fourth recorded scenario of each generation answers as ever, and so does its watched copy."""
    for file in sorted(FOLDERS[dialect].glob("*.json"))[::4]:
        check(file, dialect)


@pytest.mark.long
@pytest.mark.parametrize(
    ("dialect", "file"), [(name, path) for name in FOLDERS for path in FOLDERS[name].glob("*.json")]
)
def test_all_recorded_messages_answer_the_same(dialect: str, file: Path) -> None:
    """Traced, all recorded messages answer as ever."""
    check(file, dialect)


WORDS = st.sampled_from(["A", "a", "Ab", "^A", "_", "1", ""])
FIELDS = st.dictionaries(st.sampled_from(["Action", "X", "Data", "From"]), WORDS, max_size=2)
PATTERNS = st.one_of(
    WORDS.map(repr),
    FIELDS.map(lambda found: "{" + ", ".join(f"{key} = {value!r}" for key, value in found.items()) + "}"),
    st.sampled_from(
        [
            "function(m) return m.X ~= nil end",
            "function() return 'continue' end",
            "function() return 0 end",
            "function() N = (N or 0) + 1 return N % 2 == 0 end",
            "function() error('no') end",
            "function() end",
            "{ X = { 'A', function(v) return #v > 1 end } }",
            "Handlers.utils.hasMatchingTag('Action', 'A')",
            "Handlers.utils.hasMatchingTagOf('X', { 'A', '1' })",
            "Handlers.utils.hasMatchingData('A')",
            "Handlers.utils.continue('A')",
        ]
    ),
)
HANDLES = st.sampled_from(
    [
        "function() print('ran') end",
        "function(m) m.reply({ Action = 'R' }) T = { m.Action } end",
        "function() error({ code = 1 }) end",
        "function() Handlers.remove('h1') end",
        "function(m) local other = Receive({ Action = 'A' }) print(other.Id) Send({ Target = 'x' }) end",
        "function() Handlers.once('Ab', function() print('once') end) end",
        "function() print(tostring({}), tostring(print), math.random(100)) end",
    ]
)
MESSAGES = st.fixed_dictionaries({"Action": WORDS}, optional={"X": WORDS, "Data": WORDS, "From": st.just("b")})


@settings(max_examples=60)
@given(st.lists(st.tuples(PATTERNS, HANDLES), max_size=5), st.lists(MESSAGES, min_size=1, max_size=4))
def test_any_handlers_answer_the_same(handlers: list[tuple[str, str]], messages: list[dict[str, Any]]) -> None:
    """Whatever the handlers are: traced, messages answer as ever; and `why` knows before who will take them."""
    code = "\n".join(f"Handlers.add('h{at}', {pattern}, {handle})" for at, (pattern, handle) in enumerate(handlers))
    # One that lets the walk go on and puts another one before itself is met again, without end.
    limits = {"instructions": 1_000_000}
    seen, alone = (Process.spawn(code=code, owner="alice", limits=limits) for _ in range(2))  # type: ignore[arg-type]
    for message in messages:
        answer = why(seen, **message)
        told = watched(seen, keep=True, **message)
        result = alone.handle(**message)
        assert told.result is not None
        assert told.result.to_json(gas=True) == result.to_json(gas=True)
        assert told.same
        ran = [step for step in told.noted["steps"] if step.get("ran")]
        if not any(one.outcome == "shares" for one in answer.handlers):
            # Whoever lets the walk go on may change the list, fail, or wait.
            assert [answer.taken] == [step["name"] for step in ran] or (answer.broken is not None and not ran)
    if "Receive" not in code:
        # While somebody waits, when a state was saved last depends on the machine.
        assert seen.snapshot() == alone.snapshot()


def test_nothing_stays() -> None:
    """A trace that keeps nothing, and `why`, leave the process as it was, to the byte."""
    process = Process.spawn(code="N = 0 Handlers.add('h', function() N = N + 1 return true end, print)", owner="alice")
    before, count = process.snapshot(), process.count
    trace(process, From="bob", Action="A")
    why(process, From="bob", Action="A")
    assert (process.snapshot(), process.count) == (before, count)


def test_in_a_child_it_is_the_same() -> None:
    """Isolated, a trace and an answer of `why` are what they are in this program."""
    code = "Handlers.add('h', { Action = 'A', X = function(v) return v == '1' end }, function() print('x') Y = 1 end)"
    told = []
    for isolated in (False, True):
        with Process.spawn(code=code, owner="alice", isolated=isolated or None) as process:
            for x in "12":
                told.append((isolated, trace(process, From="bob", Action="A", X=x).to_dict()))
                told.append((isolated, why(process, From="bob", Action="A", X=x).to_dict()))
    assert [one for isolated, one in told if isolated] == [one for isolated, one in told if not isolated]
    assert told[0][1]["messages"][0]["handlers"][-1]["outcome"] == "took"
