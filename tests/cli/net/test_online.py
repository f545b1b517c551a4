"""`ao-run net … --url URL`: the commands on a running network, as the user of a shell has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Process, Wallet
from ao_runtime.cli.net.online import COMMANDS, LOCAL_ONLY
from ao_runtime.cli.net.online.get import lua_of
from ao_runtime.errors import InputError
from tests.units.serving import Served

from ..running import Ran, ao_run
from .town import CLOCK, TOKEN

ALICE = Wallet.from_ed25519(b"a" * 32)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server in memory."""
    served = Served()
    try:
        yield served
    finally:
        served.close()


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> str:
    """alice's wallet, in a file."""
    file = tmp_path_factory.mktemp("wallets") / "alice.json"
    ALICE.save(file)
    return str(file)


def online(server: Served, command: str, *words: str) -> Ran:
    """`ao-run net COMMAND … --url`."""
    return ao_run("net", command, *words, "--url", server.urls["gateway"])


@pytest.fixture(scope="module")
def points(server: Served, wallet: str) -> str:
    """alice's token there; its id."""
    ran = online(server, "spawn", TOKEN, "--from", wallet, "--name", "Points")
    assert (ran.code, ran.err) == (0, "")
    name, id = ran.out.splitlines()[0].split()
    assert (name, len(id)) == ("Points", 43)
    return id


def test_a_process_from_start_to_end(server: Served, points: str, wallet: str) -> None:
    """spawn, send, eval, get, process and log: what was sent is what is read, by name or by id."""
    words = ["Action=Transfer", "Recipient=" + "b" * 43, "Quantity=250"]
    sent = online(server, "send", "Points", *words, "--from", wallet, "--json")
    [told] = sent.results
    assert (sent.code, sent.err, told["process"]) == (0, "", points)
    actions = sorted(
        tag["value"] for one in told["result"]["Messages"] for tag in one["Tags"] if tag["name"] == "Action"
    )
    assert actions == ["Credit-Notice", "Debit-Notice"]
    assert online(server, "get", points, "Balances." + "b" * 43).out == "250\n"
    assert online(server, "get", "Points", f'Balances["{"b" * 43}"]', "--json").out == "250\n"
    assert online(server, "get", "Points", "Nothing.there").out == "null\n"
    evaluated = online(server, "eval", "Points", "Extra = 41 return Extra + 1", "--from", wallet)
    assert (evaluated.code, evaluated.out) == (0, "42\n")
    # The dry run of `get` sees what Eval has left, and leaves nothing.
    assert online(server, "get", "Points", "Extra").out == "41\n"
    listed = online(server, "process", "--json").results
    mine = [one for one in listed if one["id"] == points]
    assert [(one["name"], one["owner"]) for one in mine] == [("Points", ALICE.ao_address)]
    assert points in online(server, "process").out
    shown = online(server, "process", "Points")
    assert [line.split()[:2] for line in shown.out.splitlines()[:2]] == [["id", points], ["owner", ALICE.ao_address]]
    log = online(server, "log", "Points", "--json").results
    assert [one["nonce"] for one in log] == [0, 1, 2]
    lines = online(server, "log", "Points", "--last", "1").out.splitlines()
    assert len(lines) == 2
    assert lines[1].split()[0] == "#2"
    assert lines[1].endswith("42")


def test_errors_of_a_process_and_their_exit_code(server: Served, wallet: str) -> None:
    """A message that fails is shown as one in a folder: the error on stderr, exit code 1."""
    assert online(server, "spawn", "--code", "A = 1", "--from", wallet, "--name", "failing").code == 0
    ran = online(server, "eval", "failing", 'error("no")', "--from", wallet)
    assert (ran.code, ran.out) == (1, "(failed)\n")
    assert ran.err.startswith("error:")
    assert "no" in ran.err


