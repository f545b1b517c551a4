"""A server whose units have RSA keys: everything it signs is as on the real network, and a kill changes no id."""

from __future__ import annotations

import asyncio
import json
import stat
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ao_runtime import Network
from ao_runtime.items import DataItem
from ao_runtime.network import RealClock, UnitKeys
from tests.cli.running import ao_run_outside
from tests.differential.fetch import OracleMissingError

from .conftest import CODE
from .npm import VERSIONS, ask
from .serving import ALICE, Served, eventually, message

RELAY = """
Handlers.add("Go", "Go", function(msg)
  Send({ Target = msg.Tags.To, Action = "Add", Data = msg.Data })
  msg.reply({ Action = "Gone", Data = msg.Data })
end)
"""
SINK = 'Got = {} Handlers.add("Add", "Add", function(msg) Got[#Got + 1] = msg.Data end)'
MAIL = """query ($who: String!) { transactions(recipients: [$who], tags: [{name: "Action", values: ["Gone"]}], first: 1000, sort: HEIGHT_ASC)
  { edges { node { id signature anchor recipient owner { address key } tags { name value } } } } }"""


def bytes_of(text: str) -> bytes:
    """The bytes of base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def item_of(told: dict[str, Any], target: str = "", data: str = "") -> DataItem:
    """The signed item that a unit's JSON tells of, put together from nothing else, as clients do it; it verifies."""
    anchor = (told["anchor"] or "").encode()
    tags = [(tag["name"], tag["value"]) for tag in told["tags"]]
    avro = DataItem.create(tags=tags).raw_tags
    signature, key = bytes_of(told["signature"]), bytes_of(told["owner"]["key"])
    assert (len(signature), len(key)) == (512, 512)
    where = b"\1" + bytes_of(target) if target else b"\0"
    mark = b"\1" + anchor if anchor else b"\0"
    sizes = len(tags).to_bytes(8, "little") + len(avro).to_bytes(8, "little")
    item = DataItem.parse(b"\1\0" + signature + key + where + mark + sizes + avro + data.encode())
    item.check()
    assert (item.id, item.address) == (told["id"], told["owner"]["address"])
    return item


def in_a_folder(folder: Path, keys: UnitKeys) -> Path:
    """A network that is there already: its keys need not be made."""
    Network.open(folder, signed=True, seed="x", keys=keys, clock=RealClock()).close()
    return folder


@pytest.fixture
def folder(tmp_path: Path, rsa_keys: UnitKeys) -> Path:
    """The folder of such a network."""
    return in_a_folder(tmp_path / "net", rsa_keys)


@pytest.fixture
def server(folder: Path) -> Iterator[Served]:
    """One that serves it."""
    served = Served(str(folder), "-q")
    yield served
    served.close()


def test_made_at_first(tmp_path: Path) -> None:
    """`--keys rsa` makes them once, for its owner alone; they are there again, and no other kind is taken then."""
    folder = tmp_path / "net"
    first = Served(str(folder), "--keys", "rsa")
    try:
        process = first.spawn(CODE)
        assert first.stop() == 0
        kept = {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}
        assert sorted(kept) == ["compute.json", "messenger.json", "scheduler.json", "user.json"]
        assert {json.loads(one)["kty"] for one in kept.values()} == {"RSA"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in (folder / "keys").iterdir()} == {0o600}
        assert "making RSA keys" in first.log
    finally:
        first.close()
    ran = ao_run_outside("serve", str(folder), "--port", "0", "--keys", "ed25519")
    words = f"error: keys: {folder} was made with rsa keys (leave it out: a network has its keys from its beginning)\n"
    assert (ran.code, ran.out, ran.err) == (2, "", words)
    for arguments in ((), ("--keys", "rsa")):
        again = Served(str(folder), *arguments)
        try:
            assert again.ready["addresses"] == first.ready["addresses"]
            assert "making" not in again.log
            assert str(again.eval(process, "return Count")) == "0"
        finally:
            again.close()
    assert {path.name: path.read_bytes() for path in (folder / "keys").iterdir()} == kept
    anew = Served(str(folder), "--reset")
    try:
        assert not {*anew.ready["addresses"].values()} & {*first.ready["addresses"].values()}
        assert not (folder / "keys").exists()
    finally:
        anew.close()


