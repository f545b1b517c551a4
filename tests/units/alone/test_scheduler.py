"""`ao-run serve --unit su`: the scheduler unit alone: its answers, its folder, its options, and that nothing is lost."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ao_runtime import Wallet
from ao_runtime.items import DataItem
from tests.cli.running import ao_run

from ..serving import ALICE, BOB, Served, eventually, message
from .gateways import gateway
from .schedulers import ID, check_order, metric, pages, refused, scheduler, tags_of

CONNECTIONS = 50


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
            eventually(lambda: metric(again, "ao_uploads") == 0, 60 + messages / 20)
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
        assert (ran.code, "what is beside it is signed with it" in ran.err) == (5, True)


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
        (["--unit", "su", "--gateway", "http://x", "--workers", "2"], "--workers is not for --unit su"),
        (["--unit", "su", "--gateway", "http://x", "--hosts", "http://y"], "--hosts is not for --unit su"),
        (["--unit", "su", "--gateway", "http://x", "--token", "short"], "must be 16 to 512"),
        (["--unit", "ur", "--hosts", "http://x", "--gateway", "http://y"], "--gateway is not for --unit ur"),
        (["--gateway", "http://x"], "--gateway is for --unit"),
    ],
)
def test_options_that_make_no_sense(words: list[str], problem: str) -> None:
    """Exit code 2, and what to do; nothing is served."""
    ran = refused(*words)
    assert (ran.code, problem in ran.err) == (2, True), ran.err
