"""`ao-run why`."""

from __future__ import annotations

from pathlib import Path

from .running import ROOT, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")

ANSWER = """\
transfer from bob: no handler takes it; it would go to the Inbox (_default)
  ✗ _eval: Action = "Eval": no, it is "transfer"
  ✗ info: Action = "Info": no, it is "transfer"
  ✗ balance: Action = "Balance": no, it is "transfer"
  ✗ transfer: Action = "Transfer": no, it is "transfer"
    hint: letter case counts here
  · _default: nothing has stopped the message
"""


def test_a_message() -> None:
    """Why a message is silent: each handler, and what is nearly right."""
    ran = ao_run("why", "-p", TOKEN, "--from", "bob", "Action=transfer", "Quantity=5")
    assert (ran.code, ran.out, ran.err) == (0, ANSWER, "")


def test_messages_of_a_file(tmp_path: Path) -> None:
    """Each message of a file is asked by itself; as JSON there is an object for each."""
    messages = tmp_path / "messages.jsonl"
    messages.write_text('{"From": "bob", "Action": "Info"}\n{"From": "bob", "Action": "infos"}')
    ran = ao_run("why", "-p", TOKEN, "--json", str(messages))
    assert [(one["taken"], one["action"]) for one in ran.results] == [("info", "Info"), ("_default", "infos")]


def test_a_process_of_a_network(tmp_path: Path) -> None:
    """A process in a folder is asked, senders by their names; the folder stays as it is."""
    folder = str(tmp_path / "town")
    ao_run("net", "init", folder, "--wallet", "ann")
    ao_run("net", "spawn", folder, TOKEN, "--owner", "ann", "--name", "Points")
    before = ao_run("net", "log", folder).out
    assert ao_run("why", folder, "Points", "--from", "ann", "Action=Eval").out.splitlines()[1].startswith("  ✓ _eval: ")
    lines = ao_run("why", folder, "Points", "--from", "stranger", "Action=Eval").out.splitlines()
    assert lines[2].startswith("    hint: From is not the owner of the process, ")
    assert ao_run("why", folder, "Nobody", "Action=Eval").code == 1
    assert ao_run("why", folder).code == 2
    assert ao_run("net", "log", folder).out == before


def test_a_page(tmp_path: Path) -> None:
    """With --html the answer is a page; it is for one message."""
    page = tmp_path / "why.html"
    ran = ao_run("why", "-p", TOKEN, "--html", str(page), "--from", "bob", "Action=Info")
    assert (ran.code, ran.out) == (0, "")
    assert "<title>Info from bob</title>" in page.read_text(encoding="utf-8")
    messages = tmp_path / "messages.jsonl"
    messages.write_text('{"Action": "Info"}\n{"Action": "Info"}')
    assert ao_run("why", "-p", TOKEN, "--html", str(page), str(messages)).code == 2


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    """Without a message, and of the message that starts a process, that is said."""
    assert ao_run("why", "-p", TOKEN).code == 2
    own = tmp_path / "own.json"
    own.write_text('{"Id": "p", "From": "a", "Tags": [{"name": "Type", "value": "Process"}]}')
    ran = ao_run("why", str(own))
    assert (ran.code, ran.err) == (
        2,
        "error: Id: the process's own message starts it: there are no handlers to ask before\n",
    )


def test_a_file_that_fails(tmp_path: Path) -> None:
    """Whichever of the files it is: no handler is asked, and its line is told."""
    (tmp_path / "bad.lua").write_text('error("it failed")')
    for files in ((TOKEN, "bad.lua"), ("bad.lua", TOKEN)):
        given = [word for file in files for word in ("-p", str(tmp_path / file))]
        ran = ao_run("why", *given, "--from", "bob", "Action=Info")
        assert (ran.code, ran.out) == (3, "")
        assert "it failed" in ran.err
        assert "bad.lua:1" in ran.err
