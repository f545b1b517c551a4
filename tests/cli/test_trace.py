"""`ao-run trace` and the ladder of `-v`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import ROOT, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")
SCENARIO = str(ROOT / "examples/token/scenario.json")


def without_numbers(text: str) -> str:
    """A text with … for the instructions in it."""
    import re

    return re.sub(r"\[\d+\]", "[…]", text)


TRANSFER = """\
[…] Points.Transfer(From=ann, Recipient=bob, Quantity=5) → 2 messages
  ✗ _eval: Action = "Eval": no, it is "Transfer"
  ✗ info: Action = "Info": no, it is "Transfer"
  ✗ balance: Action = "Balance": no, it is "Transfer"
  ✓ transfer […]: Action = "Transfer": yes
    ✉ message Debit-Notice to ann(Quantity=5, Recipient=bob)
    ✉ message Credit-Notice to bob(Quantity=5, Sender=ann)
  ~ Balances.ann: 1000000 → 999995
  + Balances.bob: 5
"""


def test_a_message() -> None:
    """A message of words: its handlers, what they sent, what has changed."""
    words = ["--from", "ann", "Action=Transfer", "Recipient=bob", "Quantity=5"]
    ran = ao_run("trace", "-vvv", "-p", TOKEN, "--owner", "ann", "--tag", "Name=Points", *words)
    assert (ran.code, without_numbers(ran.out), ran.err) == (0, TRANSFER, "")


def test_messages_come_after_one_another(tmp_path: Path) -> None:
    """Several messages of a file are evaluated as handle does it, each on what the last one has left."""
    messages = tmp_path / "messages.jsonl"
    messages.write_text(
        '{"From": "ann", "Action": "Eval", "Data": "N = 1"}\n{"From": "ann", "Action": "Eval", "Data": "N = 2"}'
    )
    ran = ao_run("trace", "-vvv", "-p", TOKEN, "--owner", "ann", str(messages))
    assert [line for line in ran.out.splitlines() if " N: " in line] == ["  + N: 1", "  ~ N: 1 → 2"]


def test_exit_codes() -> None:
    """A message that fails is exit code 1, a limit 4: as handle has it."""
    failing = ["trace", "-p", TOKEN, "--from", "ann", "Action=Transfer"]
    assert ao_run(*failing).code == 1
    assert ao_run("trace", "--limit-instructions", "100000", "Action=Eval", "Data=while true do end").code == 4
    assert ao_run("trace", "-p", TOKEN).code == 2


def test_as_json_it_has_all() -> None:
    """With --json: one object for each message, whatever the level."""
    ran = ao_run(
        "trace",
        "--json",
        "-p",
        TOKEN,
        "--owner",
        "ann",
        "--from",
        "ann",
        "Action=Transfer",
        "Recipient=b",
        "Quantity=1",
    )
    (found,) = ran.results
    (message,) = found["messages"]
    assert [(one["name"], one["outcome"]) for one in message["handlers"]] == [
        ("_eval", "no"),
        ("info", "no"),
        ("balance", "no"),
        ("transfer", "took"),
    ]
    assert message["changes"] == [
        {"path": "Balances.ann", "kind": "changed", "before": "1000000", "after": "999999"},
        {"path": "Balances.b", "kind": "added", "before": None, "after": "1"},
    ]


def test_a_page(tmp_path: Path) -> None:
    """With --html: a page, and nothing on stdout."""
    page = tmp_path / "trace.html"
    ran = ao_run("trace", "-p", TOKEN, "--html", str(page), "Action=Info")
    assert (ran.code, ran.out) == (0, "")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    ran = ao_run("trace", "-p", TOKEN, "--html", str(tmp_path / "no" / "x.html"), "Action=Info")
    assert (ran.code, "No such file or directory" in ran.err, "Traceback" in ran.err) == (5, True, False)


def test_a_process_in_a_file_stays_as_it_is(tmp_path: Path) -> None:
    """With --state messages go to the process as it is there, and the file keeps nothing of them."""
    state = str(tmp_path / "points.ao")
    ao_run(
        "handle",
        "-p",
        TOKEN,
        "--owner",
        "ann",
        "--state",
        state,
        "--from",
        "ann",
        "Action=Transfer",
        "Recipient=bob",
        "Quantity=1",
    )
    before = ao_run("log", "--json", state).out
    ran = ao_run("trace", "-vvv", "--state", state, "--from", "bob", "Action=Transfer", "Recipient=cy", "Quantity=1")
    assert "  ~ Balances.bob: 1 → 0" in ran.out.splitlines()
    assert ao_run("log", "--json", state).out == before


def test_a_message_of_a_journal(tmp_path: Path) -> None:
    """A journal and a number: what was evaluated then is evaluated again, with what it had read."""
    state = str(tmp_path / "points.ao")
    (tmp_path / "lib.lua").write_text("return 'read'")
    (tmp_path / "main.lua").write_text("Handlers.add('h', 'T', function() X = require('lib') end)")
    ao_run(
        "handle",
        "-p",
        str(tmp_path / "main.lua"),
        "--owner",
        "ann",
        "--tag",
        "Name=P",
        "--state",
        state,
        "--from",
        "ann",
        "Action=T",
    )
    (tmp_path / "lib.lua").unlink()
    ran = ao_run("trace", "-vvv", state, "1")
    assert (ran.code, without_numbers(ran.out)) == (
        0,
        """\