def test_monitoring(server: Served, wallet: str) -> None:
    """--monitor and --unmonitor are signed; a process that is monitored is told so by the mu."""
    words = ["--code", CLOCK, "--from", wallet, "--name", "clock", "--tag", "Cron-Interval=1-hour"]
    assert online(server, "spawn", *words, "--monitor").code == 0
    again = online(server, "process", "clock", "--monitor", "--from", wallet)
    assert (again.code, "already being monitored" in again.err) == (6, True)
    assert online(server, "process", "clock", "--unmonitor", "--from", wallet).code == 0
    unsigned = online(server, "process", "clock", "--monitor")
    assert (unsigned.code, "--from WALLET.json is needed" in unsigned.err) == (2, True)


@pytest.mark.parametrize("command", sorted(LOCAL_ONLY))
def test_what_makes_no_sense_over_http_says_so(command: str) -> None:
    """No server is asked: the reason, and exit code 2."""
    ran = ao_run("net", command, "x", "--url=http://localhost:1")
    assert (ran.code, ran.out) == (2, "")
    assert f"ao-run net {command} has no --url: {LOCAL_ONLY[command]}" in ran.err.replace("\n", " ")


def test_every_command_is_here_or_says_why_not() -> None:
    """Each command of `ao-run net` works with --url, or has its reason; each that works has a help of its own."""
    from ao_runtime.cli.net import _COMMANDS

    assert sorted([*COMMANDS, *LOCAL_ONLY]) == sorted(_COMMANDS)
    for command in COMMANDS:
        ran = ao_run("net", command, "--url", "http://localhost:1", "--help")
        assert (ran.code, "FOLDER" in ran.out.split("Options:")[0], "--url" in ran.out) == (0, False, True), command


def test_a_word_after_two_dashes_is_no_option(tmp_path: Path) -> None:
    """`-- --url` is a message's word: it is the folder that is missing."""
    ran = ao_run("net", "send", str(tmp_path / "none"), "x", "--", "--url=1")
    assert (ran.code, "network" in ran.err) == (2, True)


def test_nobody_there_and_nobody_called_so(server: Served, wallet: str) -> None:
    """Errors for people: no server (6), a name that no process has (2), two of one name (2)."""
    ran = ao_run("net", "get", "x", "y", "--url", "http://localhost:9")
    assert (ran.code, "cannot be reached" in ran.err) == (6, True)
    ran = online(server, "get", "nobody", "Balances")
    assert (ran.code, "no process is called 'nobody'" in ran.err) == (2, True)
    for _ in range(2):
        assert online(server, "spawn", "--code", "A = 1", "--from", wallet, "--name", "twin").code == 0
    ran = online(server, "get", "twin", "A")
    assert (ran.code, "2 processes are called 'twin'" in ran.err) == (2, True)


def test_what_strangers_wrote_harms_no_terminal(server: Served, wallet: str) -> None:
    """A name with escape sequences is shown without them."""
    id = server.spawn("A = 1", Name="bad\x1b[2Jname\x07")
    for ran in (online(server, "process"), online(server, "process", id)):
        assert ran.code == 0
        assert "\x1b[2J" not in ran.out
        assert "\x07" not in ran.out


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\"'[]", exclude_categories=("Cs",)), min_size=1, max_size=12),
        min_size=1,
        max_size=3,
    )
)
def test_a_path_is_never_code(keys: list[str]) -> None:
    """Whatever a key is called, it is looked up under that name, and nothing of it is evaluated."""
    text = "Root" + "".join(f'["{key}"]' for key in keys)
    with Process.spawn(code="Root = {}") as process:
        walk = "Root = {} local at = Root "
        for number, key in enumerate(keys):
            raw = "".join(f"\\{byte:03d}" for byte in key.encode())
            last = number == len(keys) - 1
            walk += f'at["{raw}"] = {"7" if last else "{}"} ' + ("" if last else f'at = at["{raw}"] ')
        assert process.eval(walk).ok
        assert json.loads(process.eval(lua_of(text)).text) == 7


@pytest.mark.parametrize("path", ["", ".", "a..b", "[", 'a["b', "a[x]", "a[1"])
def test_what_is_no_path(path: str) -> None:
    """It is refused before anybody is asked."""
    with pytest.raises(InputError):
        lua_of(path)
