"""The fold: a state is made again from what was saved and the messages since, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import InputError, InternalError, Process
from ao_runtime.models.result import Result
from ao_runtime.state.checkpointing import Checkpointing
from ao_runtime.state.fork import can_fork
from tests.state.engines import ACTIONS, CODE, ENGINES, playing

FILES = {"a": "file a", "b": "file b"}
MODULES = {"a": "return { name = 'module a' }"}


@pytest.fixture(params=sorted(ENGINES))
def calls(request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Every engine in turn; how often it is asked for what."""
    with playing(request.param) as counts:
        yield counts


def start() -> Process:
    """A process with files and modules."""
    return Process.spawn(code=CODE, owner="alice", files=FILES, modules=MODULES)


def step(process: Process, action: str, sender: str) -> Result:
    """One message."""
    return process.handle(From=sender, Action=action, Name=sender, Data=sender)


STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(["a", "b", "nobody"])), max_size=25)


@pytest.mark.parametrize("engine", sorted(ENGINES))
@settings(max_examples=15)
@given(steps=STEPS, disturb=st.data())
def test_nothing_shows(engine: str, steps: list[tuple[str, str]], disturb: st.DataObject) -> None:
    """Failures, dry runs, saves, forks and restores at any time: the results are those of a process left in peace."""
    with playing(engine):
        plain, busy = start(), start()
        for action, sender in steps:
            how = disturb.draw(st.sampled_from(["", "fork", "restore", "save", "lose", "dry run"]))
            if how == "fork":
                busy = busy.fork()
            elif how == "restore":
                busy = Process.restore(busy.snapshot(), files=FILES, modules=MODULES)
            elif how == "save":
                busy._state.save()
            elif how == "lose":
                busy._state.engine = None
            elif how == "dry run":
                busy.dry_run(From=sender, Action=action, Name=sender)
            assert step(busy, action, sender) == step(plain, action, sender)
        assert busy.fill() == plain.fill()
        assert busy.count == plain.count


def test_a_failure_costs_no_more_with_more_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a failing message makes necessary does not grow with the number of messages before it."""
    monkeypatch.setattr(Checkpointing, "worth", lambda *_: True)
    with playing("logging") as calls:
        process = start()
        most = 0
        for _ in range(30):
            for _ in range(20):
                process.handle(From="bob", Action="Count")
            process.handle(From="bob", Action="Break")
            calls.clear()
            process.handle(From="bob", Action="Count")
            most = max(most, calls["evaluate"])
        assert most <= 25
        assert process.get("Count") == 630


def test_a_process_of_a_few_messages_is_not_saved(calls: dict[str, int]) -> None:
    """A process that sees a few messages is never saved, and a failure makes it again from the start."""
    process = start()
    for _ in range(5):
        process.handle(From="bob", Action="Count")
    assert calls.get("save", 0) == 0


def test_where_it_cannot_be_saved_it_is_not_asked_for_ever() -> None:
    """An engine that cannot save is asked again ever more seldom."""
    with playing("never") as calls:
        process = start()
        process._state._checkpointing.due = 0.0
        for _ in range(300):
            process.handle(From="bob", Action="Count")
            process._state.spent += 0.05
        assert 1 < calls["save"] < 12
        process.handle(From="bob", Action="Break")
        assert process.get("Count") == 300


def test_a_save_that_breaks_is_none(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours while a state is saved, or loaded, costs time and loses nothing; it is in the log."""
    with playing("logging"):
        process = start()
        process.handle(From="bob", Action="Count")
        monkeypatch.setattr(type(process._state.engine), "save", _bug)
        process._state.save()
        assert process.get("Count") == 1
        assert "could not be saved" in caplog.text
    with playing("logging"):
        process = start()
        process.handle(From="bob", Action="Count")
        monkeypatch.setattr(type(process._state.engine), "save", lambda _: b"nonsense")
        process._state.save()
        process.handle(From="bob", Action="Break")
        with caplog.at_level(logging.WARNING, "ao_runtime.state"):
            assert process.get("Count") == 1
        assert "could not be loaded" in caplog.text


def _bug(_: object) -> bytes:
    raise InternalError("a bug")


