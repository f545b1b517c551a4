"""`ao-run net send` and `eval`: a message, and all that follows from it."""

from __future__ import annotations

import json
from pathlib import Path

from ..running import Ran, ao_run_outside
from .town import net, shape, town, transfer

ASKER = """
Handlers.add("Ask", "Ask", function(msg)
  local answer = Send({ Target = msg.Tags.Whom, Action = "Info" }).receive()
  Send({ Target = msg.From, Action = "Told", Ticker = answer.Tags.Ticker })
end)
Handlers.add("Credit", "Credit-Notice", function(msg) error("not wanted") end)
"""


def test_a_tree(tmp_path: Path) -> None:
    """What was sent on stands below what sent it; wallets and processes have their names."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", ASKER, "--name", "asker", "--owner", "bob")
    ran = net("send", folder, "asker", "--from", "bob", "Action=Ask", "Whom=Points")
    assert shape(ran) == Ran(
        0,
        "[n] asker.Ask(From=bob, Whom=Points) → 1 message\n"
        "  [n] Points.Info(From=asker) → 1 message\n"
        "    [n] asker.message(From=Points, Name=Points, Supply=1000000, Ticker=PTS) → 1 message\n"
        "      ✉ message Told to bob(Ticker=PTS)\n",
        "",
    )


def test_an_error_further_down(tmp_path: Path) -> None:
    """It stands in the tree with its line of Lua, and is the exit code."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", ASKER, "--name", "asker", "--owner", "bob")
    assert shape(transfer(folder, "1", recipient="asker")) == Ran(
        1,
        "[n] Points.Transfer(From=alice, Recipient=asker, Quantity=1) → 2 messages\n"
        "  ✉ message Debit-Notice to alice(Quantity=1, Recipient=asker)\n"
        "  [n] asker.Credit-Notice(From=Points, Quantity=1, Sender=alice) ✗\n"
        "    error: not wanted (aos:6)\n"
        '    6 | Handlers.add("Credit", "Credit-Notice", function(msg) error("not wanted") end)\n',
        "",
    )


def test_exit_codes(tmp_path: Path) -> None:
    """1 for a message that fails or is refused, 4 for a limit, 2 for what makes no sense; the folder goes on."""
    folder = tmp_path / "town"
    net("init", folder, "--limit-instructions", "100000")
    net("spawn", folder, "--code", "X = 1", "--name", "one")
    assert net("eval", folder, "one", "error('no')").code == 1
    assert net("eval", folder, "one", "while true do end").code == 4
    assert net("send", folder, "two", "X=1") == Ran(1, "", "error: there is no process 'two'\n")
    assert net("send", folder, "onne", "X=1") == Ran(1, "", "error: there is no process 'onne' (did you mean one?)\n")
    assert net("send", folder, "one").code == 2
    assert net("send", folder, "one", "form=bob").err == (
        "error: form: there is no field form (did you mean from_= (From)? A tag of that name is given by tags=)\n"
    )
    anchored = net("send", folder, "one", "-", input='{"Anchor": "short", "Action": "X"}')
    assert anchored == Ran(2, "", "error: standard input:1, Anchor: must have 32 bytes, found 5\n")
    assert net("eval", folder, "one", "return X").out.splitlines()[0] == "1"


def test_names_stand_for_addresses(tmp_path: Path) -> None:
    """As values of tags, but for Action and Name; @ makes a wallet; what stands in a list of Tags is as it is."""
    folder = town(tmp_path / "town")
    net("spawn", folder, "--code", "Handlers.add('all', function() return true end, function(msg) Got = msg.Tags end)")
    alice = net("eval", folder, "Points", "return Owner").out.splitlines()[0]
    assert net("send", folder, "process", "Action=bob", "Name=alice", "To=alice", "New=@dora", "Text=nobody").code == 0
    [got] = net("get", folder, "process", "Got", "--json").results
    [dora] = net("get", folder, "process", "Got.New", "--json").results
    assert got | {"To": alice, "New": dora, "Action": "bob", "Name": "alice", "Text": "nobody"} == got
    assert len(dora) == 43
    assert net("get", folder, "process", "Got.New").out == '"dora"\n'
    message = {"From": "bob", "To": "alice", "Tags": [{"name": "Literal", "value": "alice"}]}
    assert net("send", folder, "process", "-", input=json.dumps(message)).code == 0
    [got] = net("get", folder, "process", "Got", "--json").results
    assert (got["To"], got["Literal"]) == (alice, "alice")


