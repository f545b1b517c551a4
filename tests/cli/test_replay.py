"""`ao-run replay`: the messages of a journal evaluated again."""

from __future__ import annotations

from pathlib import Path

import pytest

from .kept import TOKEN, handle, token, transfer
from .running import Ran, ao_run


def test_it_prints_what_handle_printed(tmp_path: Path) -> None:
    """The same results in the same words, and the exit code of them; but no file that only the journal names."""
    file = tmp_path / "a.ao"
    messages = [transfer("10"), transfer("x")]
    ran = handle(file, "-p", TOKEN, "--owner", "alice", messages=messages)
    again = ao_run("replay", str(file), "--from", "1")
    assert (again.out, again.code) == (ran.out, ran.code)
    said = "error: message 2, Transfer from alice: Quantity must be a whole number above zero\n"
    # The lines are those of the code that the journal holds.
    assert again.err.startswith(said + "  aos:24, in handler transfer\n\n")
    assert str(TOKEN) not in again.err
    lines = handle(tmp_path / "b.ao", "-p", TOKEN, "--owner", "alice", "--json", messages=messages)
    assert ao_run("replay", str(file), "--from", "1", "--json") == lines


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], [0, 1, 2, 3, 4]),
        (["--from", "3"], [3, 4]),
        (["--to", "1"], [0, 1]),
        (["--from", "2", "--to", "2"], [2]),
        (["--from", "4", "--to", "1"], []),
    ],
)
def test_a_part(tmp_path: Path, options: list[str], numbers: list[int]) -> None:
    """From a message on, and up to one."""
    file = token(tmp_path / "a.ao")
    out = ao_run("replay", str(file), *options).out
    assert [int(line.split()[1]) for line in out.splitlines() if line.startswith("──")] == numbers


def test_a_message_that_is_not_there(tmp_path: Path) -> None:
    """Wrong usage, with what there is."""
    file = str(token(tmp_path / "a.ao"))
    for option, number in [("--to", "5"), ("--from", "5"), ("--from", "-1")]:
        complaint = f"error: {option}: there is no message {number} (there are 0 to 4)\n"
        assert ao_run("replay", file, option, number) == Ran(2, "", complaint)


def test_a_limit_that_was_hit(tmp_path: Path) -> None:
    """Exit code 4, as handle's; no option of this command sets another limit, so none is named."""
    file = tmp_path / "a.ao"
    loop = {"From": "a", "Action": "Eval", "Data": "while true do end"}
    handle(file, "--owner", "a", "--limit-instructions", "100000", messages=[loop])
    ran = ao_run("replay", str(file), "--from", "1")
    assert (ran.code, ran.out) == (4, "── 1 · Eval from a\n(failed)\n")
    assert ran.err.startswith("error: message 1, Eval from a: instruction limit of 100000 reached")
    assert "--limit" not in ran.err


def test_modules_are_what_they_were(tmp_path: Path) -> None:
    """What was read from the project's folder is in the journal: the folder may have changed, or be gone."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.lua").write_text('local other = require("other") Handlers.add("a", "A", other.answer)')
    (project / "other.lua").write_text('return { answer = function() print("as it was") end }')
    file = tmp_path / "a.ao"
    handle(file, "-p", str(project / "main.lua"), messages=[{"From": "a", "Action": "A"}])
    for path in project.iterdir():
        path.unlink()
    project.rmdir()
    assert ao_run("replay", str(file), "--from", "1") == Ran(0, "── 1 · A from a\nas it was\n", "")
    assert ao_run("verify", str(file)) == Ran(0, "2 messages, all as recorded\n", "")
