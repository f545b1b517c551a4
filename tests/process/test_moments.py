"""Any moment of a process again, and branches from it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import InputError, Process
from tests.state.engines import ACTIONS, CODE, ENGINES, playing


@pytest.mark.parametrize("engine", sorted(ENGINES))
@settings(max_examples=10)
@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=12), data=st.data())
def test_from_any_moment_on(engine: str, actions: list[str], data: st.DataObject) -> None:
    """From any moment the same messages lead to the same results, also after saves in between."""
    with playing(engine):
        process = Process.spawn(code=CODE, owner="alice", files={"a": "A"})
        results = []
        for action in actions:
            results.append(process.handle(From="bob", Action=action, Name="a"))
            if data.draw(st.booleans()):
                process._state.save()
        at = data.draw(st.integers(0, len(actions)))
        moment = process.at(at)
        assert moment.count == at + 1
        again = [moment.handle(From="bob", Action=action, Name="a") for action in actions[at:]]
        assert again == results[at:]
        assert moment.fill() == process.fill()


def test_after_each_message(counts: dict[str, int]) -> None:
    """at(n) is the moment after message n, also after one that failed."""
    process = Process.spawn(code=CODE, owner="alice")
    for action in ("Count", "Break", "Count", "Wait", "Count"):
        process.handle(From="bob", Action=action)
    assert [process.at(nonce).get("Count") for nonce in range(6)] == [0, 1, 1, 2, 2, 3]
    assert process.at(4).handle(From="x", Action="Answer", Data="x").messages[0].data == "got x at 2"
    assert [process.at(5).at(nonce).get("Count") for nonce in range(6)] == [0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize("nonce", [-1, 2, 10**30, True, "1", 0.0, None])
def test_no_such_moment(nonce: object) -> None:
    """A moment that never was is refused, and it is said which there are."""
    process = Process.spawn(code="")
    process.handle()
    with pytest.raises(InputError, match=r"nonce: there is no message .*there are 0 to 1"):
        process.at(nonce)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="there are none yet"):
        Process().at(0)


def test_before_a_snapshot() -> None:
    """A restored process knows what came after the snapshot, and says so of what came before."""
    with playing("logging"):
        process = Process.spawn(code=CODE, owner="alice")
        for _ in range(3):
            process.handle(From="bob", Action="Count")
        other = Process.restore(process.snapshot())
        other.handle(From="bob", Action="Count")
        other._state.save()
        other.handle(From="bob", Action="Break")
        assert [other.at(nonce).get("Count") for nonce in (3, 4, 5)] == [3, 4, 4]
        with pytest.raises(InputError, match=r"message 2 is not known.*restored from a snapshot after 4.*at\(3\)"):
            other.at(2)


def test_branches(counts: dict[str, int]) -> None:
    """A fork is the same, knows the same, and from then on neither sees what becomes of the other."""
    process = Process.spawn(code=CODE, owner="alice", limits={"seconds": 5}, files={"a": "A"})
    process.handle(From="bob", Action="Count")
    process.handle(From="bob", Action="Read", Name="a")
    fork = process.fork()
    assert (fork.count, fork.fill(), fork.limits) == (process.count, process.fill(), process.limits)
    assert fork.spawn_result == process.spawn_result
    for number in range(3):
        assert fork.handle(From="bob", Action="Count").messages[0].data.startswith(f"{number + 2}:")
    fork.handle(From="bob", Action="Break")
    process.handle(From="bob", Action="Break")
    assert (process.get("Count"), process.count) == (1, 4)
    assert (fork.get("Count"), fork.count) == (4, 7)
    assert [fork.at(nonce).get("Count") for nonce in range(7)] == [0, 1, 1, 2, 3, 4, 4]
    fork.close()
    assert process.handle(From="bob", Action="Count").ok


def test_what_was_read_later_is_read_later() -> None:
    """A moment knows what had been read by then; what it reads after that it reads from where it always did."""
    files = {"a": "old", "b": "old"}
    process = Process.spawn(code=CODE, owner="alice", files=files)
    process.handle(From="bob", Action="Read", Name="a")
    process.handle(From="bob", Action="Read", Name="b")
    files.update(a="new", b="new")
    moment = process.at(1)
    assert moment.handle(From="bob", Action="Read", Name="a").messages[0].data == "old/none"
    assert moment.handle(From="bob", Action="Read", Name="b").messages[0].data == "new/none"
    assert process.handle(From="bob", Action="Read", Name="b").messages[0].data == "old/none"


def test_progress() -> None:
    """Whoever waits for a moment is told how far it is."""
    process = Process.spawn(code=CODE, owner="alice")
    process.handle_many([{"From": "bob", "Action": "Count"}] * 1100)
    # Whatever was saved meanwhile: all of it again.
    process._state.saved = process._state.journal.root
    told: list[tuple[int, int]] = []
    process.at(1099, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 1100), (512, 1100), (1024, 1100), (1100, 1100)]
