"""A process whose journal is on disk goes on where it was; what cannot be written never was."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import InputError, JournalError, LoadError, Process
from ao_runtime.models.json_text import from_json
from ao_runtime.process.replaying import replay
from ao_runtime.state.disk import Disk
from ao_runtime.store import Store
from tests.state.engines import ACTIONS, CODE, ENGINES, playing

FILES = {"a": "file a"}
MODULES = {"a": "return { name = 'module a' }"}


def start(path: Path) -> Process:
    """A process in a file."""
    return Process.spawn(code=CODE, owner="alice", files=FILES, modules=MODULES, state=path)


def message(action: str) -> dict[str, Any]:
    """A message."""
    return {"From": "bob", "Action": action, "Name": "a"}


@pytest.mark.parametrize("engine", sorted(ENGINES))
@settings(max_examples=10)
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from("oscmd ")), max_size=15))
def test_nothing_shows(engine: str, steps: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Opened again at any time, with and without snapshots, in batches or not: as one that was never closed."""
    path = tmp_path_factory.mktemp("state") / "points.ao"
    with playing(engine):
        plain = Process.spawn(code=CODE, owner="alice", files=FILES, modules=MODULES)
        process = start(path)
        for action, how in steps:
            if how == "o":
                process.close()
                process = Process.open(path, files=FILES)
            elif how == "s":
                # As if it had been worth it.
                process._state.settled()
                assert process._state.disk is not None
                process._state.disk._put(process._state.saved)
            elif how == "c":
                process._state.save()
            elif how == "d":
                process.close()
                with Store.open(path) as store:
                    store.drop_snapshots()
                process = start(path)
            if how == "m":
                results = process.handle_many([message(action), message(action)])
                assert results == [plain.handle(message(action)), plain.handle(message(action))]
            else:
                assert process.handle(message(action)) == plain.handle(message(action))
        assert (process.count, process.fill()) == (plain.count, plain.fill())
        for nonce in range(process.count):
            assert process.at(nonce).get("Count") == plain.at(nonce).get("Count")
        process.close()
        with Store.open(path, write=False) as store:
            assert store.count == plain.count


def test_what_is_in_the_journal(tmp_path: Path) -> None:
    """Every message with its number, time, limit, result and gas, failed ones too, and what it was the first to read."""
    path = tmp_path / "points.ao"
    with start(path) as process:
        results = [
            process.handle(message("Count"), Timestamp=5),
            process.handle(message("Break"), Timestamp="6", limits={"instructions": 10**6}),
            process.handle(message("Read"), Timestamp=10**30),
        ]
    with Store.open(path, write=False) as store:
        genesis, (own, *entries) = store.genesis, list(store.entries())
    assert genesis == {
        "format": 1,
        "engine": "lua",
        "environment": process.environment,
        "dialect": "2.0.6",
        "gas": 2,
        "own": True,
        "limits": {"instructions": 10**9, "memory": 512 << 20, "seconds": 60.0},
        "boot_file": None,
        "files": {"given": True},
        "modules": {"mapping": MODULES},
    }
    assert (own.nonce, own.failed, own.reads) == (0, False, [("module", "json", None)])
    assert [entry.nonce for entry in entries] == [1, 2, 3]
    assert [entry.timestamp for entry in entries] == [5, 6, None]
    assert [entry.instructions for entry in entries] == [10**9, 10**6, 10**9]
    assert [from_json(entry.result) for entry in entries] == [result.to_dict() for result in results]
    assert [entry.gas for entry in entries] == [result.gas_used for result in results]
    assert [entry.failed for entry in entries] == [False, True, False]
    assert entries[0].reads == entries[1].reads == []
    assert sorted(entries[2].reads) == [("file", "a", b"file a"), ("module", "a", MODULES["a"].encode())]