def test_what_the_units_sign(server: Served, rsa_keys: UnitKeys) -> None:
    """The su's assignments and the mu's messages, processes and mail are items of type 1, put together from JSON alone."""
    addresses = {unit: rsa_keys.wallets[unit].address for unit in ("scheduler", "messenger", "compute")}
    assert server.ready["addresses"] == addresses
    relay, sink = server.spawn(RELAY), server.spawn(SINK)
    server.message(relay, "Go", "x", To=sink)
    eventually(lambda: str(server.eval(sink, "return #Got")) == "1")
    pushed = 0
    for process in (relay, sink):
        for edge in server.get("su", f"/{process}").json()["edges"]:
            node = edge["node"]
            assert node["assignment"]["owner"]["key"] == rsa_keys.wallets["scheduler"].owner
            item_of(node["assignment"])
            told = node["message"]
            if told["owner"]["address"] == addresses["messenger"]:
                pushed += 1
                assert told["owner"]["key"] == rsa_keys.wallets["messenger"].owner
                item = item_of(told, told["target"], told["data"])
                raw = server.get("gateway", f"/raw/{item.id}")
                assert raw.content == item.data == b"x"
    assert pushed == 1
    [mail] = mail_of(server)
    assert mail["owner"] == told_owner(rsa_keys)
    assert item_of(mail, mail["recipient"], "x").target == ALICE.address


def told_owner(keys: UnitKeys) -> dict[str, str]:
    """The messenger, as units tell of it."""
    one = keys.wallets["messenger"]
    return {"address": one.address, "key": one.owner}


def mail_of(server: Served) -> list[dict[str, Any]]:
    """What the gateway knows of replies to the client's wallet."""
    found = server.graphql(MAIL, who=ALICE.address).json()["data"]["transactions"]["edges"]
    return [edge["node"] for edge in found]


def test_children(server: Served, rsa_keys: UnitKeys) -> None:
    """A process that a process has spawned is an item of the mu's, and so is what its parent hears of it."""
    parent = server.spawn("Handlers.add('Spawned', 'Spawned', function(msg) Child = msg.Tags.Process end)")
    server.message(parent, "Eval", "Spawn(ao.env.Module.Id, { Data = 'x' })")
    eventually(lambda: server.eval(parent, "return Child or ''") != "")
    child = server.eval(parent, "return Child")
    nodes = [edge["node"] for edge in server.get("su", f"/{child}").json()["edges"]]
    told = nodes[0]["message"]
    assert (told["id"], told["owner"]) == (child, told_owner(rsa_keys))
    assert item_of(told, "", told["data"]).id == child


def test_the_local_user(server: Served, rsa_keys: UnitKeys) -> None:
    """What the user of this machine sends in plain JSON is of type 1 as well."""
    process = server.spawn(CODE)
    answer = server.http.post(server.urls["gateway"] + "/message", json={"to": process, "action": "Ping", "data": "x"})
    assert answer.status_code == 202, answer.text
    told = server.get("su", f"/{process}").json()["edges"][-1]["node"]["message"]
    assert told["owner"]["key"] == rsa_keys.wallets["user"].owner
    item_of(told, told["target"], told["data"])


def test_the_published_client(server: Served) -> None:
    """aoconnect, unmodified, gets from it what it gets from any: each of its calls."""
    try:
        told = ask(server, VERSIONS[0])
    except OracleMissingError as missing:
        pytest.skip(str(missing))
    said = {"result": "a1", "dryrun": "dry3", "pushed": True, "assign": True, "large": str(1 << 20), "ticks": True}
    assert {name: told[name] for name in said} == said