def test_an_interrupted_message_leaves_no_trace(calls: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of a message: it never was, for the state, the numbers and the clock."""
    process, other = start(), start()
    engine = type(process._state.engine)
    whole = engine.evaluate

    def interrupted(self: object, packed: object) -> object:
        whole(self, packed)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(engine, "evaluate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            process.handle(From="bob", Action="Read", Name="a", Timestamp=5)
    assert process._state.inputs.new == []
    assert process.fill() == other.fill()
    assert step(process, "Count", "bob") == step(other, "Count", "bob")
    assert process.count == other.count


def test_a_message_that_cannot_be_packed_leaves_no_trace() -> None:
    """A message that is refused has no number."""
    process, other = start(), start()
    with pytest.raises(InputError):
        process.handle(Data="x", Tags={"a": {"b": object()}})
    with pytest.raises(InputError):
        process.handle(limits={"seconds": -1})
    assert (process.count, process.fill()) == (1, other.fill())


def test_many(calls: dict[str, int]) -> None:
    """handle_many gives what handle gives, one after the other."""
    messages = [{"From": "bob", "Action": action} for action in ("Count", "Break", "Count", "Wait", "Count")]
    one, many = start(), start()
    assert many.handle_many(messages) == [one.handle(message) for message in messages]
    assert (many.count, many.fill()) == (one.count, one.fill())
    assert many.handle_many([]) == []


def test_many_or_none(calls: dict[str, int]) -> None:
    """Where one of many messages is refused, none of them has left a trace; not even if the state was saved since."""
    process, other = start(), start()
    step(process, "Count", "bob")
    step(other, "Count", "bob")
    process._state._checkpointing.due = 0.0
    messages = [{"From": "b", "Action": "Read", "Name": "a"}, {"From": "bob", "Action": "Count"}, {"Tags": 5}]
    with pytest.raises(InputError):
        process.handle_many(messages)
    assert (process.count, process.fill()) == (other.count, other.fill())
    assert process._state.journal.reads == other._state.journal.reads
    assert step(process, "Count", "bob") == step(other, "Count", "bob")


def test_many_that_are_the_first() -> None:
    """A process is as unstarted as before where its own message was one of many that were refused."""
    process = Process({"Process": {"Id": "P", "Owner": "O"}})
    with pytest.raises(InputError, match="Tags"):
        process.handle_many([{"Id": "P", "From": "O"}, {"Tags": 5}])
    assert process.count == 0
    assert [result.ok for result in process.handle_many([{"Id": "P", "From": "O"}, {"From": "O"}])] == [True, True]


def test_closed() -> None:
    """A process that was closed says so, as often as it is asked, and closing it twice is fine."""
    with start() as process:
        process.handle(From="bob", Action="Count")
    process.close()
    for use in (process.handle, process.dry_run, process.snapshot, process.fork, lambda: process.get("Count")):
        with pytest.raises(InputError, match="has been closed"):
            use()
    with pytest.raises(InputError, match="has been closed"):
        process.handle_many([{"From": "bob"}])


def test_pace() -> None:
    """Young's interval, no shorter than a save and no longer than five of them or 50 ms."""
    pace = Checkpointing()
    assert pace.due == 0.05
    pace.saved(0.1, 0.0)
    assert pace.due == 0.5
    for _ in range(20):
        pace.failed()
    assert pace.due == pytest.approx((2 * 0.1 * 10 / 21) ** 0.5)
    for _ in range(1000):
        pace.failed()
    assert pace.due == 0.1
    pace.missed(3.0)
    assert pace.due == pytest.approx(3.2)
    pace.missed(4.0)
    assert pace.due == pytest.approx(4.4)
    assert not pace.worth(4.3)
    assert pace.worth(4.5)
    pace.saved(0.0001, 1.0)
    assert pace.due == pytest.approx((2 * 0.0001 * 11 / 1021) ** 0.5)


def test_a_failure_while_a_handler_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the state cannot be saved, messages are tried in a copy of the program: a failure costs no replay then."""
    if not can_fork():
        pytest.skip("there is no fork here")
    actions = [("Wait", "a"), *[("Break", "a"), ("Count", "b"), ("Read", "a"), ("Break", "b"), ("Late", "b")] * 5]
    late = "Handlers.prepend('l', 'Late', function(m) io.open('/data/' .. m.Name) error('no') end)"
    with playing("never") as calls:
        other = start()
        other.eval(late)
        results = [step(other, *action) for action in actions]
        process = start()
        process.eval(late)
        assert step(process, *actions[0]) == results[0]
        process._state.save()
        process._state.engine = None
        monkeypatch.setattr(Checkpointing, "probes", lambda *_: 6)
        assert process.get("Count") == 0
        calls.clear()
        assert [step(process, *action) for action in actions[1:]] == results[1:]
        assert "made" not in calls
        assert process.fill() == other.fill()
        assert process._state.journal == other._state.journal
        assert process._state.journal.reads


def test_probes() -> None:
    """Messages are tried first as long as that costs no more than to make the state again."""
    pace = Checkpointing()
    assert pace.probes(1.0) == 0
    pace.missed(1.0)
    assert [pace.probes(spent) for spent in (0.01, 0.1, 1.0, 100.0)] == [0, 20, 200, 1000]
    pace.saved(0.1, 1.0)
    assert pace.probes(1.0) == 0