def test_what_was_read_is_read_once(tmp_path: Path) -> None:
    """After it was opened again a process finds what it had read, and what it had not found, as it was then."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a").write_text("old")
    path = tmp_path / "points.ao"
    with Process.spawn(code=CODE, owner="alice", files=folder, state=path) as process:
        assert process.handle(message("Read")).messages[0].data == "old/none"
        assert process.handle(message("Read") | {"Name": "b"}).messages[0].data == "none/none"
    (folder / "a").write_text("new")
    (folder / "b").write_text("new")
    (folder / "c").write_text("new")
    with Process.open(path, modules={"a": "return { name = 'late' }"}, files=folder) as process:
        read = [process.handle(message("Read") | {"Name": name}).messages[0].data for name in "abc"]
    assert read == ["old/none", "none/none", "new/none"]


def test_a_folder_that_only_the_file_names(tmp_path: Path) -> None:
    """A journal and a snapshot may come from anybody: nothing is read from the folders they name, until it is given."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "id_rsa").write_text("secret")
    (folder / "late.lua").write_text("return { name = 'secret' }")
    path = tmp_path / "points.ao"
    code = CODE + "Handlers.add('late', 'Late', function(msg) msg.reply({ Data = require('late').name }) end)"
    with Process.spawn(code=code, owner="alice", files=folder, modules=folder, state=path) as process:
        data = process.snapshot()
    for other in (Process.restore(data), Process.open(path)):
        for asked, advice in (
            (message("Read") | {"Name": "id_rsa"}, "/data/id_rsa, which .* give that as files= again"),
            (message("Late"), "module late, which .* give that as sources= again"),
        ):
            with pytest.raises(InputError, match=advice):
                other.handle(asked)
        assert other.count == 1
        assert other.snapshot() == data
        other.close()
    with Process.open(path, files=folder, modules=folder) as process:
        assert process.handle(message("Read") | {"Name": "id_rsa"}).messages[0].data.startswith("secret/")
        assert process.handle(message("Late")).messages[0].data == "secret"


def test_open_a_new_one(tmp_path: Path) -> None:
    """open begins a journal with an environment, and goes on with it with the same one or none."""
    path = tmp_path / "points.ao"
    environment = {"Process": {"Id": "P", "Owner": "O", "Tags": {"Name": "Points"}}}
    with Process.open(path, environment, dialect="2.0.1", limits={"seconds": 5}) as process:
        assert process.count == 0
    with Process.open(path) as process:
        assert (process.environment, process.limits.seconds) == (Process(environment).environment, 5)
        process.handle(Id="P", From="O", Type="Process")
    with Process.open(path, environment, dialect="2.0.1", limits={"seconds": 6}) as process:
        assert (process.count, process.limits.seconds) == (1, 6)
        assert process._state.genesis.dialect == "2.0.1"
    for options, field in (({"environment": {"Process": {"Id": "Q"}}}, "environment"), ({"dialect": "1"}, "dialect")):
        with pytest.raises(InputError, match=f"{field}: .*points.ao holds a process with .*leave it out"):
            Process.open(path, **options)
    # Nothing of that has kept it from being opened.
    Process.open(path).close()


def test_spawn_starts_or_goes_on(tmp_path: Path) -> None:
    """spawn with a file starts the process, or goes on with the one that was started in the same way."""
    path, code = tmp_path / "points.ao", tmp_path / "points.lua"
    code.write_text("N = (N or 0) + 1 print('started')")
    with Process.spawn(code, owner="alice", tags={"Name": "Points"}, state=path) as process:
        first = process.spawn_result
        process.eval("N = N + 1")
        identity = process.id
    with Process.spawn(code, state=path) as process:
        assert (process.get("N"), process.count, process.id, process.owner) == (2, 2, identity, "alice")
        assert process.spawn_result == first
        # Errors name the file.
        assert process._state.genesis.boot_file == str(code)
    with Process.spawn(owner="alice", state=path) as process:
        assert process.count == 2
    refused = {"owner": "bob", "id": "other", "tags": {"Name": "Other"}, "code": "N = 5"}
    for name, value in refused.items():
        with pytest.raises(InputError, match=f"{name}: .*points.ao holds a process that was started with"):
            Process.spawn(**{name: value}, state=path)
    code.write_text("N = 7")
    with pytest.raises(InputError, match=r"other code .*leave the code out to go on"):
        Process.spawn(code, state=path)


def test_a_start_that_fails_makes_no_file(tmp_path: Path) -> None:
    """Code that does not load, and options that make no sense, leave no file behind."""
    path = tmp_path / "points.ao"
    with pytest.raises(LoadError):
        Process.spawn(code="error('no')", state=path)
    for options in ({"dialect": "3"}, {"limits": {"seconds": -1}}, {"environment": {"Process": 5}}):
        with pytest.raises(InputError):
            Process.open(path, **options)
        with pytest.raises(InputError):
            Process.spawn(**options, state=path)
    with pytest.raises(InputError, match="cannot be written down as JSON"):
        Process.open(path, {"Process": {"Id": "P"}, "More": {5: "x"}})
    with pytest.raises(InputError, match="format: is for published modules"):
        Process.open(path, format="x")
    assert list(tmp_path.iterdir()) == []