# ── after a kill ───────────────────────────────────────────────────────────────────────────────────────────────────


class Order:
    """What the su tells of a process: ids of messages and of assignments, with signatures, in their order."""

    def __init__(self, server: Served, process: str) -> None:
        self.nodes = [edge["node"] for edge in server.get("su", f"/{process}", limit=5000).json()["edges"]]
        self.ids = [node["message"]["id"] for node in self.nodes]
        self.places = [(node["assignment"]["id"], node["assignment"]["signature"]) for node in self.nodes]


@pytest.mark.parametrize("messages", [160, pytest.param(3000, marks=pytest.mark.long)])
def test_a_kill_in_the_middle(folder: Path, rsa_keys: UnitKeys, messages: int) -> None:
    """After kill -9 everything that anybody was told of has its id and its signature still; nothing is lost, nothing twice.

    That are messages that were acknowledged, their places, what they have set off at other processes, and mail, which is
    on no disk but follows from what is.
    """
    server = Served(str(folder), "-q")
    try:
        ways = [(server.spawn(RELAY), server.spawn(SINK)) for _ in range(4)]
        taken: dict[str, list[str]] = {relay: [] for relay, _ in ways}
        send(server, ways, taken, messages // 4)
        before = {process: Order(server, process) for way in ways for process in way}
        mail_before = {one["id"]: one for one in mail_of(server)}
        assert mail_before
        send(server, ways, taken, messages, kill_after=messages // 2)
        server.process.wait()
    finally:
        server.close()
    again = Served(str(folder), "-q")
    try:
        for relay, sink in ways:
            edges = Order(again, relay)
            assert edges.ids[1 : len(taken[relay]) + 1] == taken[relay]
            # One more may be there whose answer nobody has had.
            assert len(edges.ids) - 1 - len(taken[relay]) in (0, 1)
            sent = [str(number) for number in range(len(edges.ids) - 1)]
            eventually(lambda sink=sink, sent=sent: len(Order(again, sink).ids) - 1 == len(sent))  # type: ignore[misc]
            got = again.eval(sink, "return table.concat(Got, ' ')")
            # Each way of a message has its own order.
            assert sorted(got.split(), key=int) == sent
        for process, known in before.items():
            order = Order(again, process)
            assert (order.ids[: len(known.ids)], order.places[: len(known.places)]) == (known.ids, known.places)
            assert len({*order.ids}) == len(order.ids)
            for node in order.nodes:
                item_of(node["assignment"])
                if node["message"]["owner"] == told_owner(rsa_keys):
                    item_of(node["message"], node["message"]["target"], node["message"]["data"])
        everything = sum(len(Order(again, relay).ids) - 1 for relay, _ in ways)
        eventually(lambda: len(mail_of(again)) == min(everything, 1000))
        after = {one["id"]: one for one in mail_of(again)}
        assert {id: after[id] for id in mail_before} == mail_before
    finally:
        again.close()


def send(
    server: Served,
    ways: list[tuple[str, str]],
    taken: dict[str, list[str]],
    count: int,
    kill_after: int | None = None,
) -> None:
    """Send so many messages to the relays, each over a connection of its own; or kill the server in the middle."""
    port, left = urlsplit(server.urls["mu"]).port, kill_after

    async def one(relay: str, sink: str) -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            first = len(taken[relay])
            for number in range(first, first + count // len(ways)):
                item = message(relay, str(number), Action="Go", To=sink)
                body = bytes(item)
                writer.write(
                    f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
                await reader.readexactly(int(length.split(b":")[1]))
                assert head.startswith(b"HTTP/1.1 202"), head
                taken[relay].append(item.id)
                if left is not None:
                    left -= 1
                    if left == 0:
                        server.process.kill()
        except (OSError, asyncio.IncompleteReadError):
            if kill_after is None:
                raise
        finally:
            writer.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(*way) for way in ways))

    asyncio.run(all_of_them())
