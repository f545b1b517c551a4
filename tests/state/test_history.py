"""A process in memory that keeps only its last messages."""

from __future__ import annotations

import pytest

from ao_runtime import InputError, Process

CODE = """
Count = 0
Handlers.add("count", "Count", function(msg) Count = Count + 1 end)
Handlers.add("fail", "Fail", function(msg) error("no") end)
"""


def counted(history: int | None, messages: int) -> Process:
    """A process that has counted so far, and saved its state now and then."""
    process = Process.spawn(code=CODE, owner="alice", history=history)
    for number in range(1, messages + 1):
        process.handle(From="bob", Action="Fail" if number % 10 == 0 else "Count")
        if number % 25 == 0:
            process._state.save()
    return process


def test_only_the_last_messages_are_kept() -> None:
    """At least so many, and no more than two saves' worth besides; what was before is an InputError that says so."""
    process = counted(40, 1000)
    kept = len(process._state.journal.entries)
    assert 40 <= kept <= 40 + 50
    first = process.count - kept - 1
    assert process.at(first).get("Count") == counted(None, first).get("Count")
    assert process.at(process.count - 1).get("Count") == process.get("Count") == 900
    with pytest.raises(InputError, match=rf"message 5 is not known: only the last {kept} are kept \(history=40\)"):
        process.at(5)


def test_results_do_not_depend_on_it() -> None:
    """The same answers, the same snapshot, forks and dry runs as with the whole history."""
    short, whole = counted(0, 200), counted(None, 200)
    message = {"From": "bob", "Action": "Count"}
    assert short.dry_run(message) == whole.dry_run(message)
    assert [short.fork().handle(message), short.handle(message)] == [whole.handle(message)] * 2
    assert Process.restore(short.snapshot(), history=3).get("Count") == 181


def test_many_or_none() -> None:
    """Messages that are handled together are undone together, also where states were saved among them."""
    process = counted(0, 60)

    def messages():
        for number in range(300):
            if number % 20 == 0:
                process._state.save()
            yield {"From": "bob", "Action": "Count"}
        raise KeyError

    with pytest.raises(KeyError):
        process.handle_many(messages())
    assert (process.count, process.get("Count")) == (61, 54)
    process.handle_many([{"From": "bob", "Action": "Count"}] * 3)
    assert process.get("Count") == 57


@pytest.mark.parametrize("history", [-1, True, 1.5, "7"])
def test_what_is_no_number_of_messages(history: object) -> None:
    """Anything but a number of messages is refused, with the option's name."""
    with pytest.raises(InputError, match="history: must be a number of messages"):
        Process(history=history)  # type: ignore[arg-type]
