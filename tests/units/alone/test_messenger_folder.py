"""The folder of a messenger on its own: what is on its way is kept, however it ends, and little of it is in memory."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ao_runtime.units.alone.carried import SCHEMA
from ao_runtime.units.alone.unit_folder import UnitFolder
from tests.cli.running import COMMAND, ROOT, Ran

from ..serving import ALICE, Served, eventually, message
from .messengers import count, idle, impatient, messenger
from .schedulers import refused
from .strangers import Answer, Strangers, holding, id_of, post

P, Q = id_of("P"), id_of("Q")


@pytest.fixture
def units() -> Iterator[Strangers]:
    """Somebody else's units, with two processes."""
    made = Strangers()
    made.process("P"), made.process("Q")
    try:
        yield made
    finally:
        made.close()


def metric(served: Served, name: str) -> int:
    """A number of `/metrics`."""
    found = re.search(rf"^ao_{name} (\d+)$", served.get("mu", "/metrics").text, re.MULTILINE)
    assert found is not None
    return int(found[1])


# ── how it ends ────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_ends_in_order(units: Strangers, tmp_path: Path) -> None:
    """On SIGTERM a request that is being answered is answered, what is on its way is kept; 0, and nothing is said."""
    came, held = threading.Event(), threading.Event()

    def change(unit: str, method: str, path: str, right: Answer) -> Answer | None:
        if unit == "cu":
            return None
        if unit == "su" and method == "POST" and came.is_set() is False and units.placed[2:]:
            came.set()
            held.wait(30)
        return right

    units.change = change
    served = Served(str(tmp_path), "-q", *units.options)
    items = [units.sends(P, post(Q, f"{number}"), post(ALICE.address, f"{number}")) for number in range(3)]
    for item in items[:2]:
        assert served.send(item).status_code == 202
    answers: list[int] = []
    sending = threading.Thread(target=lambda: answers.append(served.send(items[2]).status_code))
    sending.start()
    assert came.wait(30)
    served.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert served.process.poll() is None
    held.set()
    assert served.process.wait(30) == 0
    sending.join()
    log = served.log
    served.close()
    assert (answers, "Traceback" in log) == ([202], False)
    units.change = None
    again = Served(str(tmp_path), "-q", *units.options)
    try:
        assert again.ready["addresses"] == served.ready["addresses"]
        eventually(lambda: metric(again, "pending") == 0)
        assert metric(again, "lost") == 0
        sent = [units.items[id].data for id in units.placed if units.items[id].target == Q]
        assert (sent, [one.data for one in units.mail]) == ([b"0", b"1", b"2"], [b"0", b"1", b"2"])
    finally:
        again.close()


def test_an_answer_that_does_not_come_is_not_waited_for(units: Strangers, tmp_path: Path) -> None:
    """A scheduler that stalls: the server ends all the same, and what was kept is brought to it after the next start."""
    came, held = threading.Event(), threading.Event()

    def change(unit: str, method: str, path: str, right: Answer) -> Answer:
        if unit == "su" and method == "POST":
            came.set()
            held.wait(60)
        return right

    units.change = change
    served = Served(str(tmp_path), "-q", *units.options)
    item = units.sends(P, post(Q, "on"))

    answers: list[tuple[int, str]] = []

    def send() -> None:
        answer = served.send(item)
        answers.append((answer.status_code, answer.text))

    sending = threading.Thread(target=send)
    sending.start()
    try:
        assert came.wait(30)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(30) == 0
        sending.join()
        assert answers == [(503, '{"error":"this messenger ends before it has an answer"}')]
        assert "Traceback" not in served.log
    finally:
        held.set()
        served.close()
    units.change = None
    again = Served(str(tmp_path), "-q", *units.options)
    try:
        eventually(lambda: metric(again, "pending") == 0)
        assert (len(units.placed), metric(again, "lost")) == (2, 0)
    finally:
        again.close()


