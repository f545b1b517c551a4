"""Arweave's own transactions over HTTP, as arweave-js makes them, and what strangers make of them."""

from __future__ import annotations

import json
import subprocess
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from ao_runtime.errors import ItemError
from ao_runtime.units.arweave import Chunk, read_chunk
from tests.differential.fetch import OracleMissingError, node

from .npm import arweave
from .serving import Served

CODE = "Greeting = 'from a transaction'"
DATA = (b"0123456789", CODE.encode(), bytes([7]) * (1 << 20), bytes([9]) * 1_000_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the network is that arweave-js has posted to."""
    return tmp_path_factory.mktemp("arweave") / "net"


@pytest.fixture(scope="module")
def posted(folder: Path) -> list[dict[str, Any]]:
    """What arweave-js posted: 10 bytes, code, 1 MiB and 1 MB. The server was killed after it."""
    try:
        path = arweave()
    except OracleMissingError as error:
        pytest.skip(str(error))
    server = Served(str(folder))
    try:
        done = subprocess.run(
            [
                node(),
                "--no-warnings",
                str(Path(__file__).with_name("arweave.mjs")),
                str(path),
                server.urls["gateway"],
                CODE,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr + server.log[-2000:]
        told: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return told
    finally:
        server.stop(9)
        server.close()


def post(server: Served, path: str, told: Any) -> httpx.Response:
    """The answer of the gateway to JSON."""
    return httpx.post(server.urls["gateway"] + path, json=told, timeout=60)


def test_what_arweave_js_posts_is_stored(posted: list[dict[str, Any]], folder: Path) -> None:
    """At once in one request, or in chunks; after a kill all of it is there, and starts a process by On-Boot."""
    assert [(one["statuses"], one["status"]) for one in posted] == [
        ([200], 200),
        ([200], 200),
        ([200] * 5, 200),
        ([200] * 5, 200),
    ]
    server = Served(str(folder))
    try:
        for one, data in zip(posted, DATA, strict=True):
            id, size = one["id"], str(len(data))
            assert server.get("gateway", f"/{id}").content == server.get("gateway", f"/raw/{id}").content == data
            assert server.get("gateway", f"/tx/{id}").json()["data_size"] == size
            assert server.get("gateway", f"/tx/{id}/offset").json()["size"] == size
            found = server.graphql(
                f'{{ transactions(ids: ["{id}"]) {{ edges {{ node {{ owner {{ address }} }} }} }} }}'
            )
            assert found.json()["data"]["transactions"]["edges"] == [{"node": {"owner": {"address": one["owner"]}}}]
            assert post(server, "/tx", one["header"]).status_code == 208
        process = server.spawn(**{"On-Boot": posted[1]["id"]})
        assert server.eval(process, "return Greeting") == "from a transaction"
    finally:
        server.close()


def test_what_is_changed_leaves_nothing(posted: list[dict[str, Any]], server: Served) -> None:
    """Each field of a transaction and of a chunk is under its signature, or its root; a chunk needs a transaction."""
    whole, large = posted[0]["header"], posted[3]
    header = {**large["header"], "data": ""}
    other = "A" + whole["signature"][1:]
    for name, value in (
        ("format", 1),
        ("owner", posted[0]["header"]["signature"]),
        ("signature", other if other != whole["signature"] else "B" + other[1:]),
        ("id", "u" * 43),
        ("target", "u" * 42 + "A"),
        ("quantity", "1"),
        ("quantity", -1),
        ("reward", "9"),
        ("last_tx", "AAAA"),
        ("tags", []),
        ("tags", [{"name": "QQ", "value": "Q" * 4000}]),
        ("tags", [1]),
        ("data", "MDEyMzQ1Njc4OA"),
        ("data_size", "11"),
        ("data_root", header["data_root"]),
    ):
        assert post(server, "/tx", {**whole, name: value}).status_code == 400, name
    assert server.get("gateway", f"/{whole['id']}").status_code == 404

    def with_root(chunk: dict[str, Any]) -> dict[str, Any]:
        return {**chunk, "data_root": header["data_root"], "data_size": header["data_size"]}

    chunks = [with_root(chunk) for chunk in large["chunks"]]
    answer = post(server, "/chunk", chunks[0])
    assert (answer.status_code, "data_root_not_found" in answer.text) == (400, True)
    assert post(server, "/tx", header).status_code == 200
    for name, value in (
        ("chunk", chunks[0]["chunk"][:-8]),
        ("chunk", "A" * len(chunks[0]["chunk"])),
        ("offset", chunks[1]["offset"]),
        ("offset", "1000000"),
        ("offset", "-1"),
        ("data_path", chunks[1]["data_path"]),
        ("data_path", ""),
        ("data_size", "999999"),
        ("data_root", whole["data_root"]),
    ):
        assert post(server, "/chunk", {**chunks[0], name: value}).status_code == 400, name
    for chunk in [*chunks[:-1], *chunks[:-1]]:
        assert post(server, "/chunk", chunk).status_code == 200
    assert server.get("gateway", f"/{large['id']}").status_code == 404
    assert [post(server, "/chunk", chunks[-1]).status_code for _ in range(2)] == [200, 200]
    assert server.get("gateway", f"/{large['id']}").content == DATA[3]


def test_a_transaction_that_waits_may_come_whole(posted: list[dict[str, Any]], server: Served) -> None:
    """Then it waits no more, and its chunk is no error."""
    one = posted[1]
    header = {**one["header"], "data": ""}
    assert [post(server, "/tx", header).text for _ in range(2)] == ["OK", "OK"]
    told = server.get("gateway", f"/tx/{one['id']}")
    assert (told.json(), server.get("gateway", f"/tx/{one['id']}/status").status_code) == (header, 202)
    assert server.get("gateway", f"/tx/{one['id']}/offset").status_code == 404
    assert server.get("gateway", f"/tx/{one['id']}/data").status_code == 404
    assert post(server, "/tx", one["header"]).text == "OK"
    assert server.get("gateway", f"/tx/{one['id']}/status").status_code == 200
    [chunk] = one["chunks"]
    chunk = {**chunk, "data_root": header["data_root"], "data_size": header["data_size"]}
    assert post(server, "/chunk", chunk).text == "OK"
    assert server.get("gateway", f"/tx/{one['id']}/data").content == DATA[1]


def test_chunks_come_as_they_like(posted: list[dict[str, Any]], server: Served) -> None:
    """In any order, several at a time, and each twice: all are taken, and the data is theirs in its order."""
    large = posted[2]
    assert post(server, "/tx", {**large["header"], "data": ""}).status_code == 200
    chunks = [
        {**chunk, "data_root": large["header"]["data_root"], "data_size": large["header"]["data_size"]}
        for chunk in reversed(large["chunks"] * 2)
    ]
    with ThreadPoolExecutor(8) as pool:
        statuses = [*pool.map(lambda chunk: post(server, "/chunk", chunk).status_code, chunks)]
    assert statuses == [200] * 8
    assert server.get("gateway", f"/{large['id']}").content == DATA[2]
    assert server.get("gateway", f"/tx/{large['id']}/status").status_code == 200


def encoded(data: bytes) -> str:
    """Base64url."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def _id(*parts: bytes) -> bytes:
    return sha256(b"".join(sha256(part).digest() for part in parts)).digest()


@pytest.mark.parametrize(
    ("size", "first", "middle", "ends", "offset", "problem"),
    [
        (80_000, 40_000, 40_000, (40_000, 80_000), 0, None),
        # The left side says that it ends where the right one has begun already.
        (80_000, 50_000, 40_000, (50_000, 80_000), 0, "data_path"),
        # Nothing of the right side is inside of the data.
        (80_000, 90_000, 90_000, (90_000, 170_000), 0, "data_path"),
        # A branch in front of the data.
        (80_000, 40_000, 0, (40_000, 80_000), 0, "data_path"),
        # Only the last chunk may be small.
        (80_000, 10_000, 10_000, (10_000, 80_000), 0, "chunk"),
        # None is larger than 256 KiB.
        (400_000, 300_000, 300_000, (300_000, 400_000), 0, "chunk"),
        (80_000, 40_000, 40_000, (40_000, 80_000), 80_000, "offset"),
    ],
)
def test_a_tree_that_its_owner_made_overlaps_nowhere(
    size: int, first: int, middle: int, ends: tuple[int, int], offset: int, problem: str | None
) -> None:
    """Whoever signs a root may have made any tree under it: chunks that overlap, or are too small, are refused."""
    data = b"x" * first
    hashes = [sha256(data).digest(), sha256(b"right").digest()]
    notes = [end.to_bytes(32, "big") for end in ends]
    left, right = (_id(hashed, note) for hashed, note in zip(hashes, notes, strict=True))
    note = middle.to_bytes(32, "big")
    told = {
        "data_root": encoded(_id(left, right, note)),
        "data_size": str(size),
        "data_path": encoded(left + right + note + hashes[0] + notes[0]),
        "offset": str(offset),
        "chunk": encoded(data),
    }
    if problem is None:
        assert read_chunk(told) == Chunk(_id(left, right, note), size, 0, data)
    else:
        with pytest.raises(ItemError) as raised:
            read_chunk(told)
        assert raised.value.field == problem
