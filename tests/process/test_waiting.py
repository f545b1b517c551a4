"""`process.waiting`: the handlers that wait inside of a message; and how a process shows itself, and is copied."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from ao_runtime import InputError, Process

QUOTE = "examples/quote/quote.lua"


def test_who_waits_for_what_and_since_when() -> None:
    """The newest first: the pattern, the handler, and the number of the message."""
    process = Process.spawn(QUOTE)
    assert process.waiting == ()
    process.handle(From="alice", Action="Quote", Item="apples", Amount="3")
    process.eval("local m = Receive('Go')")
    assert [(one.pattern, one.handler, one.since) for one in process.waiting] == [
        ("Go", "_eval", 2),
        ({"Action": "Price", "From": "prices", "Item": "apples"}, "quote", 1),
    ]
    assert [str(one) for one in process.waiting] == ["Action = Go", "Action = Price, From = prices, Item = apples"]
    process.handle(From="prices", Action="Price", Item="apples", Price="7")
    assert [one.since for one in process.waiting] == [2]


def test_a_function_by_its_place() -> None:
    """Patterns that are functions, or hold some, are named by where they stand."""
    process = Process.spawn(code="Handlers.add('w', 'W', function(msg)\n  Receive(function(m) return false end)\nend)")
    process.handle(Action="W")
    process.eval("Receive({ From = function() return false end, Action = 'x' })")
    assert [str(one) for one in process.waiting] == ["Action = x, From = a function (aos:1)", "a function (aos:2)"]


@pytest.mark.parametrize(
    "code",
    [
        "Handlers = nil",
        "Handlers.list = setmetatable({}, {__index = error, __len = error})",
        "Handlers.list = {{name = '_once_1', handle = 5}, 7, {name = '_once_2', handle = print, pattern = Handlers}}",
        "local t = {} t.t = t; local ok = pcall(Receive, t)",
        "local t = setmetatable({}, {__pairs = error, __index = error}); Receive(t)",
    ],
)
def test_what_a_process_has_done_to_its_handlers(code: str) -> None:
    """A look runs nothing of the process, and finds nothing or something, whatever is there."""
    process = Process.spawn()
    process.eval(code)
    assert all(isinstance(str(one), str) for one in process.waiting)
    assert repr(process).startswith("Process(id=")


def test_it_goes_on_from_disk(tmp_path: Path) -> None:
    """Who waits is known when a process is opened again."""
    file = tmp_path / "q.ao"
    with Process.spawn(QUOTE, state=file) as process:
        process.handle(From="alice", Action="Quote", Item="apples", Amount="3")
    with Process.open(file) as process:
        assert [one.since for one in process.waiting] == [1]


def test_a_process_in_a_few_words() -> None:
    """Id, name, messages, and who waits."""
    process = Process.spawn(QUOTE, id="quotes", tags={"Name": "Quotes"})
    assert repr(process) == "Process(id='quotes', name='Quotes', count=1)"
    process.handle(From="alice", Action="Quote", Item="apples", Amount="3")
    assert repr(process) == (
        "Process(id='quotes', name='Quotes', count=2, waiting=['Action = Price, From = prices, Item = apples'])"
    )
    process.close()
    assert repr(process) == "Process(id='quotes', count=2)"


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_a_copy_is_a_process_of_its_own(make: object) -> None:
    """As `fork` makes one."""
    process = Process.spawn(code="Count = 0")
    other = make(process)  # type: ignore[operator]
    other.eval("Count = 5")
    assert (process.get("Count"), other.get("Count"), other.count) == (0, 5, 2)


def test_a_process_is_not_pickled() -> None:
    """The error says what to do instead; a snapshot can be pickled."""
    process = Process.spawn(code="Count = 3")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(InputError, match=r"pickle process.snapshot\(\), and give it to Process.restore\(\)"):
            pickle.dumps(process, protocol)
    assert Process.restore(pickle.loads(pickle.dumps(process.snapshot()))).get("Count") == 3
