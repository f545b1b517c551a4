"""How a network's processes begin: with a file, with code, with data, in every dialect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ao_runtime.errors import InputError, LoadError, RefusedError
from ao_runtime.network import AOS, Network, NetworkProcess

from .programs import OLD_PONG, PONG, alice, pairs, state


def tags_of(net: Network, process: NetworkProcess) -> list[tuple[str, str]]:
    """The tags of a process's item."""
    return pairs(net.scheduler.schedule(process.id).item)


def test_file(tmp_path: Path) -> None:
    """A file is the process's Data, evaluated at its beginning; its name is what people call it."""
    path = tmp_path / "counter.lua"
    path.write_text(PONG)
    net = Network()
    process = net.spawn(path, owner="alice")
    assert (process.name, process.owner, process.count) == ("counter", alice(net).address, 1)
    assert alice(net).send("counter", Action="Ping").messages[0].data == "pong 1"
    item = net.scheduler.schedule(process.id).item
    assert item.data == PONG.encode()
    assert net.spawn(str(path)).name == "counter-2"


def test_item() -> None:
    """It is an item as the client makes it: own tags, Authority, On-Boot, then the client's."""
    net = Network()
    process = net.spawn(code="X = 1", owner="alice", tags={"Colour": "red"})
    assert tags_of(net, process) == [
        ("Colour", "red"),
        ("Authority", net.messenger.address),
        ("On-Boot", "Data"),
        ("SDK", "aoconnect"),
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Process"),
        ("Module", AOS),
        ("Scheduler", net.scheduler.address),
        ("Timestamp", str(net.clock.now)),
    ]
    assert process.get("X") == 1
    assert process.spawn_result.ok


def test_own_authority() -> None:
    """An Authority of its own, or an On-Boot, stays as it is."""
    net = Network()
    process = net.spawn(code="X = 1", tags=[{"name": "Authority", "value": "a"}, {"name": "Authority", "value": "b"}])
    assert [value for name, value in tags_of(net, process) if name == "Authority"] == ["a", "b"]
    data = net.spawn(data="X = 1", tags={"On-Boot": "Data"})
    assert (data.get("X"), [value for name, value in tags_of(net, data) if name == "On-Boot"]) == (1, ["Data"])


def test_tags_of_wallets_and_processes() -> None:
    """Wallets and processes among the tags stand for their addresses."""
    net = Network()
    first = net.spawn(code="", name="first")
    second = net.spawn(code="", tags={"Token": first, "Admin": net.wallet("bob")})
    assert (second.get("ao.env.Process.Tags.Token"), second.get("ao.env.Process.Tags.Admin")) == (
        first.id,
        net.wallet("bob").address,
    )


def test_data() -> None:
    """Data is not evaluated by itself; there may be none."""
    net = Network()
    process = net.spawn(data="error('never')", owner="alice")
    assert net.scheduler.schedule(process.id).item.data == b"error('never')"
    assert "On-Boot" not in dict(tags_of(net, process))
    empty = net.spawn()
    assert net.scheduler.schedule(empty.id).item.data == b" "
    assert empty.owner == net.wallet("owner").address
    binary = net.spawn(data=bytes(range(256)))
    assert net.scheduler.schedule(binary.id).item.data == bytes(range(256))


def test_names() -> None:
    """What people call it: the given name, else its tag Name, else its file."""
    net = Network()
    assert net.spawn(code="", name="given", tags={"Name": "tag"}).name == "given"
    assert net.spawn(code="", tags={"Name": "tag"}).name == "tag"
    assert net.spawn(code="").name == "process"
    assert net.spawn(code="", tags={"Name": "tag"}).name == "tag-2"
    assert net.process("tag-2").count == 1


def test_handle() -> None:
    """A `NetworkProcess` is sent messages: from its owner, or from whom `From` names."""
    net = Network()
    process = net.spawn(code="Handlers.add('x', 'X', function(msg) F = msg.From end)", owner="alice")
    process.handle(Action="X")
    assert process.get("F") == alice(net).address
    process.handle(Action="X", From="bob")
    assert process.get("F") == net.wallet("bob").address
    process.handle({"Action": "X", "From": net.wallet("carol").address})
    assert process.get("F") == net.wallet("carol").address
    assert process.eval("return 1 + 1").text == "2"
    assert process.count == 5


def test_equality() -> None:
    """A process is equal to itself, however it was found, and is written as its id."""
    net = Network()
    process = net.spawn(code="", name="p")
    assert process == net.process("p") == net.processes[0]
    assert len({process, net.process(process.id)}) == 1
    assert process != process.id
    assert (str(process), process.address) == (process.id, process.id)
    assert repr(process) == f"<process p {process.id}, 1 messages>"


