"""`ao-run net get`, `process`, `log` and `tree`: what is in a network, while somebody writes there or not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ao_runtime import Network

from ..running import Ran
from .town import CLOCK, net, shape, town, transfer


def test_get(tmp_path: Path) -> None:
    """Values with names in place of ids, at paths with names; with --json on one line, ids as they are."""
    folder = town(tmp_path / "town")
    assert net("get", folder, "Points", "Balances") == Ran(0, '{\n  "bob": 250,\n  "alice": 999750\n}\n', "")
    assert net("get", folder, "Points", "Balances.bob") == Ran(0, "250\n", "")
    assert net("get", folder, "Points", "Balances['bob']") == Ran(0, "250\n", "")
    assert net("get", folder, "Points", "Balances.@bob") == Ran(0, "250\n", "")
    assert net("get", folder, "Points", "Balances.carol") == Ran(0, "null\n", "")
    assert net("get", folder, "Points", "Balances.bob", "--at", "0") == Ran(0, "null\n", "")
    [balances] = net("get", folder, "Points", "Balances", "--json").results
    assert sorted(map(len, balances)) == [43, 43]
    assert net("get", folder, min(balances), "Supply").err.endswith("(it is the address of a wallet)\n")


def test_get_of_keys_that_are_names(tmp_path: Path) -> None:
    """What has that very key comes first; two keys that would be called the same stay what they are."""
    folder = town(tmp_path / "town")
    net("eval", folder, "Points", "Balances.bob = 'text'")
    assert net("get", folder, "Points", "Balances.bob").out == '"text"\n'
    assert net("get", folder, "Points", "Balances.@bob").out == "250\n"
    assert sorted(len(key) for key in json.loads(net("get", folder, "Points", "Balances").out)) == [3, 5, 43]


def test_what_cannot_be_got(tmp_path: Path) -> None:
    """No such message, no such path."""
    folder = town(tmp_path / "town")
    ran = net("get", folder, "Points", "Supply", "--at", "9")
    assert ran == Ran(2, "", "error: nonce: there is no message 9 (there are 0 to 1)\n")
    assert net("get", folder, "Points", "Supply.x").code == 2


def test_processes(tmp_path: Path) -> None:
    """All of them in a table, and one with all that is known of it."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", CLOCK, "--owner", "bob", "--name", "clock", "--tag", "Cron-Interval=5-minutes")
    code = "Handlers.add('Ask', 'Ask', function(msg) Send({ Target = ao.id, Action = 'No' }).receive() end)"
    net("spawn", folder, "--code", code, "--name", "asker")
    net("send", folder, "asker", "Action=Ask")
    ids = "<id>".ljust(4)
    assert shape(net("process", folder)) == Ran(
        0,
        "name    id                                           messages  owner\n"
        f"Points  {ids}         2  alice\nclock   {ids}         1  bob\nasker   {ids}         3  owner\n",
        "",
    )
    assert shape(net("process", folder, "clock")) == Ran(
        0,
        "name       clock\nid         <id>\nowner      bob\nmodule     <id>\nmessages   1\n"
        "cron       every 300 seconds\nmonitored  no\n",
        "",
    )
    [one, two, three] = net("process", folder, "--json").results
    assert list(one) == ["id", "name", "owner", "module", "messages", "waiting", "cron", "monitored", "tags"]
    assert [told["name"] for told in (one, two, three)] == ["Points", "clock", "asker"]
    assert two["cron"] == [{"every": 300, "unit": "seconds"}]
    assert three["waiting"][0]["since"] == 1
    assert "waits      for From = asker, X-Reference = 1, since message 1\n" in net("process", folder, "asker").out


