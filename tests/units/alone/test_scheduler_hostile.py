"""The scheduler unit alone, and what strangers send; what is large, and what comes all at once."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import time
from base64 import urlsafe_b64encode
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ao_runtime.items import DataItem

from ..serving import ALICE, eventually, message
from .gateways import gateway
from .schedulers import ID, check_order, metric, pages, scheduler, tags_of


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