def test_a_start_in_a_journal_that_has_begun(tmp_path: Path) -> None:
    """A journal that holds no accepted message yet takes the start of that process, and of no other."""
    path = tmp_path / "points.ao"
    process = Process.spawn(owner="alice")
    Process.open(path, process.environment).close()
    with pytest.raises(InputError, match="another environment"):
        Process.spawn(owner="bob", state=path)
    with pytest.raises(LoadError):
        Process.spawn(code="error('no')", owner="alice", state=path)
    with Process.spawn(code="N = 1", owner="alice", state=path) as again:
        assert (again.count, again.get("N")) == (2, 1)


def test_a_second_writer(tmp_path: Path) -> None:
    """Whoever opens what is open is refused at once, and can look at it all the same."""
    path = tmp_path / "points.ao"
    with start(path) as process:
        process.handle(message("Count"))
        with pytest.raises(JournalError, match="another writer"):
            Process.open(path)
        assert process.at(1).get("Count") == 1
        assert process.handle(message("Count")).ok


def test_no_journal(tmp_path: Path) -> None:
    """What is no journal is refused and left as it is."""
    path = tmp_path / "points.ao"
    path.write_text("no journal at all")
    for use in (Process.open, lambda path: Process.spawn(code="", state=path)):
        with pytest.raises(JournalError, match="no journal"):
            use(path)
    assert path.read_text() == "no journal at all"
    with pytest.raises(JournalError, match="its folder does not exist"):
        Process.open(tmp_path / "nowhere" / "points.ao")


class Full(Exception):
    """The disk is full, for a test."""


def full(*_: object) -> None:
    """Fail as SQLite does on a full disk."""
    raise JournalError("could not be written: the disk is full")