def test_monitored(tmp_path: Path) -> None:
    """It is said, stays, also where the index is lost, and is taken back."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", CLOCK, "--name", "clock", "--tag", "Cron-Interval=1-minute")
    assert net("process", folder, "clock", "--monitor").out.endswith("monitored  yes\n")
    (folder / "network.db").unlink()
    assert net("process", folder, "clock").out.endswith("monitored  yes\n")
    assert net("process", folder, "clock", "--unmonitor").out.endswith("monitored  no\n")
    assert net("process", folder, "clock").out.endswith("monitored  no\n")
    assert net("process", folder, "--monitor").code == 2


def test_log(tmp_path: Path) -> None:
    """All messages in the order of time, each called as `tree` wants it, or those of one process."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", CLOCK, "--name", "clock", "--owner", "Points")
    transfer(folder, "x")
    rows = [
        "message   time                 from        action              result",
        "Points#0  2023-11-14 22:13:20  alice       Process",
        "Points#1  2023-11-14 22:13:20  alice       Transfer            → alice Debit-Notice, → bob Credit-Notice",
        "Points#2  2023-11-14 22:13:20  alice       Transfer            "
        "error: aos:24: Quantity must be a whole number above zero",
    ]
    assert net("log", folder, "Points") == Ran(0, "\n".join(rows) + "\n", "")
    rows.insert(2, "clock#0   2023-11-14 22:13:20  Points      Process")
    assert net("log", folder) == Ran(0, "\n".join(rows) + "\n", "")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["Points#0", "Points#1", "Points#2", "Points#3"]),
        (["--from-process", "bob"], ["Points#3"]),
        (["--action", "Transfer"], ["Points#1", "Points#2", "Points#3"]),
        (["--errors"], ["Points#2"]),
        (["--since", "2"], ["Points#2", "Points#3"]),
        (["--to", "1"], ["Points#0", "Points#1"]),
        (["--last", "2"], ["Points#2", "Points#3"]),
        (["--last", "1", "--action", "Transfer", "--from-process", "alice"], ["Points#2"]),
        (["--from-process", "nobody"], []),
    ],
)
def test_filters(tmp_path: Path, options: list[str], names: list[str]) -> None:
    """As those of `ao-run log`."""
    folder = town(tmp_path / "town")
    transfer(folder, "x")
    transfer(folder, "1", "bob", "alice")
    for which in ([], ["Points"]):
        lines = net("log", folder, *which, "--json", *options).results
        assert [f"{line['name']}#{line['nonce']}" for line in lines] == names
        assert re.findall(r"^Points#\d", net("log", folder, *which, *options).out, re.MULTILINE) == names


def test_a_wallets_log(tmp_path: Path) -> None:
    """What was sent to it."""
    folder = town(tmp_path / "town")
    assert net("log", folder, "bob") == Ran(0, "Points                Credit-Notice(Quantity=250, Sender=alice)\n", "")
    [line] = net("log", folder, "bob", "--json").results
    assert list(line) == ["id", "from", "action", "message"]
    assert (line["from"], line["action"]) == ("Points", "Credit-Notice")
    assert net("log", folder, "bob", "--action", "Debit-Notice") == Ran(0, "", "")
    ran = net("log", folder, "carol")
    assert ran == Ran(1, "", "error: there is no process or wallet carol (ao-run net process lists the processes)\n")