def test_messages_of_a_file(tmp_path: Path) -> None:
    """A tree for each, one after the other; the worst is the exit code."""
    folder = town(tmp_path / "town")
    file = tmp_path / "messages.jsonl"
    messages = [
        {"From": "bob", "Action": "Transfer", "Recipient": "alice", "Quantity": "50"},
        {"From": "bob", "Action": "Transfer", "Recipient": "alice", "Quantity": "-1"},
        {"From": "carol", "Action": "Balance"},
    ]
    file.write_text("\n".join(map(json.dumps, messages)))
    ran = net("send", folder, "Points", str(file))
    heads = [line for line in shape(ran).out.splitlines() if line.startswith("[n]")]
    assert (ran.code, heads) == (
        1,
        [
            "[n] Points.Transfer(From=bob, Recipient=alice, Quantity=50) → 2 messages",
            "[n] Points.Transfer(From=bob, Recipient=alice, Quantity=-1) ✗",
            "[n] Points.Balance(From=carol) → 1 message",
        ],
    )
    assert net("get", folder, "Points", "Balances.bob").out == "200\n"


def test_json(tmp_path: Path) -> None:
    """One object a line: message, result, failure, and the tree."""
    folder = town(tmp_path / "town")
    [told] = transfer(folder, "x", "alice", "bob", "--json").results
    assert list(told) == ["id", "process", "name", "nonce", "result", "failure", "tree"]
    assert (told["name"], told["nonce"]) == ("Points", 2)
    assert told["failure"]["message"] == "Quantity must be a whole number above zero"
    assert told["result"]["GasUsed"] == told["tree"]["instructions"]
    assert told["tree"]["from"] == "alice"
    [told] = transfer(folder, "1", "alice", "bob", "--json").results
    assert [(sent["to"], sent["action"]) for sent in told["tree"]["sent"]] == [
        ("alice", "Debit-Notice"),
        ("bob", "Credit-Notice"),
    ]


def test_eval(tmp_path: Path) -> None:
    """The owner's Eval: what it gives, then its tree; code may come from standard input, and stays."""
    folder = town(tmp_path / "town")
    ran = net("eval", folder, "Points", "-", input="Supply = Supply + 1 Send({ Target = Owner }) return Supply")
    assert shape(ran) == Ran(0, "1000001\n[n] Points.Eval(From=alice) → 1 message\n  ✉ message to alice()\n", "")
    assert net("get", folder, "Points", "Supply").out == "1000001\n"


def test_isolated(tmp_path: Path) -> None:
    """Evaluated in children: what no instruction hook sees ends, too."""
    folder = tmp_path / "town"
    net("init", folder, "--limit-seconds", "1")
    net("spawn", folder, "--code", "X = 1", "--name", "one", "--isolate")
    hostile = "return string.find(string.rep('a', 100000), string.rep('.-', 40) .. 'b')"
    ran = ao_run_outside("net", "eval", str(folder), "one", hostile, "--isolate")
    assert ran.code == 4
    assert "one.Eval(From=owner) ✗" in ran.out
    assert net("eval", folder, "one", "return X", "--isolate").out.splitlines()[0] == "1"


def test_one_writer(tmp_path: Path) -> None:
    """A second one is told so, with exit code 5; readers are not."""
    from ao_runtime import Network

    folder = town(tmp_path / "town")
    with Network.open(folder):
        ran = transfer(folder, "1")
        assert (ran.code, ran.out) == (5, "")
        assert "another writer has it open" in ran.err
        assert net("get", folder, "Points", "Balances.bob").out == "250\n"
    assert transfer(folder, "1").code == 0
