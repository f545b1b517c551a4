"""`ao-run verify`: whether the messages of a journal still answer what they answered."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from ao_runtime.store import Store

from .kept import handle, token
from .running import COMMAND, ROOT, Ran, ao_run


def test_all_as_recorded(tmp_path: Path) -> None:
    """One line, exit code 0, and the file is as it was."""
    file = token(tmp_path / "a.ao")
    before = file.read_bytes()
    assert ao_run("verify", str(file)) == Ran(0, "5 messages, all as recorded\n", "")
    assert ao_run("verify", str(file), "--json").results == [
        {"messages": 5, "compared": 5, "same": True, "gas": True, "difference": None}
    ]
    assert file.read_bytes() == before


def changed(source: Path, file: Path, nonce: int, old: bytes, new: bytes) -> Path:
    """A journal like another one, in which one result says something else: whole, and not true."""
    with Store.open(source, write=False) as journal, Store.open(file) as other:
        entries = list(journal.entries())
        assert old in entries[nonce].result
        entries[nonce].result = entries[nonce].result.replace(old, new)
        assert journal.genesis is not None
        other.begin(journal.genesis)
        other.append(entries)
    return file


def test_a_result_that_is_another(tmp_path: Path) -> None:
    """The first that differs is shown beside what was recorded; exit code 1."""
    file = changed(token(tmp_path / "a.ao"), tmp_path / "b.ao", 3, b'"value":"5"', b'"value":"6"')
    ran = ao_run("verify", str(file))
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert lines[:2] == ["── 3 · Transfer from bob", "this result is not as it was recorded; all before it are"]
    assert [part.strip() for part in lines[2].split("│")] == ["recorded", "now"]
    different = [[part.strip(" ≠") for part in line.split("│")] for line in lines if line.startswith("≠")]
    assert different == [['"value": "6"', '"value": "5"']] * 2
    (found,) = ao_run("verify", str(file), "--json").results
    assert {name: found[name] for name in ("messages", "compared", "same")} == {
        "messages": 5,
        "compared": 3,
        "same": False,
    }
    difference = found["difference"]
    assert (difference["nonce"], difference["message"]["From"]) == (3, "bob")
    expected = json.loads(json.dumps(difference["replayed"]).replace('"value": "5"', '"value": "6"'))
    assert difference["recorded"] == expected


def test_an_error_that_is_another(tmp_path: Path) -> None:
    """Errors are compared as well."""
    file = changed(token(tmp_path / "a.ao"), tmp_path / "b.ao", 2, b"above zero", b"below zero")
    ran = ao_run("verify", str(file))
    assert (ran.code, ran.out.splitlines()[0]) == (1, "── 2 · Transfer from alice")


def test_a_limit_on_time(tmp_path: Path) -> None:
    """What ended because of the time that it took is not compared, and that is said."""
    file = tmp_path / "a.ao"
    loop = {"From": "a", "Action": "Eval", "Data": "while true do end"}
    handle(file, "--owner", "a", "--limit-seconds", "0.05", messages=[loop, {"From": "a", "Action": "Ping"}])
    words = "3 messages, all as recorded (1 hit a limit on time or memory, and are not compared)\n"
    assert ao_run("verify", str(file)) == Ran(0, words, "")


def test_progress(tmp_path: Path) -> None:
    """A bar on stderr where that is a terminal; stdout has the result alone."""
    file = tmp_path / "a.ao"
    handle(file, "--owner", "a", "--json", messages=[{"From": "a", "Action": "Ping"}] * 600)
    primary, secondary = os.openpty()
    done = subprocess.run(
        [*COMMAND, "verify", str(file)], stdout=subprocess.PIPE, stderr=secondary, cwd=ROOT, timeout=60, text=True
    )
    os.close(secondary)
    seen = os.read(primary, 100_000).decode()
    os.close(primary)
    assert done.stdout == "601 messages, all as recorded\n"
    assert "verifying" in seen
    assert "100%" in seen
    assert pty.STDERR_FILENO == 2


@pytest.mark.parametrize("command", [("verify",), ("replay",), ("diff", "0", "1")], ids=lambda command: command[0])
@pytest.mark.parametrize("isolate", ["--isolate", "--no-isolate"])
def test_limits(command: tuple[str, ...], isolate: str, tmp_path: Path) -> None:
    """What a file has evaluated again is held to the limits of whoever has it evaluated, and the error names them."""
    file = tmp_path / "slow.ao"
    code = tmp_path / "slow.lua"
    code.write_text("for i = 1, 3e6 do N = i end")
    assert handle(file, "-p", str(code), messages=[{"From": "bob"}]).code == 0
    name, *moments = command
    again = [name, str(file), *moments, isolate]
    for limit in ("--limit-seconds=0.001", "--limit-instructions=100000"):
        ran = ao_run(*again, limit)
        assert (ran.code, ran.out) == (5, "")
        assert "message 0" in ran.err
        assert "limit of" in ran.err
        assert "--limit-seconds" in ran.err
    assert ao_run(*again, "--limit-seconds=50", "--limit-memory=64MB", "--limit-instructions=100000000").code == 0
    assert ao_run(*again, "--limit-memory=x").code == 2
