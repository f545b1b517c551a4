"""A draft: evaluated on the end of a journal, and written there later, all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import InputError, JournalError, Process
from ao_runtime.process import Draft
from ao_runtime.state import Options
from ao_runtime.store import Store
from tests.state.engines import CODE

BEFORE = [{"From": "bob", "Action": "Count"}, {"From": "bob", "Action": "Break"}]
MORE = [{"From": "carol", "Action": action} for action in ("Count", "Break", "Wait", "Answer", "Count")]


def begun(file: Path) -> Path:
    """A journal of three messages."""
    with Process.spawn(code=CODE, owner="alice", state=file) as process:
        process.handle_many(BEFORE)
    return file


def whole(file: Path) -> list[tuple[bytes, int, bool]]:
    """The results in a journal, with gas, and whether they failed."""
    with Store.open(file, write=False) as store:
        return [(entry.result, entry.gas, entry.failed) for entry in store.entries()]


def test_written_it_is_as_if_handled(tmp_path: Path) -> None:
    """A journal to which a draft is written is one whose process was opened and has handled the messages itself."""
    one, other = begun(tmp_path / "one.ao"), begun(tmp_path / "other.ao")
    with Process.open(other) as process:
        process.handle_many(MORE)
    with Draft(one) as draft:
        draft.process.handle_many(MORE[:2])
        draft.process.handle_many(MORE[2:])
        assert whole(one) == whole(other)[:3]
        with Store.open(one) as store:
            draft.write(store, "job", b"note")
            assert store.job("job") == (3, b"note")
    assert whole(one) == whole(other)
    with Process.open(one) as a, Process.open(other) as b:
        assert a.handle(MORE[0]) == b.handle(MORE[0])
        assert a.snapshot() == b.snapshot()


def test_not_written_nothing_has_happened(tmp_path: Path) -> None:
    """A draft that is not written leaves the file as it was, to the byte, and somebody else may write meanwhile."""
    file = begun(tmp_path / "a.ao")
    before = file.read_bytes()
    with Draft(file) as draft:
        draft.process.handle_many(MORE)
        assert [entry.nonce for entry in draft.entries] == [3, 4, 5, 6, 7]
    assert file.read_bytes() == before
    with Draft(file) as draft, Process.open(file) as other:
        draft.process.handle(MORE[0])
        other.handle(MORE[2])
        assert (draft.first, other.count) == (3, 4)


def test_a_new_journal(tmp_path: Path) -> None:
    """Where there is no journal, a draft is a new process, and writing it makes the file that `open` would have made."""
    environment = {"Process": {"Id": "me", "Owner": "alice", "Tags": []}}
    first = {"Id": "me", "From": "alice", "Tags": {"Type": "Process", "On-Boot": "Data"}, "Data": CODE}
    with Draft(tmp_path / "one.ao", environment) as draft, Process.open(tmp_path / "other.ao", environment) as other:
        draft.process.handle_many([first, *MORE])
        other.handle_many([first, *MORE])
        assert not (tmp_path / "one.ao").exists()
        with Store.open(tmp_path / "one.ao") as store:
            draft.write(store)
    assert whole(tmp_path / "one.ao") == whole(tmp_path / "other.ao")
    with pytest.raises(InputError, match="holds a process with another environment"):
        Draft(tmp_path / "one.ao", {"Process": {"Id": "other", "Owner": "alice"}})


@pytest.mark.parametrize("count", [1, 2])
def test_a_journal_that_has_moved_on(tmp_path: Path, count: int) -> None:
    """Of two drafts of one moment one is written, the other never, however many messages it has."""
    file = begun(tmp_path / "a.ao")
    with Draft(file) as one, Draft(file) as other, Store.open(file) as store:
        one.process.handle(MORE[0])
        other.process.handle_many(MORE[:count])
        one.write(store)
        after = list(store.entries())
        with pytest.raises(JournalError, match="holds 4 messages now, and what was evaluated comes after 3"):
            other.write(store)
        assert list(store.entries()) == after


def test_another_journal_in_its_place(tmp_path: Path) -> None:
    """A journal of as many messages that are others is not taken for the one that the draft was made of."""
    file = begun(tmp_path / "a.ao")
    with Process.spawn(code=CODE, owner="alice", state=tmp_path / "b.ao") as process:
        process.handle_many(BEFORE[::-1])
    with Draft(file) as draft:
        draft.process.handle(MORE[0])
        with Store.open(tmp_path / "b.ao") as store, pytest.raises(JournalError, match="comes after 3 of before"):
            draft.write(store)


def test_in_a_child(tmp_path: Path) -> None:
    """A draft may be evaluated in a child process, within limits that hold against everything."""
    from ao_runtime.isolation import Pool
    from ao_runtime.models import Limits

    file = begun(tmp_path / "a.ao")
    with Pool(1) as pool:
        options = Options(isolated=pool, limits=Limits(seconds=0.3, hard=True), sources={}, files={})
        with Draft(file, options=options) as draft:
            results = draft.process.handle_many(
                [*MORE, draft.process.eval_message("string.rep('x', 1e9):find('(.*)y')")]
            )
            assert [result.ok for result in results] == [True, False, True, True, True, False]
            with Store.open(file) as store:
                draft.write(store)
    assert len(whole(file)) == 9


def test_the_state_is_kept(tmp_path: Path) -> None:
    """What took its time leaves a state in the journal, from which the next one begins."""
    file = begun(tmp_path / "a.ao")
    with Draft(file) as draft:
        draft.process.handle_many([draft.process.eval_message("for i = 1, 5e6 do end")] * 2)
        draft.save()
        with Store.open(file) as store:
            draft.write(store)
    with Store.open(file, write=False) as store:
        assert store.snapshot_counts() == [5]
        assert store.snapshot() is not None
    with Process.open(file) as process:
        assert process.handle(MORE[0]).ok