def test_what_cannot_be_written_never_was(
    tmp_path: Path, counts: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a message cannot be written it leaves no trace: state, numbers, clock and what was read."""
    path = tmp_path / "points.ao"
    other = Process.spawn(code=CODE, owner="alice", files=FILES, modules=MODULES)
    with start(path) as process:
        for action in ("Count", "More"):
            process.handle(message(action))
            other.handle(message(action))
        with monkeypatch.context() as patch:
            patch.setattr(Store, "append", full)
            for action in ("Count", "Break", "Read", "Wait"):
                with pytest.raises(JournalError, match="full"):
                    process.handle(message(action))
            with pytest.raises(JournalError, match="full"):
                process.handle_many([message("Count"), message("Break"), message("Read")])
        assert (process.count, process.fill()) == (other.count, other.fill())
        assert process._state.inputs.files._read == {}
        for action in ACTIONS:
            assert process.handle(message(action)) == other.handle(message(action))
        state = process.get("Count")
    with Process.open(path, files=FILES) as process:
        assert (process.get("Count"), process.count) == (state, other.count)


def test_ctrl_c_around_the_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted after it was written, a message is there; before, it is not; and so it is on disk."""
    path = tmp_path / "points.ao"
    append = Store.append

    def before(*_: object) -> None:
        raise KeyboardInterrupt

    def after(store: Store, entries: Any) -> None:
        append(store, entries)
        raise KeyboardInterrupt

    with start(path) as process:
        for interrupted, count in ((before, 1), (after, 2)):
            with monkeypatch.context() as patch:
                patch.setattr(Store, "append", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    process.handle(message("Count"))
            assert (process.count, process.get("Count")) == (count, count - 1)
        for interrupted, count in ((before, 2), (after, 5)):
            with monkeypatch.context() as patch:
                patch.setattr(Store, "append", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    process.handle_many([message("Count"), message("Break"), message("Count")])
            assert process.count == count
        assert process.handle(message("Count")).messages[0].data == "4:12"
        filled = process.fill()
    with Process.open(path, files=FILES) as process:
        assert (process.count, process.get("Count"), process.fill()) == (6, 4, filled)


def test_snapshots_are_an_economy(tmp_path: Path) -> None:
    """A snapshot that cannot be written, is damaged, or that no engine loads, costs time and nothing else."""
    path = tmp_path / "points.ao"
    with playing("logging") as calls:
        process = start(path)
        for _ in range(20):
            process.handle(message("Count"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "put_snapshot", full)
            process._state.settled()
            assert process._state.disk is not None
            process._state.disk._put(process._state.saved)
        process._state.spent = 10.0  # Worth a snapshot.
        process.close()
        calls.clear()
        with Process.open(path, files=FILES) as process:
            assert process.get("Count") == 20
        assert (calls["load"], calls.get("evaluate", 0)) == (1, 0)
        with Store.open(path) as store:
            store.put_snapshot(10, b"nonsense")
            store.put_snapshot(21, b"nonsense")
        calls.clear()
        with Process.open(path, files=FILES) as process:
            assert process.get("Count") == 20
        assert calls["evaluate"] == 21
    with playing("never") as calls, Process.open(path, files=FILES) as process:
        assert process.get("Count") == 20
    # A snapshot that another engine has saved.
    with playing("logging"), Process.open(path, files=FILES) as process:
        process._state.settled()
        process._state.disk._put(process._state.saved)  # type: ignore[union-attr]
    with playing("lua"), Process.open(path, files=FILES) as process:
        assert process.get("Count") == 20


def test_memory_does_not_grow_with_the_messages(tmp_path: Path) -> None:
    """What is on disk and saved is not kept in memory, and can be had all the same."""
    with playing("logging"), start(tmp_path / "points.ao") as process:
        for _ in range(10):
            process.handle_many([message("Count")] * 10)
            process._state.save()
        assert len(process._state.journal.entries) == 0
        assert process.at(50).get("Count") == 50
        fork = process.fork()
        assert fork.at(50).at(20).get("Count") == 20
        process.handle(message("Count"))
        assert fork.handle(message("Count")).messages[0].data == "101:303"


def test_an_open_process_that_is_forgotten(tmp_path: Path) -> None:
    """A process that nobody closes or holds any more lets go of its file."""
    path = tmp_path / "points.ao"
    process = start(path)
    del process
    Process.open(path, files=FILES).close()


@pytest.mark.parametrize("genesis", [{}, {"format": 2}, {"format": 1}, {"format": 1, "engine": "lua", "own": 5}])
def test_a_journal_of_something_else(tmp_path: Path, genesis: dict[str, Any]) -> None:
    """A journal whose genesis is none of ours, or of a later version, is refused; and can be closed."""
    path = tmp_path / "points.ao"
    with Store.open(path) as store:
        store.begin(genesis)
    for _ in range(2):
        with pytest.raises(JournalError, match=r"points\.ao: (is damaged|was written by a newer ao-runtime)"):
            Process.open(path)


def test_errors_of_sqlite_do_not_leave_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a process whose last snapshot cannot be written closes it."""
    path = tmp_path / "points.ao"
    process = start(path)
    process._state.spent = 10.0
    monkeypatch.setattr(Disk, "_put", full)
    process.close()
    monkeypatch.undo()
    assert not isinstance(JournalError, sqlite3.Error)
    Process.open(path, files=FILES).close()


def test_a_result_that_nobody_can_read(tmp_path: Path) -> None:
    """A result that is nested too deeply to be read is an error, and leaves no trace; the others are not held up."""
    path = tmp_path / "points.ao"
    code = "local t = {} for i = 1, 5000 do t = { t } end Send({ Target = 'x', Tags = { { name = 'a', value = t } } })"
    with Process.spawn(code="N = 0", state=path) as process:
        process.handle_many([process.eval_message("N = 1"), process.eval_message(code), process.eval_message("N = 2")])
    with Process.open(path) as process:
        assert (process.get("N"), process.count) == (2, 4)
        assert [one.same for one in replay(process)] == [True] * 4
        with Store.open(path, write=False) as store:
            assert [entry.result for entry in store.entries(2, 3)] == [
                b'{"Error":"the result is nested more than 200 deep"}'
            ]


def test_a_journal_of_a_process_without_a_module(tmp_path: Path) -> None:
    """A journal that 0.1.0 has begun, which gave a module no id, is gone on with by the same environment."""
    environment = {"Process": {"Id": "P", "Owner": "O", "Tags": []}}
    file = tmp_path / "p.ao"
    with Process.open(file, {**environment, "Module": {"Id": "", "Tags": []}}) as process:
        process.handle(Id="P", From="O", tags={"Type": "Process"})
    with Process.open(file, environment) as process:
        assert process.count == 1
