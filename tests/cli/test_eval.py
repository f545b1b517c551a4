"""`ao-run eval`: Lua code as the owner's Eval message."""

from __future__ import annotations

from pathlib import Path

from .running import ROOT, Ran, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")


def test_a_value() -> None:
    """The value of the code is printed."""
    assert ao_run("eval", "return 1 + 1") == Ran(0, "2\n", "")


def test_in_a_process() -> None:
    """The process's code is loaded first; its state can be looked at."""
    assert ao_run("eval", "-p", TOKEN, "--owner", "alice", "return Balances.alice") == Ran(0, "1000000\n", "")


def test_what_it_sends() -> None:
    """What the code sends is in the table."""
    ran = ao_run("eval", "ao.send({Target = 'bob', Action = 'Hi'}) return nil")
    assert ran == Ran(0, "message  → bob  Hi\n", "")


def test_json() -> None:
    """One line in wire form."""
    (result,) = ao_run("eval", "--json", "return 'x'").results
    assert result["Output"]["data"] == "x"
    assert result["GasUsed"] > 0


def test_code_from_standard_input() -> None:
    """`-` reads the code."""
    assert ao_run("eval", "-", input="local x = 20\nreturn x * 2 + 2") == Ran(0, "42\n", "")


def test_an_owner_that_changed(tmp_path: Path) -> None:
    """The Eval is from whoever owns the process by now."""
    file = tmp_path / "sold.lua"
    file.write_text("Owner = 'bob'")
    assert ao_run("eval", "--owner", "alice", "-p", str(file), "return Owner") == Ran(0, "bob\n", "")


def test_an_error() -> None:
    """Its place is in the code that was given."""
    ran = ao_run("eval", "local x = 1\nerror('boom')")
    assert ran == Ran(
        1, "(failed)\n", "error: boom\n  message 1, line 2\n\n    1 | local x = 1\n  > 2 | error('boom')\n"
    )
