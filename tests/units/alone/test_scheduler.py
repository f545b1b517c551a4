"""`ao-run serve --unit su`: the scheduler unit alone, with gateways that answer, lie, and are gone."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ao_runtime import Wallet
from ao_runtime.items import DataItem
from tests.cli.running import Ran, ao_run

from ..serving import ALICE, BOB, Served, eventually, message
from .gateways import gateway, raw_server

ID = "i" * 42 + "A"
CONNECTIONS = 50


@contextmanager
def scheduler(gateway: str, *words: str, port: int = 0) -> Iterator[Served]:
    """A scheduler alone."""
    served = Served(*words, "--unit", "su", "--gateway", gateway, port=port)
    try:
        yield served
    finally:
        served.close()


def refused(*words: str) -> Ran:
    """What is said of options with which nothing is served."""
    ran = ao_run("serve", "--port", "0", *words)
    assert (ran.out, "Traceback" in ran.err) == ("", False)
    return ran


def pages(served: Served, process: str, limit: int = 1000) -> list[dict[str, Any]]:
    """The nodes of a process, page by page."""
    nodes: list[dict[str, Any]] = []
    query: dict[str, Any] = {"process-id": process, "limit": limit}
    while True:
        told = served.get("su", f"/{process}", **query).json()
        nodes += [edge["node"] for edge in told["edges"]]
        if not told["page_info"]["has_next_page"]:
            return nodes
        query["from"] = told["edges"][-1]["cursor"]


def tags_of(node: dict[str, Any]) -> dict[str, str]:
    """The tags of an assignment."""
    return {tag["name"]: tag["value"] for tag in node["assignment"]["tags"]}


def raw(id: str) -> bytes:
    """The 32 bytes of an id."""
    return urlsafe_b64decode(id + "=")


def check_order(nodes: list[dict[str, Any]], process: str) -> None:
    """Nonces without a hole, timestamps that rise, block heights that do not fall, and the hash chain."""
    chain = sha256(raw(process)).digest()
    last, height = -1, 0
    for nonce, node in enumerate(nodes):
        tags = tags_of(node)
        assert (tags["Process"], tags["Nonce"]) == (process, str(nonce))
        assert tags["Hash-Chain"] == urlsafe_b64encode(chain).decode().rstrip("=")
        assert (int(tags["Timestamp"]) > last, int(tags["Block-Height"]) >= height) == (True, True)
        last, height = int(tags["Timestamp"]), int(tags["Block-Height"])
        chain = sha256(raw(node["assignment"]["id"]) + chain).digest()


def metric(served: Served, name: str) -> int:
    """A number of `/metrics`."""
    found = re.search(rf"^{name} (\d+)$", served.get("su", "/metrics").text, re.MULTILINE)
    assert found is not None
    return int(found[1])


# ── the same as a whole network's ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_items_have_the_same_pages(server: Served) -> None:
    """Whole answers of both schedulers, but for who signs, what it signs over, and when."""
    with scheduler(server.urls["gateway"]) as alone:
        process = server.process_item("x = 1", tags=[("Tag", "é😀"), ("Tag", "again")])
        items = [process, *(message(process.id, data, A=str(number)) for number, data in enumerate(("a", b"\xff", "")))]
        items.append(message(process.id, "by bob", wallet=BOB, **{"From-Process": ID}))
        items.append(DataItem.create("no anchor", target=process.id, tags=items[1].tags, wallet=ALICE))
        told: list[Any] = []
        for one in (server, alone):
            for item in items:
                assert one.put(item).status_code == 200
            assert one.put(b"", **{"process-id": process.id, "assign": items[1].id, "exclude": "Data"}).is_success
            answers = [one.get("su", f"/{process.id}").json(), one.get("su", f"/{process.id}", limit=3).json()]
            answers += [one.get("su", f"/{process.id}/latest").json(), one.get("su", f"/processes/{process.id}").json()]
            answers += [one.get("su", f"/{item.id}", **{"process-id": process.id}).json() for item in items]
            answers.append(one.get("su", f"/{process.id}", **{"from-nonce": 2, "to-nonce": 4, "limit": 1}).json())
            told.append(comparable(answers, one.scheduler))
        assert told[1] == told[0]
        assert len(told[0][0]["edges"]) == len(items) + 1


def comparable(value: Any, scheduler: str) -> Any:
    """An answer without what no two schedulers have in common."""
    if isinstance(value, list):
        return [comparable(one, scheduler) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("name") in ("Hash-Chain", "Block-Height", "Timestamp"):
        return {"name": value["name"], "length": len(value["value"])}
    if value.get("owner", {}).get("address") == scheduler:
        value = {**value, "id": len(value["id"]), "signature": len(value["signature"]), "owner": None}
    own = {name: len(str(value[name])) for name in ("cursor", "block", "timestamp") if name in value}
    return {key: comparable(one, scheduler) for key, one in value.items()} | own


# ── nothing is lost ────────────────────────────────────────────────────────────────────────────────────────────────


class Load:
    """Signed messages over connections that stay open; `taken` are the answers, by process, in their order."""

    def __init__(self, served: Served, messages: int, processes: int) -> None:
        self.processes = [served.started() for _ in range(processes)]
        self.queues: list[list[tuple[str, bytes]]] = [[] for _ in range(CONNECTIONS)]
        for number in range(messages):
            process = self.processes[number % processes]
            body = bytes(message(process, str(number)))
            head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            self.queues[number % CONNECTIONS].append((process, head.encode() + body))
        self.taken: dict[str, list[dict[str, Any]]] = {process: [] for process in self.processes}

    def send(self, served: Served, kill_after: int) -> None:
        """Send them, and kill the scheduler when so many were acknowledged."""
        left = kill_after

        async def connection(queue: list[tuple[str, bytes]]) -> None:
            nonlocal left
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(served.urls["su"]).port)
            with suppress(OSError, asyncio.IncompleteReadError):
                for process, request in queue:
                    writer.write(request)
                    head = (await reader.readuntil(b"\r\n\r\n")).decode()
                    length = re.search(r"(?i)content-length: (\d+)", head)
                    assert (head[:12], length is not None) == ("HTTP/1.1 200", True)
                    self.taken[process].append(json.loads(await reader.readexactly(int(length[1] if length else 0))))
                    left -= 1
                    if not left:
                        served.process.kill()
            writer.close()

        async def all_of_them() -> None:
            await asyncio.gather(*map(connection, self.queues))

        asyncio.run(all_of_them())


@pytest.mark.parametrize(("messages", "processes"), [(1000, 20), pytest.param(20_000, 100, marks=pytest.mark.long)])
def test_a_kill_in_the_middle(tmp_path: Path, messages: int, processes: int) -> None:
    """Every acknowledged place is there again, with its time; the order has no hole, and all of it goes up."""
    with gateway() as found:
        with scheduler(found.url, str(tmp_path), "-q") as served:
            load = Load(served, messages, processes)
            first = {process: pages(served, process) for process in load.processes}
            address = served.scheduler
            load.send(served, messages // 2)
            served.process.wait()
        taken = sum(map(len, load.taken.values()))
        assert messages // 2 <= taken < messages
        with scheduler(found.url, str(tmp_path), "-q") as again:
            assert again.scheduler == address
            ids = []
            for process in load.processes:
                nodes = pages(again, process, 7)
                check_order(nodes, process)
                assert nodes[:1] == first[process]
                places = {node["message"]["id"]: int(tags_of(node)["Timestamp"]) for node in nodes}
                assert len(places) == len(nodes)
                told = {one["id"]: one["timestamp"] for one in load.taken[process]}
                assert told.items() <= places.items()
                ids += [id for node in nodes for id in (node["message"]["id"], node["assignment"]["id"])]
            # What was on its way when it was killed may be there without having been acknowledged.
            assert taken <= len(ids) // 2 - processes <= taken + CONNECTIONS
            eventually(lambda: metric(again, "ao_uploads") == 0)
            assert {*ids} <= {*found.ids}
            assert (metric(again, "ao_processes"), metric(again, "ao_places")) == (processes, len(ids) // 2)
            assert again.put(message(load.processes[0])).status_code == 200
            check_order(pages(again, load.processes[0]), load.processes[0])


def test_its_key_is_kept(tmp_path: Path) -> None:
    """For its owner alone; in memory each time is another one. Without it the places cannot go on."""
    home = tmp_path / "new" / "su"
    addresses = []
    with gateway() as found:
        for _ in range(2):
            with scheduler(found.url, str(home)) as served:
                addresses.append(served.scheduler)
                assert served.get("su", "/").json()["address"] == served.scheduler
                assert served.ready == {
                    "urls": served.urls,
                    "addresses": {"scheduler": served.scheduler},
                    "folder": str(home),
                    "gateway": found.url,
                    "pid": served.process.pid,
                }
        key = home / "scheduler-key.json"
        assert addresses == [Wallet.load(key).address] * 2
        assert key.stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in home.iterdir()) == ["scheduler-key.json", "scheduler.db"]
        for _ in range(2):
            with scheduler(found.url) as served:
                addresses.append(served.scheduler)
                assert served.ready["folder"] is None
        assert len({*addresses}) == 3
        key.unlink()
        ran = refused(str(home), "--unit", "su", "--gateway", found.url)
        assert (ran.code, "the places beside it are signed with it" in ran.err) == (5, True)


def test_one_program_has_a_folder(tmp_path: Path) -> None:
    """A second one is told so; `--reset` begins anew, and deletes nothing that is not a scheduler's."""
    with gateway() as found:
        words = (str(tmp_path), "--unit", "su", "--gateway", found.url)
        with scheduler(found.url, str(tmp_path)) as served:
            process = served.started()
            for more in ((), ("--reset",)):
                ran = refused(*words, *more)
                assert (ran.code, "another writer" in ran.err) == (5, True)
            assert len(pages(served, process)) == 1
        (tmp_path / "mine.txt").write_text("mine")
        with scheduler(found.url, str(tmp_path), "--reset") as again:
            assert again.scheduler != served.scheduler
            assert again.get("su", f"/{process}").json() == {"error": "Message or Process not found"}
            assert metric(again, "ao_processes") == 0
        assert (tmp_path / "mine.txt").read_text() == "mine"