# ── what goes wrong ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "code", ["x = = 1", "error('no')", "local x = nil; x.y = 1", "Send({ Target = 'x' }) error('no')"]
)
@pytest.mark.parametrize("dialect", [None, "0.2.0", "1", "2.0.1"])
def test_load_error(code: str, dialect: str | None) -> None:
    """Code that fails is a `LoadError`, and nothing is left: no process, no name, no message, no count."""
    net = Network(dialect=dialect)
    first = net.spawn(code="X = 1", owner="alice", name="first")
    before, bytes_ = state(net), net.snapshot()
    with pytest.raises(LoadError):
        net.spawn(code=code, owner="alice", name="bad")
    assert (state(net), net.snapshot()) == (before, bytes_)
    assert net.labels.address("bad") is None
    assert first.get("X") == 1


def test_load_error_in_a_file(tmp_path: Path) -> None:
    """It names file and line."""
    path = tmp_path / "bad.lua"
    path.write_text("X = 1\n\nerror('no')\n")
    with pytest.raises(LoadError) as raised:
        Network().spawn(path)
    assert (raised.value.file, raised.value.line) == (str(path), 3)


def test_what_it_sends_is_delivered_afterwards() -> None:
    """What code sends at its beginning is delivered when it is there."""
    net = Network()
    process = net.spawn(
        code="Send({ Target = ao.env.Process.Owner, Data = 'born' }) Handlers.add('x', 'X', function() end)",
        owner="alice",
    )
    assert [message.data for message in alice(net).inbox] == ["born"]
    assert alice(net).inbox[0].tags["Pushed-For"] == process.id


@pytest.mark.parametrize(
    "given", [{"code": "", "data": ""}, {"path": "x.lua", "code": ""}, {"path": "x.lua", "data": ""}]
)
def test_one_of_them(given: Any) -> None:
    """File, code and data exclude one another."""
    with pytest.raises(InputError, match="give one of them: a file, code or data"):
        Network().spawn(**given)


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is an `InputError` that names it."""
    for path in (tmp_path / "none.lua", tmp_path):
        with pytest.raises(InputError) as raised:
            Network().spawn(path)
        assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    "tags", [{"X": 3}, {"X": None}, 3, [{"name": "x"}], [{"value": "x"}], [{}], [3], {"X": {"y": 1}}]
)
def test_bad_tags(tags: Any) -> None:
    """Tags that are no text are an `InputError`, and nothing is left."""
    net = Network()
    with pytest.raises(InputError):
        net.spawn(code="", tags=tags)
    with pytest.raises(InputError):
        net.store("data", tags)
    process = net.spawn(code="", name="p")
    with pytest.raises(InputError):
        alice(net).send(process, Tags=tags)
    assert (net.processes, process.count, net.labels.address("process"), net.storage.items()) == (
        [process],
        1,
        None,
        [],
    )


def test_bad_owner() -> None:
    """An owner that is nobody is an `InputError`."""
    with pytest.raises(InputError, match="must be a process, a wallet, an id or a name"):
        Network().spawn(code="", owner=3)  # type: ignore[arg-type]


# ── files and data ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_require(tmp_path: Path) -> None:
    """`require` finds the files beside the process's own, at its beginning and later, or those that are given."""
    (tmp_path / "main.lua").write_text("local helper = require('helper') X = helper.x")
    (tmp_path / "helper.lua").write_text("return { x = 41 }")
    (tmp_path / "later.lua").write_text("return 42")
    net = Network()
    process = net.spawn(tmp_path / "main.lua")
    assert (process.get("X"), process.eval("return require('later')").text) == (41, "42")
    given = net.spawn(code="X = require('m')", sources={"m": "return 7"})
    assert given.get("X") == 7
    other = net.spawn(tmp_path / "main.lua", sources={"helper": "return { x = 8 }"})
    assert other.get("X") == 8


def test_require_nothing(tmp_path: Path) -> None:
    """A file that is not there is an error at its place; one outside is not found."""
    (tmp_path / "secret.lua").write_text("return 'secret'")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "main.lua").write_text("require('secret')")
    net = Network()
    with pytest.raises(LoadError, match="secret"):
        net.spawn(tmp_path / "sub" / "main.lua")
    (tmp_path / "sub" / "main.lua").write_text("X = pcall(require, '../secret')")
    assert net.spawn(tmp_path / "sub" / "main.lua").get("X") is False


