"""`--state` and `--dry-run`: a process in a file, and messages of which nothing stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Process
from ao_runtime.store import Store

from .kept import MESSAGES, TOKEN, handle, token, transfer
from .running import COMMAND, ROOT, Ran, ao_run

PING = str(ROOT / "examples/ping/ping.lua")


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Two commands on one file print what one does; the second needs only the file."""
    first = handle(tmp_path / "a", "-p", TOKEN, "--owner", "alice", "--json", messages=MESSAGES[:2])
    second = handle(tmp_path / "a", "--json", messages=MESSAGES[2:])
    both = handle(tmp_path / "b", "-p", TOKEN, "--owner", "alice", "--json")
    without = ao_run("handle", "-p", TOKEN, "--owner", "alice", "--json", "-", input=json.dumps(MESSAGES))
    assert first.out + second.out == both.out == without.out
    assert (first.code, second.code) == (1, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_eval_goes_on_too(tmp_path: Path) -> None:
    """What an eval changes is there for the next."""
    file = str(tmp_path / "a.ao")
    assert ao_run("eval", "--state", file, "Count = 1").code == 0
    assert ao_run("eval", "--state", file, "Count = Count + 1 return Count") == Ran(0, "2\n", "")
    assert ao_run("eval", "--state", file, "return Count") == Ran(0, "2\n", "")


def test_the_same_options_again(tmp_path: Path) -> None:
    """Whoever gives the options each time is understood; other code, another id or owner is refused."""
    file = token(tmp_path / "a.ao")
    assert handle(file, "-p", TOKEN, "--owner", "alice", messages=MESSAGES[3:]).code == 0
    for options, what in [(["-p", PING], "code"), (["--id", "other"], "id"), (["--owner", "bob"], "owner")]:
        ran = handle(file, *options, messages=MESSAGES[3:])
        assert (ran.code, ran.out) == (2, "")
        assert f"error: {what}: {file} holds a process that was started with" in ran.err
    assert handle(file, "--dialect", "1", messages=MESSAGES[3:]).code == 2


def test_a_recorded_process(tmp_path: Path) -> None:
    """A first message that is the process's own starts it in the file; a second time it is refused."""
    own = {"Id": "me", "From": "alice", "Data": "x = 7", "Tags": {"Type": "Process", "On-Boot": "Data"}}
    ask = {"From": "alice", "Action": "Eval", "Data": "return x"}
    file = tmp_path / "a.ao"
    assert handle(file, "--json", messages=[own, ask]).code == 0
    assert handle(file, messages=ask) == Ran(0, "7\n", "")
    for more in ([], ["--dry-run"]):
        ran = handle(file, *more, messages=[own, ask])
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            f"error: Id: the first message is the process's own, and {file} has it already"
            " (leave it out, or give --state another file)\n"
        )


def test_a_dry_run(tmp_path: Path) -> None:
    """Each message finds the process as it is, and leaves nothing."""
    file = token(tmp_path / "a.ao")
    before = file.read_bytes()
    first = handle(file, "--dry-run", "--json", messages=[transfer("1"), transfer("1")])
    one, other = first.results
    assert one["Messages"] == other["Messages"] != []
    assert ao_run("eval", "--state", str(file), "--dry-run", "Balances.bob = 1 return Balances.bob").out == "1\n"
    assert file.read_bytes() == before
    assert ao_run("eval", "--state", str(file), "return Balances.bob") == Ran(0, "5\n", "")


def test_a_dry_run_without_a_file(tmp_path: Path) -> None:
    """The process is started, and every message finds it new; it is told that it is only asked."""
    ran = ao_run("handle", "-p", PING, "--dry-run", "-", input=json.dumps([{"From": "a", "Action": "Ping"}] * 2))
    assert ran.out.count("ping number 1 from a") == 2
    code = tmp_path / "a.lua"
    code.write_text('Handlers.add("ask", "Ask", function(msg) print(tostring(msg["Read-Only"])) end)')
    args = ["handle", "-p", str(code), "-"]
    for more, said in [(["--dry-run"], "true\n"), ([], "nil\n")]:
        assert ao_run(*args, *more, input='{"From": "a", "Action": "Ask"}') == Ran(0, said, "")