def test_folders_of_others(tmp_path: Path) -> None:
    """A network does not open a scheduler's, nor a scheduler a network's; neither deletes what is not its own."""
    network, own, full = tmp_path / "network", tmp_path / "own", tmp_path / "full"
    assert ao_run("net", "init", str(network)).code == 0
    full.mkdir()
    (full / "file").write_text("mine")
    with gateway() as found:
        with scheduler(found.url, str(own)):
            pass
        alone = ("--unit", "su", "--gateway", found.url)
        for words, text in (
            ((str(network), *alone), "holds a whole network"),
            ((str(network), "--reset", *alone), "holds a whole network"),
            ((str(own),), "holds a scheduler alone"),
            ((str(own), "--reset"), "nothing is deleted"),
            ((str(full), "--reset", *alone), "nothing is deleted"),
            ((str(full / "file"), *alone), "is a file"),
        ):
            ran = refused(*words)
            assert (ran.code, text in ran.err) == (2, True), ran.err
        assert "holds a scheduler alone" in ao_run("net", "init", str(own)).err
        (own / "scheduler.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
        ran = refused(str(own), *alone)
        assert ran.code == 5, ran.err
        assert [path.name for path in full.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--unit", "su"], "a scheduler needs a gateway"),
        (["--unit", "su", "--gateway", "ftp://x"], "must be an http or https URL"),
        (["--unit", "su", "--gateway", "http://x", "--uploader", "http://u:p@x"], "must be an http or https URL"),
        (["--unit", "su", "--gateway", "http://x", "--reset"], "there is nothing to delete"),
        (["--unit", "su", "--gateway", "http://x", "--workers", "2"], "--workers is for a whole network"),
        (["--unit", "su", "--gateway", "http://x", "--hosts", "http://y"], "--hosts is for another unit"),
        (["--unit", "su", "--gateway", "http://x", "--token", "short"], "must be 16 to 512"),
        (["--unit", "ur", "--hosts", "http://x", "--gateway", "http://y"], "--gateway is for another unit"),
        (["--gateway", "http://x"], "--gateway is for --unit"),
    ],
)
def test_options_that_make_no_sense(words: list[str], problem: str) -> None:
    """Exit code 2, and what to do; nothing is served."""
    ran = refused(*words)
    assert (ran.code, problem in ran.err) == (2, True), ran.err


