"""`ao-run net spawn`: processes of files and of code, with names, owners and tags."""

from __future__ import annotations

from pathlib import Path

from ..running import Ran
from .town import TOKEN, net, shape, town


def test_a_file(tmp_path: Path) -> None:
    """Its name and id, and the tree of its start; the name is its tag Name, and the owner a new wallet."""
    folder = tmp_path / "town"
    net("init", folder)
    ran = net("spawn", folder, TOKEN, "--owner", "carol", "--name", "Points", "--tag", "Ticker=PTS")
    assert shape(ran) == Ran(0, "Points  <id>\n[n] Points.boot(From=carol, Name=Points, Ticker=PTS)\n", "")
    assert net("get", folder, "Points", "Balances").out == '{\n  "carol": 1000000\n}\n'
    assert net("get", folder, "Points", "Name").out == '"Points"\n'


def test_names(tmp_path: Path) -> None:
    """Without a name it is called as its file; a name is given once."""
    folder = tmp_path / "town"
    net("init", folder)
    names = [shape(net("spawn", folder, TOKEN)).out.split()[0] for _ in range(2)]
    names.append(net("spawn", folder, "--code", "print('hi')").out.split()[0])
    names.append(net("spawn", folder, "--code", "X = 1", "--tag", "Name=tagged").out.split()[0])
    assert names == ["token", "token-2", "process", "tagged"]


def test_files_beside_it(tmp_path: Path) -> None:
    """`require` finds them, also later."""
    (tmp_path / "main.lua").write_text("local part = require('part') Value = part.value")
    (tmp_path / "part.lua").write_text("return { value = 7 }")
    folder = tmp_path / "town"
    net("init", folder)
    assert net("spawn", folder, str(tmp_path / "main.lua")).code == 0
    assert net("get", folder, "main", "Value").out == "7\n"
    assert net("eval", folder, "main", "return require('part').value").out.splitlines()[0] == "7"


def test_code_that_fails(tmp_path: Path) -> None:
    """Exit code 3, with its place; there is no such process then."""
    folder = tmp_path / "town"
    net("init", folder)
    (tmp_path / "bad.lua").write_text("X = 1\nerror('no')")
    ran = net("spawn", folder, str(tmp_path / "bad.lua"), "--name", "bad")
    assert (ran.code, ran.out) == (3, "")
    assert "bad.lua:2" in ran.err
    assert net("process", folder).out == ""
    assert net("spawn", folder, "--code", "X = 1", "--name", "bad").out.startswith("bad  ")


def test_json(tmp_path: Path) -> None:
    """One object: the process, its result, and the tree."""
    folder = tmp_path / "town"
    net("init", folder)
    [told] = net(
        "spawn", folder, "--code", "Send({ Target = 'x', Action = 'Born' })", "--name", "one", "--json"
    ).results
    assert list(told) == ["id", "process", "name", "nonce", "result", "failure", "tree"]
    assert (told["name"], told["nonce"], told["failure"]) == ("one", 0, None)
    assert told["id"] == told["process"]
    assert told["result"]["Messages"][0]["Target"] == "x"
    assert told["tree"]["sent"][0]["problem"] == "'x' is no address: an address has 43 characters"


def test_wrong_usage(tmp_path: Path) -> None:
    """A file that is not there, two codes, a module that nobody knows, a folder without a network."""
    folder = town(tmp_path / "town")
    assert net("spawn", folder, "nope.lua").err == "error: nope.lua: cannot be read: No such file or directory\n"
    assert "give one of them" in net("spawn", folder, TOKEN, "--code", "X = 1").err
    ran = net("spawn", folder, TOKEN, "--module", "x" * 43)
    assert (ran.code, ran.err[:31]) == (1, "error: there is no module xxx..")
    ran = net("spawn", tmp_path / "nowhere", TOKEN)
    advice = "(ao-run net init makes a network in a folder; Network.open does, too)"
    assert ran == Ran(2, "", f"error: folder: {tmp_path / 'nowhere'} holds no network {advice}\n")
    assert not (tmp_path / "nowhere").exists()