def test_a_dry_run_makes_no_file(tmp_path: Path) -> None:
    """Nor does it need one."""
    file = tmp_path / "a.ao"
    assert handle(file, "-p", TOKEN, "--dry-run", messages=MESSAGES[3:]).code == 0
    own = {"Id": "me", "From": "alice", "Data": "x = 7", "Tags": {"Type": "Process", "On-Boot": "Data"}}
    ask = {"From": "alice", "Action": "Eval", "Data": "x = x + 1 return x"}
    assert handle(file, "--dry-run", "--json", messages=[own, ask, ask]).code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_while_somebody_writes(tmp_path: Path) -> None:
    """A dry run does not need to be alone; another writer does."""
    file = token(tmp_path / "a.ao")
    with Process.open(file):
        assert handle(file, "--dry-run", messages=MESSAGES[3:]).code == 0
        ran = handle(file, messages=MESSAGES[3:])
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        f"error: {file}: another writer has it open (one process writes at a time: wait until it has closed the journal)\n"
    )


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """Exit code 5, and the file is left alone."""
    file = tmp_path / "notes.txt"
    file.write_text("my notes")
    for args in (["handle", "--state", str(file), "-"], ["eval", "--dry-run", "--state", str(file), "return 1"]):
        ran = ao_run(*args, input="{}")
        assert (ran.code, ran.out) == (5, "")
        assert ran.err.startswith(f"error: {file}: is no journal")
    assert file.read_text() == "my notes"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_code_that_cannot_be_loaded_makes_no_file(tmp_path: Path) -> None:
    """The next try starts the process."""
    code = tmp_path / "bad.lua"
    code.write_text("x = = 1")
    file = tmp_path / "a.ao"
    assert handle(file, "-p", str(code), messages=MESSAGES[3:]).code == 3
    assert [path.name for path in tmp_path.iterdir()] == ["bad.lua"]


def test_limits_are_kept(tmp_path: Path) -> None:
    """Limits that the process was started with hold until others are given."""
    file = str(tmp_path / "a.ao")
    loop = "for i = 1, 50000 do end return 'done'"
    assert ao_run("eval", "--state", file, "--limit-instructions", "20000", "return 1").code == 0
    ran = ao_run("eval", "--state", file, loop)
    assert (ran.code, "the limit was 20000; --limit-instructions sets another" in ran.err) == (4, True)
    assert ao_run("eval", "--state", file, "--limit-instructions", "1000000", loop) == Ran(0, "done\n", "")


def test_a_killed_command(tmp_path: Path) -> None:
    """Every result that was printed is in the file."""
    file = tmp_path / "a.ao"
    messages = tmp_path / "messages.json"
    messages.write_text(json.dumps([{"From": "a", "Action": "Ping"}] * 20000))
    command = [*COMMAND, "handle", "--json", "--state", str(file), "-p", PING, str(messages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    printed = [process.stdout.readline() for _ in range(50)]
    process.kill()
    printed += process.stdout.read().splitlines(keepends=True)
    process.communicate()
    assert process.returncode != 0
    whole = [json.loads(line) for line in printed if line.endswith(b"\n")]
    assert 50 <= len(whole) < 20000
    with Store.open(file, write=False) as store:
        kept: list[Any] = [json.loads(entry.result) for entry in store.entries(1)]
    assert [{**item, "GasUsed": None} for item in whole] == [{**item, "GasUsed": None} for item in kept[: len(whole)]]
    assert len(kept) <= len(whole) + 1
    assert ao_run("verify", str(file)) == Ran(0, f"{len(kept) + 1} messages, all as recorded\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_full_disk(tmp_path: Path) -> None:
    """Exit code 5 and no traceback; what was printed is in the file."""
    file = tmp_path / "a.ao"
    messages = json.dumps([{"From": "a", "Action": "Ping"}] * 300)
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "
    command = [sys.executable, "-c", limited + COMMAND[-1], "handle", "--json", "--state", str(file), "-p", PING, "-"]
    done = subprocess.run(command, input=messages, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 5
    assert done.stderr.startswith(f"error: {file}: ")
    assert len(done.stderr.splitlines()) == 1
    count = len(done.stdout.splitlines())
    assert 1 < count < 300
    with Store.open(file) as store:
        assert store.count == count + 1


def test_a_journal_in_a_place_that_is_not_there(tmp_path: Path) -> None:
    """The folder is named."""
    ran = handle(tmp_path / "no" / "a.ao", "-p", TOKEN)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == f"error: {tmp_path}/no/a.ao: its folder does not exist (make {tmp_path}/no first)\n"
    assert os.listdir(tmp_path) == []


def test_a_dry_run_with_options(tmp_path: Path) -> None:
    """A dry run takes the options as the real one does: the folder of -p is read, what is not so is refused."""
    code, file = tmp_path / "p.lua", tmp_path / "a.ao"
    code.write_text("function late() return require('late') end")
    (tmp_path / "late.lua").write_text("return 5")
    assert ao_run("eval", "--state", str(file), "-p", str(code), "return 1").code == 0
    eval_late = ("eval", "--state", str(file), "--dry-run", "return late()")
    assert ao_run(*eval_late, "-p", str(code)) == Ran(0, "5\n", "")
    ran = ao_run(*eval_late)
    assert (ran.code, ran.out) == (2, "")
    assert "asks for module late, which it has not read before" in ran.err
    for option, value in [("-p", PING), ("--id", "other"), ("--owner", "bob"), ("--dialect", "1")]:
        ran = ao_run(*eval_late, option, value)
        assert (ran.code, ran.out) == (2, "")
        assert f"{file} holds a process " in ran.err