# ── the gateway ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_taken_goes_up() -> None:
    """Items as they came, assignments as they were signed, and where the scheduler is; each once."""
    with gateway() as found, gateway() as other:
        with scheduler(found.url, "--uploader", other.url) as served:
            process, one = served.process_item(), None
            served.put(process)
            one = message(process.id, b"\x00\xff")
            served.put(one)
            assigned = served.put(b"", **{"process-id": process.id, "assign": one.id}).json()["id"]
            eventually(lambda: metric(served, "ao_uploads") == 0 and len(other.uploaded) >= 6)
            by_id = {item.id: item for item in other.uploaded}
            assert (bytes(by_id[process.id]), bytes(by_id[one.id])) == (bytes(process), bytes(one))
            for node in pages(served, process.id):
                made = by_id[node["assignment"]["id"]]
                assert [{"name": name, "value": value} for name, value in made.tags] == node["assignment"]["tags"]
                assert (made.address, made.target, made.data) == (served.scheduler, "", b"")
            [location] = [item for item in other.uploaded if ("Type", "Scheduler-Location") in [*item.tags]]
            assert [*location.tags] == [
                ("Data-Protocol", "ao"),
                ("Type", "Scheduler-Location"),
                ("Variant", "ao.TN.1"),
                ("Url", served.urls["su"]),
                ("Time-To-Live", "3600000"),
            ]
            assert location.address == served.scheduler
            assert Counter(other.ids) == Counter([location.id, *by_id.keys() - {location.id}])
            assert assigned in by_id
        assert (found.uploaded, {path for _, path in found.asked}) == ([], {"/info"})
        assert {path for _, path in other.asked} == {"/tx"}