def test_tree(tmp_path: Path) -> None:
    """The tree that `send` printed, by the message's id and by its number; --root goes up to the wallet's."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", "Handlers.add('all', function() return true end, function() end)", "--name", "shop")
    [told] = transfer(folder, "5", "alice", "shop", "--json").results
    lines = (
        "[n] Points.Transfer(From=alice, Recipient=shop, Quantity=5) → 2 messages\n"
        "  ✉ message Debit-Notice to alice(Quantity=5, Recipient=shop)\n"
        "  [n] shop.Credit-Notice(From=Points, Quantity=5, Sender=alice)\n"
    )
    for which in ([told["id"]], ["Points#2"], [f"{told['process']}#2"], ["shop#1", "--root"]):
        assert shape(net("tree", folder, *which)) == Ran(0, lines, "")
    assert shape(net("tree", folder, "shop#1")).out == "[n] shop.Credit-Notice(From=Points, Quantity=5, Sender=alice)\n"
    [again] = net("tree", folder, "Points#2", "--json").results
    assert again == told


def test_a_tree_of_what_failed(tmp_path: Path) -> None:
    """Its error and its line; and of what nobody took, that it was refused."""
    folder = town(tmp_path / "town")
    transfer(folder, "x")
    assert shape(net("tree", folder, "Points#2")).out == (
        "[n] Points.Transfer(From=alice, Recipient=bob, Quantity=x) ✗\n"
        "  error: Quantity must be a whole number above zero (aos:24)\n"
    )
    net("eval", folder, "Points", "ao.spawn('nothing', {})")
    assert shape(net("tree", folder, "Points#3")).out == (
        "[n] Points.Eval(From=alice) → 1 spawn\n  ✗ spawn to nobody: was refused\n"
    )


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ("Points#9", "Points: there is no message 9 (there are 0 to 1)"),
        ("Pints#1", "there is no process 'Pints' (did you mean Points?)"),
        (
            "nothing",
            "there is no message nothing (an id, or a process and a number: Points#3; ao-run net log has them)",
        ),
    ],
)
def test_no_such_message(tmp_path: Path, message: str, complaint: str) -> None:
    """What it is, and how one is called."""
    assert net("tree", town(tmp_path / "town"), message) == Ran(1, "", f"error: {complaint}\n")


def test_mail_has_no_tree(tmp_path: Path) -> None:
    """A message to a wallet is known, and nobody has evaluated it."""
    folder = town(tmp_path / "town")
    [line] = net("log", folder, "bob", "--json").results
    complaint = f"error: {line['id']}: is a message to a wallet: nobody has evaluated it\n"
    assert net("tree", folder, line["id"]) == Ran(1, "", complaint)


def test_while_somebody_writes(tmp_path: Path) -> None:
    """All that only look do so at any time, and see what is there."""
    folder = town(tmp_path / "town")
    with Network.open(folder) as network:
        network.send("alice", "Points", Action="Transfer", Recipient=network.wallet("bob"), Quantity="1")
        assert net("get", folder, "Points", "Balances.bob").out == "251\n"
        assert net("log", folder, "--last", "1").out.splitlines()[1].startswith("Points#2 ")
        assert net("tree", folder, "Points#2").out.count("\n") == 3
        assert net("process", folder).out.count("\n") == 2
        assert net("log", folder, "bob").out.count("\n") == 2
        assert net("verify", folder).out == "1 processes, 3 messages: all as recorded\n"
        assert net("backup", folder, str(tmp_path / "copy")).code == 0
    assert net("get", tmp_path / "copy", "Points", "Balances.bob").out == "251\n"


@pytest.mark.parametrize(
    "words", [["get", "P", "X"], ["log"], ["tree", "P#1"], ["process"], ["verify"], ["backup", "new"], ["tick"]]
)
def test_what_is_no_network(tmp_path: Path, words: list[str]) -> None:
    """Every command says that there is none, with exit code 2, and makes none."""
    folder = tmp_path / "nowhere"
    ran = net(words[0], folder, *words[1:])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: folder: {folder} holds no network (ao-run net init ")
    assert not folder.exists()


def test_what_processes_do_to_a_terminal(tmp_path: Path) -> None:
    """Nothing: control characters are made visible in trees, logs, lists and names."""
    folder = tmp_path / "town"
    net("init", folder)
    bad = "a\x1b[2Jb\x07"
    net("spawn", folder, "--code", f"Name2 = 1 Send({{ Target = Owner, Action = '{bad}' }})", "--name", bad)
    net("send", folder, bad, f"Action={bad}", f"Text={bad}")
    net("eval", folder, bad, "print('\\27]0;hi\\7') error('\\27[2J')")
    ran = [
        net(*words)
        for words in (("log", folder), ("process", folder), ("process", folder, bad), ("log", folder, "owner"))
    ]
    ran += [net("tree", folder, f"{bad}#{number}") for number in range(3)]
    assert all(one.code == 0 and one.out for one in ran)
    assert not [letter for one in ran for letter in one.out if ord(letter) < 32 and letter != "\n"]