def test_child_has_no_files(tmp_path: Path) -> None:
    """A child that a process spawns is not read from its folder."""
    (tmp_path / "main.lua").write_text(
        "Spawn(ao.env.Module.Id, { Data = 'X = pcall(require, \"helper\")', Tags = { ['On-Boot'] = 'Data', Authority = ao.authorities[1] } })"
    )
    (tmp_path / "helper.lua").write_text("return 1")
    net = Network()
    net.spawn(tmp_path / "main.lua")
    assert net.processes[-1].get("X") is False


def test_stored_data() -> None:
    """What is stored is read as `/data/<id>`, and so is what was sent to a wallet; nothing else is."""
    net = Network()
    id = net.store(b"hello \xff", {"Content-Type": "text/plain"}, owner="bob")
    process = net.spawn(code=PONG, owner="alice")
    alice(net).send(process, Action="Ping")
    read = "local file = io.open('/data/%s') return file and file:read('a') or 'nothing'"
    for which, data in (
        (id, "hello \ufffd"),
        (net.storage.mail[0].id, "pong 1"),
        ("A" * 43, "nothing"),
        ("../x", "nothing"),
    ):
        assert process.eval(read % which).text == data


def test_on_boot_by_id() -> None:
    """`On-Boot=<id>` has a process begin with what is stored under that id."""
    net = Network()
    id = net.store("X = 'from the storage'")
    process = net.spawn(data="nothing", tags={"On-Boot": id})
    assert process.get("X") == "from the storage"
    with pytest.raises(RefusedError, match="Invalid tx id for On-Boot tag"):
        net.spawn(data="", tags={"On-Boot": "A" * 43})


def test_on_boot_by_file(tmp_path: Path) -> None:
    """So it does with what lies beside the network: a folder or a mapping of data by id."""
    (tmp_path / ("D" * 43)).write_text("X = 'from a folder'")
    for files in (tmp_path, {"D" * 43: b"X = 'from a folder'"}):
        assert Network(files=files).spawn(data="", tags={"On-Boot": "D" * 43}).get("X") == "from a folder"


# ── dialects and limits ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dialect", ["0.2.0", "1"])
def test_old_dialects(dialect: str) -> None:
    """In dialects without On-Boot the code is evaluated by an Eval of the owner: two messages."""
    net = Network(dialect=dialect)
    process = net.spawn(code=OLD_PONG, owner="alice")
    assert process.count == 2
    assert "On-Boot" not in dict(tags_of(net, process))
    item = process.evaluations[1].item
    assert item is not None
    assert (item.action, item.owner) == ("Eval", alice(net).address)
    assert alice(net).send(process, Action="Ping").messages[0].data == "pong 1"


@pytest.mark.parametrize("dialect", ["2.0.1", "2.0.3", "2.0.6"])
def test_new_dialects(dialect: str) -> None:
    """In the others it is the process's Data: one message."""
    net = Network(dialect=dialect)
    process = net.spawn(code=PONG, owner="alice")
    assert process.count == 1
    assert alice(net).send(process, Action="Ping").messages[0].data == "pong 1"


def test_dialects_together() -> None:
    """Processes of several dialects live in one network, and answer one another."""
    net = Network(modules={"A" * 43: "1"})
    old = net.spawn(code=OLD_PONG, owner="alice", module="A" * 43, name="old")
    new = net.spawn(code="Handlers.add('p', 'Pong', function(msg) Got = msg.Data end)", owner="alice", name="new")
    new.eval(f"Send({{ Target = '{old.id}', Action = 'Ping' }})")
    assert new.get("Got") == "pong 1"


def test_no_dialect() -> None:
    """A dialect that there is not is an `InputError` that names those that there are."""
    with pytest.raises(InputError, match=r"there is no dialect '3\.0'.*2\.0\.6"):
        Network(dialect="3.0")


def test_limits() -> None:
    """Limits of the network are those of all processes; a process may have its own."""
    net = Network(limits={"instructions": 10**6})
    one, two = net.spawn(code="", name="one"), net.spawn(code="", name="two", limits={"instructions": 10**4})
    loop = "for i = 1, 50000 do end"
    assert one.eval(loop).ok
    for process, code in ((one, "while true do end"), (two, loop)):
        failure = process.eval(code).result.failure
        assert failure is not None
        assert failure.limit == "instructions"
    with pytest.raises(InputError):
        Network(limits={"instructions": -1})
    with pytest.raises(LoadError):
        net.spawn(code="while true do end")