def test_a_real_gateway_finds_it(server: Served) -> None:
    """By GraphQL and by ids: process, message, assignment, and where the scheduler is."""
    with scheduler(server.urls["gateway"], "--name", "town.example") as served:
        url = served.urls["su"]
        served.urls["su"] = url.replace("town.example", "localhost")
        process = served.started("x = 1")
        [node] = pages(served, process)
        eventually(lambda: metric(served, "ao_uploads") == 0)
        assert server.get("gateway", f"/raw/{process}").text == "x = 1"
        query = "query ($ids: [ID!]) { transactions(ids: $ids) { edges { node { id owner { address } } } } }"
        ids = [process, node["assignment"]["id"]]
        edges = server.graphql(query, ids=ids).json()["data"]["transactions"]["edges"]
        assert {one["node"]["id"]: one["node"]["owner"]["address"] for one in edges} == {
            process: ALICE.address,
            ids[1]: served.scheduler,
        }
        # As `@permaweb/ao-scheduler-utils` looks for a scheduler.
        query = (
            'query ($owner: String!) { transactions(owners: [$owner] tags: [{name: "Type", values:'
            ' ["Scheduler-Location"]}] sort: HEIGHT_DESC first: 1) { edges { node { tags { name value } } } } }'
        )
        [edge] = server.graphql(query, owner=served.scheduler).json()["data"]["transactions"]["edges"]
        assert {"name": "Url", "value": url} in edge["node"]["tags"]
        assert url.startswith("http://town.example:")


