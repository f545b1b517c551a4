"""`ao-run log`: what a journal holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ao_runtime import Process

from .kept import handle, token, transfer
from .running import Ran, ao_run


def test_for_people(tmp_path: Path) -> None:
    """A line for each message: number, time, sender, action, and what came of it."""
    file = token(tmp_path / "a.ao")
    assert ao_run("log", str(file)) == Ran(
        0,
        "#  time                 from        action              result\n"
        "0  2023-11-14 22:13:20  alice       Process\n"
        "1  2023-11-14 22:13:20  alice       Transfer            → alice Debit-Notice, → bob Credit-Notice\n"
        "2  2023-11-14 22:13:20  alice       Transfer            "
        "error: token.lua:24: Quantity must be a whole number above zero\n"
        "3  2023-11-14 22:13:20  bob         Transfer            → bob Debit-Notice, → carol Credit-Notice\n"
        "4  2023-11-14 22:13:20  bob         Balance             → bob\n",
        "",
    )


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], [0, 1, 2, 3, 4]),
        (["--from-process", "bob"], [3, 4]),
        (["--action", "Transfer"], [1, 2, 3]),
        (["--errors"], [2]),
        (["--since", "3"], [3, 4]),
        (["--to", "1"], [0, 1]),
        (["--last", "2"], [3, 4]),
        (["--last", "99"], [0, 1, 2, 3, 4]),
        (["--last", "2", "--to", "2"], [1, 2]),
        (["--last", "2", "--since", "4"], [4]),
        (["--last", "1", "--action", "Transfer", "--from-process", "alice"], [2]),
        (["--since", "99"], []),
        (["--to", "99"], [0, 1, 2, 3, 4]),
    ],
)
def test_filters(tmp_path: Path, options: list[str], numbers: list[int]) -> None:
    """Each filter leaves out what is not asked for; --last counts what the others have left."""
    file = token(tmp_path / "a.ao")
    ran = ao_run("log", str(file), "--json", *options)
    assert [line["nonce"] for line in ran.results] == numbers
    people = ao_run("log", str(file), *options).out.splitlines()[1:]
    assert [int(line.split()[0]) for line in people] == numbers


def test_json(tmp_path: Path) -> None:
    """One shape, whatever came of the message; the results are those that handle printed."""
    file = tmp_path / "a.ao"
    ran = handle(file, "--owner", "alice", "--json", messages=[transfer("1"), {"Data": "\udcff", "Action": "Eval"}])
    lines = ao_run("log", str(file), "--json", "--since", "1").results
    keys = ["nonce", "timestamp", "failed", "gas", "instructions", "message", "result"]
    assert [list(line) for line in lines] == [keys, keys]
    assert [{**line["result"], "GasUsed": line["gas"]} for line in lines] == ran.results
    assert [line["failed"] for line in lines] == [False, True]
    assert lines[1]["message"]["Data"] == "\udcff"
    assert lines[0]["message"]["From"] == "alice"
    assert {"name": "Quantity", "value": "1"} in lines[0]["message"]["Tags"]


def test_what_a_process_does_to_a_terminal(tmp_path: Path) -> None:
    """Nothing: control characters are made visible, long texts cut."""
    file = tmp_path / "a.ao"
    sent = {"From": "a\x1b[2Jb", "Action": "x\ry\x07" + "z" * 100, "Timestamp": 2**60}
    handle(file, "--owner", "a", messages=[sent, {"From": "a", "Action": "Eval", "Data": "error('\\27]0;hi\\7')"}])
    out = ao_run("log", str(file)).out
    assert not [letter for letter in out if ord(letter) < 32 and letter != "\n"]
    assert max(map(len, out.splitlines())) < 160


def test_while_somebody_writes(tmp_path: Path) -> None:
    """A log can be read at any time."""
    file = token(tmp_path / "a.ao")
    with Process.open(file) as process:
        process.handle(From="bob", Action="Balance")
        assert len(ao_run("log", str(file), "--json").results) == 6


@pytest.mark.parametrize("command", [["log"], ["replay"], ["verify"], ["diff", "0", "0"]])
def test_what_is_no_journal(tmp_path: Path, command: list[str]) -> None:
    """Every command that looks into a file says why it cannot, with exit code 5."""
    name, *rest = command
    for file, complaint in [
        (tmp_path / "nothing", "there is no such journal (see to its name)"),
        (tmp_path, "is a folder, not a journal (give a file in it)"),
    ]:
        assert ao_run(name, str(file), *rest) == Ran(5, "", f"error: {file}: {complaint}\n")
    damaged = token(tmp_path / "a.ao")
    data = bytearray(damaged.read_bytes())
    at = data.index(b"Quantity must be a whole number")
    data[at] ^= 1
    damaged.write_bytes(data)
    ran = ao_run(name, str(damaged), *rest)
    if name != "diff":
        assert ran.code == 5
        assert f"error: {damaged}: is damaged at entries, row 2 (restore the file from a copy)\n" == ran.err
        assert "Traceback" not in ran.err
    assert json.dumps(ran.out)