# ── how much is in it ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("many", "size"), [(1_500, 100_000), pytest.param(10_000, 100_000, marks=pytest.mark.long)])
def test_what_waits_is_not_in_memory(units: Strangers, tmp_path: Path, many: int, size: int) -> None:
    """However much is on its way, to one process or from many: it starts soon, in little memory, and answers."""
    served = Served(str(tmp_path), "-q", *units.options)
    served.close()
    file = sqlite3.connect(tmp_path / "messenger.db", isolation_level=None)
    file.execute("BEGIN")
    file.executemany(
        "INSERT INTO carried (kind, sender, process, message, pushed_for, placed, raw, more)"
        " VALUES (?, ?, ?, ?, NULL, ?, zeroblob(?), '')",
        (
            (("message", "mail")[number % 2], id_of(number // 50), P, id_of(-number - 1), number % 5 == 0, size)
            for number in range(many)
        ),
    )
    file.execute("COMMIT")
    file.close()
    units.change = lambda unit, method, path, right: right if "/processes/" in path else None
    served = Served(str(tmp_path), "-q", *units.options)
    try:
        assert metric(served, "pending") == many
        # Some turns have come by then, and nothing could be done.
        time.sleep(2)
        units.change = lambda unit, method, path, right: right if unit == "su" and right[0] == 200 else None
        assert served.send(message(Q)).status_code == 202
        status = Path(f"/proc/{served.process.pid}/status")
        if status.exists():
            resident = re.search(r"VmRSS:\s+(\d+)", status.read_text())
            assert resident is not None
            assert int(resident[1]) < 200_000
    finally:
        served.close()


# ── what is wrong with it ──────────────────────────────────────────────────────────────────────────────────────


def limited(size: int, *words: str) -> Ran:
    """The command, where no file may grow beyond a size."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
    command = [*COMMAND[:-1], limit + COMMAND[-1], "serve", "--port", "0", *words]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("size", [0, 100, 4096, 20_000])
def test_a_disk_that_is_full_at_the_start(units: Strangers, tmp_path: Path, size: int) -> None:
    """An error that names the file; with room it starts as if nothing had been."""
    ran = limited(size, str(tmp_path / "mu"), *units.options)
    assert (ran.code, ran.out, "Traceback" in ran.err, str(tmp_path) in ran.err) == (5, "", False, True), ran
    Served(str(tmp_path / "mu"), *units.options).close()


def test_a_disk_that_gets_full(units: Strangers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is refused; what is on its way goes on as soon as there is room."""
    impatient(monkeypatch)

    async def run() -> None:
        async with messenger(units, tmp_path / "m.db") as messaging:
            writer = messaging._writer._database.writer
            pages = writer.execute("PRAGMA page_count").fetchone()[0]
            big = units.sends(P, *(post(Q, f"{number}" + "x" * 5000) for number in range(20)))
            held = threading.Event()
            units.change = holding("cu", held)
            await messaging.take(big)
            writer.execute(f"PRAGMA max_page_count = {pages + 5}")
            with pytest.raises(Exception, match="what this messenger keeps cannot be written now"):
                await messaging.take(message(P, "x" * 100_000))
            held.set()
            await asyncio.sleep(0.3)
            assert (count(messaging, "pending"), len(units.placed)) == (1, 1)
            writer.execute("PRAGMA max_page_count = 1000000")
            await idle(messaging)
            assert len(units.placed) == 21

    asyncio.run(run())


def spoiled(file: Path, how: str) -> None:
    """Damage a database."""
    if how == "no database":
        file.write_bytes(b"this is no database" * 1000)
    elif how == "another's":
        file.unlink()
        other = sqlite3.connect(file)
        other.execute("CREATE TABLE carried (number)")
        other.close()
    elif how == "pages":
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("BEGIN")
        row = "INSERT INTO carried VALUES (NULL, 'message', '', 'P', ?, NULL, 0, zeroblob(900), '')"
        connection.executemany(row, [(str(number),) for number in range(500)])
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        content = bytearray(file.read_bytes())
        content[4096 * 3 :] = b"\xa5" * (len(content) - 4096 * 3)
        file.write_bytes(content)
    elif how == "text":
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute(
            "INSERT INTO carried VALUES (NULL, CAST(x'ff' AS TEXT), '', CAST(x'fffe' AS TEXT), 'm', NULL, 0, x'', '')"
        )
        connection.close()
    else:
        file.write_bytes(b"")


@pytest.mark.parametrize("how", ["no database", "another's", "pages", "text"])
def test_a_file_that_is_damaged(units: Strangers, tmp_path: Path, how: str) -> None:
    """An error that names the file and what to do; it is left as it is."""
    Served(str(tmp_path), *units.options).close()
    file = tmp_path / "messenger.db"
    spoiled(file, how)
    before = file.read_bytes()
    ran = refused(str(tmp_path), *units.options)
    assert (ran.code, str(file) in ran.err, "damaged" in ran.err or "holds no" in ran.err) == (5, True, True), ran.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("more", ["", "{", "[]", '{"parent": 5, "spawned": "?", "child": [], "result": 7}'])
def test_a_row_that_is_damaged(units: Strangers, tmp_path: Path, more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no messenger has written is given up, and counted; all else goes on."""
    impatient(monkeypatch)

    async def run() -> None:
        async with messenger(units, tmp_path / "m.db"):
            pass
        file = sqlite3.connect(tmp_path / "m.db", isolation_level=None)
        row = "INSERT INTO carried VALUES (NULL, ?, ?, ?, ?, NULL, 1, x'00ff', ?)"
        bad = [("spawned", P, P, "1", more or "x"), ("process", P, P, "2", more), ("nothing", P, P, "3", more)]
        file.executemany(row, bad)
        file.close()
        async with messenger(units, tmp_path / "m.db") as messaging:
            await messaging.take(units.sends(P, post(Q, "on")))
            await idle(messaging, lost=2)
        assert [units.items[id].data for id in units.placed][1:] == [b"on"]

    asyncio.run(run())


def test_one_at_a_time(units: Strangers, tmp_path: Path) -> None:
    """A second program is told so; a scheduler's folder, a whole network's, and one without its key are no messenger's."""
    with_one = tmp_path / "one"
    served = Served(str(with_one), *units.options)
    try:
        ran = refused(str(with_one), *units.options)
        assert (ran.code, "another writer has it open" in ran.err) == (5, True), ran.err
        assert served.send(message(P)).status_code == 202
    finally:
        served.close()
    ran = refused(str(with_one), "--unit", "su", "--gateway", units.urls["gateway"])
    assert (ran.code, f"{with_one} holds a messenger" in ran.err) == (2, True), ran.err
    (with_one / "messenger-key.json").rename(with_one / "elsewhere")
    ran = refused(str(with_one), *units.options)
    assert (ran.code, "is gone, and what is beside it is signed with it" in ran.err) == (5, True), ran.err
    (with_one / "elsewhere").write_text(json.dumps({"kty": "none"}))
    (with_one / "elsewhere").rename(with_one / "messenger-key.json")
    ran = refused(str(with_one), *units.options)
    assert (ran.code, "take it from a copy, or begin anew: --reset" in ran.err) == (5, True), ran.err
    (tmp_path / "file").write_text("")
    assert refused(str(tmp_path / "file"), *units.options).code == 2


def test_no_network_is_made_of_it(tmp_path: Path) -> None:
    """The folder of a messenger alone is no place for a network, and says whose it is."""
    UnitFolder(tmp_path, "messenger", SCHEMA).close()
    ran = refused(str(tmp_path))
    assert (ran.code, "holds a messenger alone" in ran.err) == (2, True), ran.err
    assert "--unit mu" in ran.err