def test_another_url_is_told(tmp_path: Path) -> None:
    """At each start it says where it is: with the same item as long as that is the same, else by a new one."""
    with gateway() as found:
        with scheduler(found.url, str(tmp_path)) as served:
            eventually(lambda: len(found.uploaded) == 1)
            port = urlsplit(served.urls["su"]).port or 0
        for number, one in enumerate((port, 0, port)):
            with scheduler(found.url, str(tmp_path), port=one):
                eventually(lambda wanted=number + 2: len(found.uploaded) == wanted)
        first, same, other, back = found.uploaded
        assert (first.id == same.id, len({*found.ids})) == (True, 3)
        assert [("Url", f"http://localhost:{port}") in [*one.tags] for one in (first, other, back)] == [
            True,
            False,
            True,
        ]


def test_an_uploader_that_is_gone(tmp_path: Path) -> None:
    """Places are given all the same; what waits goes up when it is there again, also after a kill; once it is said."""
    with gateway() as found, gateway() as first:
        words = ("--uploader", first.url)
        with scheduler(found.url, str(tmp_path), *words) as served:
            process = served.started()
            eventually(lambda: metric(served, "ao_uploads") == 0)
            first.close()
            for number in range(3):
                assert served.put(message(process, str(number))).status_code == 200
            eventually(lambda: served.log.count("uploads wait: uploader") == 1)
            assert metric(served, "ao_uploads") == 3
            with gateway(first.port) as again:
                eventually(lambda: metric(served, "ao_uploads") == 0)
                assert len(again.uploaded) == 6
            assert served.put(message(process, "last")).status_code == 200
            assert served.stop(signal.SIGKILL) == -signal.SIGKILL
            assert served.log.count("uploads wait: uploader") in (1, 2)
        with gateway(first.port) as later, scheduler(found.url, str(tmp_path), *words) as served:
            eventually(lambda: metric(served, "ao_uploads") == 0)
            node = served.get("su", f"/{process}/latest").json()
            assert {node["message"]["id"], node["assignment"]["id"]} <= {*later.ids}


@pytest.mark.parametrize("status", [400, 402, 500])
def test_an_upload_that_is_refused_keeps_back_nothing(status: int) -> None:
    """Others go up; it waits."""
    with gateway() as found:
        found.status = lambda item: status if item.data == b"unwanted" else 200
        with scheduler(found.url) as served:
            process = served.started()
            items = [message(process, data) for data in ("unwanted", "one", "unwanted", "two", "three")]
            for item in items:
                assert served.put(item).status_code == 200
            eventually(lambda: metric(served, "ao_uploads") == 2)
            assert {item.id for item in items if item.data != b"unwanted"} <= {*found.ids}
            assert not {item.id for item in items if item.data == b"unwanted"} & {*found.ids}


def test_an_assignment_of_what_the_gateway_knows() -> None:
    """A message that was never here is asked for, by its id alone; one that was is not."""
    with gateway() as found, scheduler(found.url) as served:
        process = served.started()
        query = {"process-id": process, "assign": ID}
        assert served.put(b"", **query).json()["error"].endswith("there is no message iii...iiA to assign")
        found.known.add(ID)
        id = served.put(b"", **query, exclude="Data").json()["id"]
        node = served.get("su", f"/{ID}", **{"process-id": process}).json()
        assert (node["message"], node["assignment"]["id"]) == (None, id)
        assert tags_of(node) | {"Message": ID, "Exclude": "Data", "Nonce": "1"} == tags_of(node)
        asked = [path for _, path in found.asked].count("/graphql")
        assert served.put(b"", **{"process-id": process, "assign": process}).status_code == 200
        assert (asked, [path for _, path in found.asked].count("/graphql")) == (2, 2)
        check_order(pages(served, process), process)