[…] P.T(From=ann)
  ✗ _eval: Action = "Eval": no, it is "T"
  ✓ h […]: Action = "T": yes
  + X: "read"
""",
    )
    assert ao_run("trace", state, "0").out.startswith("[")
    ran = ao_run("trace", state, "7")
    assert (ran.code, ran.err) == (2, "error: MESSAGE: there is no message 7 (there are 0 to 1)\n")
    assert ao_run("trace", state, "x").code == 2


NET = """\
[…] Points.Transfer(From=ann, Recipient=till, Quantity=5) → 2 messages
  ✓ transfer […]
    ✉ message Debit-Notice to ann(Quantity=5, Recipient=till)
    ✉ message Credit-Notice to till(Quantity=5, Sender=ann)
  […] till.Credit-Notice(From=Points, Quantity=5, Sender=ann)
    ✓ in […]
      │ got 5
"""


@pytest.fixture
def town(tmp_path: Path) -> str:
    """A network with a token and a till."""
    folder = str(tmp_path / "town")
    code = 'Handlers.add("in", "Credit-Notice", function(msg) print("got " .. msg.Quantity) end)'
    ao_run("net", "init", folder, "--wallet", "ann")
    ao_run("net", "spawn", folder, TOKEN, "--owner", "ann", "--name", "Points")
    ao_run("net", "spawn", folder, "--owner", "ann", "--name", "till", "--code", code)
    return folder


def test_a_network(town: str) -> None:
    """In a network's folder -v shows the same when it is sent, in its tree, and traced later; nothing changes there."""
    words = [town, "Points", "--from", "ann", "Action=Transfer", "Recipient=till", "Quantity=5"]
    sent = ao_run("net", "send", "-v", *words)
    log = ao_run("net", "log", town).out
    seen = [ao_run("net", "tree", "-v", town, "Points#1"), ao_run("trace", "-v", town, "Points#1")]
    assert [without_numbers(one.out) for one in (sent, *seen)] == [NET] * 3
    assert ao_run("net", "tree", town, "Points#1").out == ao_run("net", "tree", town, "Points#1", "--root").out
    assert (ao_run("net", "log", town).out, ao_run("net", "verify", town).code) == (log, 0)
    (found,) = ao_run("trace", "--json", town, "till#1").results
    assert [one["name"] for one in found["messages"]] == ["till"]
    ran = ao_run("trace", town, "Points#9")
    assert (ran.code, "there is no message 9" in ran.err) == (1, True)
    assert ao_run("trace", town).code == 2


def test_all_that_show_trees(town: str) -> None:
    """-v is the same ladder in each command that shows trees."""
    ran = ao_run("net", "eval", "-vvv", town, "till", "X = 1")
    assert ran.out.splitlines()[-1] == "  + X: 1"
    code = 'Handlers.add("cron", "Tick", function() N = (N or 0) + 1 end)'
    cron = ["--tag", "Cron-Interval=1-minute", "--tag", "Cron-Tag-Action=Tick", "--monitor"]
    ran = ao_run("net", "spawn", "-vvv", town, "--owner", "ann", "--name", "clock", "--code", code, *cron)
    assert [line.partition(": ")[0] for line in ran.out.splitlines()[4:]] == [
        "  + Handlers.list.cron",
        "  + Inbox[1]",
        "  + Name",
        "  + Owner",
    ]
    ran = ao_run("net", "tick", "-vvv", town, "--advance", "2m", "--json")
    assert len(ran.results[0]["ticks"]) == 2
    ran = ao_run("net", "tick", "-vvv", town, "--advance", "2m")
    assert [line for line in ran.out.splitlines() if "N:" in line] == ["  ~ N: 2 → 3", "  ~ N: 3 → 4"]


def test_a_scenario() -> None:
    """A scenario is played in a network in memory: of each message the trace; and `net run -v` shows the same."""
    ran = ao_run("trace", "-v", SCENARIO)
    played = ao_run("net", "run", "-v", "--memory", SCENARIO)
    assert ran.out.splitlines() == played.out.splitlines()[:-1]
    assert json.loads(ao_run("trace", "--json", SCENARIO).out.splitlines()[1])["messages"][0]["action"] == "Transfer"


def test_the_ladder_is_counted() -> None:
    """-vv and -v -v are the same; more than four is four."""
    words = ["-p", TOKEN, "--owner", "ann", "--from", "ann", "Action=Info"]
    assert ao_run("trace", "-vv", *words).out == ao_run("trace", "-v", "-v", *words).out
    assert ao_run("trace", "-vvvvvv", *words).out == ao_run("trace", "-vvvv", *words).out