def test_a_process_that_boots_from_data() -> None:
    """The gateway must have it; nothing but an id is ever asked for."""
    with gateway() as found, scheduler(found.url) as served:
        item = served.process_item(**{"On-Boot": ID})
        wrong = {"error": "Invalid tx id for On-Boot tag"}
        assert served.put(item).json() == wrong
        found.known.add(ID)
        assert served.put(item).status_code == 200
        assert served.put(item).json() == {"error": "Message already exists"}
        for boot in ("../info", "info", f"{ID}?", "x" * 3000, f"{ID} HTTP/1.1\r\nHost: x"):
            assert served.put(served.process_item(**{"On-Boot": boot})).json() == wrong
        heads = [path for method, path in found.asked if method == "HEAD"]
        assert heads == [f"/{ID}"] * 2
        # As arweave.net does it: from there only `/raw/ID` leads nowhere else.
        found.answers[f"/{ID}"] = (302, {"Location": f"http://sandbox.{found.url[7:]}/{ID}"}, b"")
        other = served.process_item(**{"On-Boot": ID})
        assert served.put(other).json() == wrong
        found.answers[f"/raw/{ID}"] = (200, {}, b"")
        assert served.put(other).status_code == 200


def test_the_block_height_is_the_gateways() -> None:
    """It goes on with it, never back, and stays where it is while the gateway is gone or talks nonsense."""
    with gateway() as found, scheduler(found.url) as served:

        def height() -> str:
            return str(served.get("su", "/timestamp").json()["block_height"])

        assert height() == "000001234567"
        found.height = 1_234_999
        eventually(lambda: height() == "000001234999")
        process = served.started()
        for nonsense in (5, "7", None, True, 10**12, -1, 1.5):
            found.height = nonsense
        asked = len(found.asked)
        eventually(lambda: len(found.asked) > asked)
        assert height() == "000001234999"
        [node] = pages(served, process)
        assert tags_of(node)["Block-Height"] == "000001234999"
        assert served.get("su", f"/processes/{process}").json()["block"] == "000001234999"


def test_the_height_does_not_fall_from_start_to_start(tmp_path: Path) -> None:
    """A gateway that lags behind what was signed already is not believed."""
    with gateway() as found:
        with scheduler(found.url, str(tmp_path)) as served:
            process = served.started()
        found.height = 3
        with scheduler(found.url, str(tmp_path)) as served:
            served.put(message(process))
            assert [tags_of(node)["Block-Height"] for node in pages(served, process)] == ["000001234567"] * 2


def endless() -> Iterator[bytes]:
    """An answer that does not end."""
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    while True:
        yield b"[" * 65536


def nothing_but_noise() -> Iterator[bytes]:
    """No HTTP."""
    yield b"\x16\x03\x01\xff" * 100


@pytest.mark.parametrize("answer", [endless, nothing_but_noise, lambda: iter(())])
def test_a_gateway_that_talks_nonsense_at_the_start(answer: Callable[[], Iterator[bytes]]) -> None:
    """Exit code 1 in good time, with what is wrong."""
    with raw_server(answer) as found:
        ran = refused("--unit", "su", "--gateway", found.url)
        assert (ran.code, "the gateway says no block height" in ran.err) == (1, True), ran.err


def test_a_gateway_that_is_not_there(tmp_path: Path) -> None:
    """Exit code 1, before anything is made or deleted."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    ran = refused(str(tmp_path / "su"), "--unit", "su", "--gateway", url)
    assert (ran.code, "cannot be reached" in ran.err, [*tmp_path.iterdir()]) == (1, True, [])
    with gateway() as found:
        for body in (b"[]", b"{}", b"[" * 100_000, b'{"height": "x"}', b"\xff"):
            found.answers["/info"] = (200, {}, body)
            assert refused("--unit", "su", "--gateway", found.url).code == 1


def test_a_gateway_that_lies() -> None:
    """Redirects elsewhere, endless and foolish answers: 400 in good time, nothing is placed, nobody else is asked."""
    with gateway() as found, gateway() as elsewhere, scheduler(found.url) as served:
        process = served.started()
        other = served.process_item(**{"On-Boot": ID})
        query = {"process-id": process, "assign": ID}
        away = {"Location": elsewhere.url + "/graphql"}
        elsewhere.known.add(ID)
        for told in (
            (302, away, b""),
            (307, away, b""),
            (200, {}, b"x" * (2 << 20)),
            (200, {}, b"[" * 100_000),
            (200, {}, json.dumps({"data": {"transactions": {"edges": [{"node": {"id": "other"}}]}}}).encode()),
            (200, {}, b'{"data": {"transactions": {"edges": [1]}}}'),
            (200, {}, b'{"data": null}'),
            (404, {}, b""),
        ):
            found.answers["/graphql"] = found.answers[f"/{ID}"] = told
            answer = served.put(b"", **query)
            assert (answer.status_code, list(answer.json())) == (400, ["error"])
            if told[0] != 200:
                assert served.put(other).status_code == 400
        assert (len(pages(served, process)), elsewhere.asked) == (1, [])
        found.answers["/tx"] = (307, {"Location": elsewhere.url + "/tx"}, b"")
        asked = len(found.asked)
        served.put(message(process))
        eventually(lambda: len(found.asked) > asked)
        assert (metric(served, "ao_uploads") > 0, elsewhere.asked) == (True, [])


# ── what strangers send ────────────────────────────────────────────────────────────────────────────────────────────


def test_hostile_items_leave_nothing(tmp_path: Path) -> None:
    """Whatever byte of an item is another one, whatever is cut off or added: 400, and nothing of it is there."""
    with gateway() as found, scheduler(found.url, str(tmp_path), "-q") as served:
        process = served.started()
        good = bytes(message(process, "x" * 40, A="b"))
        for at in range(0, len(good), 5):
            bad = bytearray(good)
            bad[at] ^= 0x41
            answer = served.put(bytes(bad))
            assert (answer.status_code, list(answer.json())) == (400, ["error"]), at
        for bad_bytes in (b"", b"\x00", good[:-1], good + b"x", good[:70], b"{}", os.urandom(300), b"\xff" * 2000):
            assert served.put(bad_bytes).status_code == 400
        assert served.put(b"x" * (11 << 20)).status_code == 413
        stranger = DataItem.create(" ", target=ID, tags=message(process).tags, wallet=ALICE)
        assert served.put(stranger).status_code == 400
        nobody = DataItem.create(" ", tags=message(process).tags, wallet=ALICE)
        assert served.put(nobody).status_code == 400
        eventually(lambda: metric(served, "ao_uploads") == 0)
        assert (metric(served, "ao_places"), metric(served, "ao_processes")) == (1, 1)
        assert len(pages(served, process)) == 1
        assert len(found.uploaded) == 3
        assert served.put(good).status_code == 200


def test_hostile_paths(tmp_path: Path) -> None:
    """What is no id, and numbers that are none, are 400 before a table is asked; unknown routes are 404."""
    with gateway() as found, scheduler(found.url, str(tmp_path)) as served:
        process = served.started()
        quote = "'; DROP TABLE places; --"
        for path in (f"/{quote}", f"/{'x' * 42}", f"/{'x' * 44}", f"/{process}%00", f"/processes/{quote}", "/é/latest"):
            assert served.get("su", path).status_code in (400, 404), path
        for name, value in (
            ("from", "x"),
            ("to", "-1"),
            ("limit", "1e3"),
            ("from-nonce", quote),
            ("process-id", quote),
        ):
            assert served.get("su", f"/{process}", **{name: value}).status_code == 400
        for query in ({"limit": 10**18}, {"from": 10**18}, {"to": 0}, {"from-nonce": 10**18}, {"limit": 0}):
            assert served.get("su", f"/{process}", **query).status_code == 200
        for query in ({"process-id": quote, "assign": ID}, {"process-id": process, "assign": quote}):
            assert served.put(b"", **query).status_code == 400
        assert served.get("su", "/a/b/c/d").status_code == 404
        assert served.http.request("DELETE", served.urls["su"]).status_code == 405
        assert served.get("su", "/healthcheck").text == "OK"
        assert len(pages(served, process)) == 1


def test_beyond_this_machine_an_assignment_needs_the_token() -> None:
    """As of a whole network: what is signed needs none."""
    token = "t" * 20
    with gateway() as found, scheduler(found.url, "--host", "0.0.0.0", "--token", token) as served:
        process = served.started()
        query = {"process-id": process, "assign": process}
        assert served.put(b"", **query).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert served.http.post(served.urls["su"], params=query, headers=headers).status_code == 200
        assert token not in served.log


def test_a_page_of_large_messages_ends_early() -> None:
    """No answer is longer than some of the largest messages; with the last cursor the next page begins."""
    with gateway() as found, scheduler(found.url) as served:
        process = served.started()
        items = [message(process, b"x" * (9 << 20)) for _ in range(3)]
        for item in items:
            assert served.put(item).status_code == 200
        told = served.get("su", f"/{process}").json()
        assert (len(told["edges"]), told["page_info"]["has_next_page"]) == (3, True)
        assert [node["message"]["id"] for node in pages(served, process)[1:]] == [item.id for item in items]


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_large_folder_opens_at_once(tmp_path: Path, count: int) -> None:
    """However much is in it: it answers soon, by any page, in little memory; and goes on."""
    with gateway() as found:
        with scheduler(found.url, str(tmp_path)) as served:
            process = served.started()
            # Nothing else of it goes up: what is counted are the reads.
            eventually(lambda: len(found.uploaded) == 3)
        fill(tmp_path / "scheduler.db", count)
        began = time.monotonic()
        with scheduler(found.url, str(tmp_path), "-q") as served:
            assert metric(served, "ao_places") == count + 1
            for nonce in (1, count // 2, count - 3):
                page = served.get("su", f"/{process}", **{"from-nonce": nonce, "limit": 2}).json()
                assert [edge["cursor"] for edge in page["edges"]] == [str(nonce + 1), str(nonce + 2)]
                by_time = served.get("su", f"/{process}", **{"from": 1000 + nonce, "limit": 2}).json()
                assert [edge["node"] for edge in by_time["edges"]] == [edge["node"] for edge in page["edges"]]
                id = page["edges"][0]["node"]["message"]["id"]
                one = served.get("su", f"/{encoded(nonce + 1)}", **{"process-id": process}).json()
                assert (one["assignment"]["tags"], bool(id)) == (page["edges"][0]["node"]["assignment"]["tags"], True)
            item = message(process)
            assert served.put(item).status_code == 200
            latest = served.get("su", f"/{process}/latest").json()
            assert (latest["message"]["id"], tags_of(latest)["Nonce"]) == (item.id, str(count + 1))
            took = time.monotonic() - began
            status = Path(f"/proc/{served.process.pid}/status")
            if status.exists():
                resident = re.search(r"VmRSS:\s+(\d+)", status.read_text())
                assert resident is not None
                assert int(resident[1]) < 200_000
        # A start of Python, on a machine that has other things to do, and no more.
        assert took < 20


def encoded(number: int) -> str:
    """An id that stands for a number."""
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def fill(file: Path, count: int) -> None:
    """Put so many places behind the first one."""
    connection = sqlite3.connect(file, isolation_level=None)
    row = connection.execute("SELECT process, height, chain, exclude, sealed, raw FROM places").fetchone()
    process, height, chain, exclude, sealed, raw = row
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO places (process, nonce, timestamp, height, chain, message, digest, exclude, sealed, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (process, one, 1000 + one, height, chain, id := one.to_bytes(32, "big"), id[::-1], exclude, sealed, raw)
            for one in range(1, count + 1)
        ),
    )
    connection.execute("COMMIT")
    connection.close()


def test_many_at_once_have_one_order() -> None:
    """The same item from all sides has one place; what comes together to one process has its places in a row."""
    with gateway() as found, scheduler(found.url, "-q") as served:
        process = served.started()
        same = bytes(message(process, "same"))
        bodies = [bytes(message(process, str(number))) for number in range(200)]

        async def post(body: bytes) -> int:
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(served.urls["su"]).port)
            head = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            told = await reader.read()
            writer.close()
            return int(told[9:12])

        async def all_of_them() -> list[int]:
            return await asyncio.gather(*map(post, [*bodies[:100], *[same] * 20, *bodies[100:]]))

        assert Counter(asyncio.run(all_of_them())) == {200: 201, 400: 19}
        nodes = pages(served, process, 50)
        check_order(nodes, process)
        assert len({node["message"]["id"] for node in nodes}) == len(nodes) == 202
