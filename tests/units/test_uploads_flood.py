"""Strangers who sign one upload after the other and end none: a server's folder has a bound, and the server goes on."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Wallet
from ao_runtime.items import deep_hash
from ao_runtime.units.headers import encoded
from ao_runtime.units.merkle import Tree, cut, hashes_of

from .serving import Served, eventually

MB = 1 << 20


def transaction(wallet: Wallet, root: bytes, size: int, number: int) -> dict[str, Any]:
    """The JSON of a transaction of `wallet`'s, without its data."""
    owner, anchor = wallet.raw_owner, number.to_bytes(32, "big")
    signed = deep_hash([b"2", owner, b"", b"0", b"0", anchor, [], str(size).encode(), root])
    signature = wallet.sign(signed)
    return {
        "format": 2,
        "id": encoded(sha256(signature).digest()),
        "last_tx": encoded(anchor),
        "owner": encoded(owner),
        "tags": [],
        "target": "",
        "quantity": "0",
        "data": "",
        "data_size": str(size),
        "data_root": encoded(root),
        "reward": "0",
        "signature": encoded(signature),
    }


def used(folder: Path) -> tuple[int, int]:
    """Transactions that wait in a folder, and bytes of all that waits."""
    files = [(entry.name, entry.stat().st_size) for entry in os.scandir(folder) if not entry.name.endswith("-new")]
    return sum(name.endswith(".json") for name, _ in files), sum(size for _, size in files)


def flood(folder: Path, headers: int, uploads: int) -> None:
    """So many transactions without a chunk, then so many of 4 MB of which all chunks come but the last."""
    wallet = Wallet.generate("rsa")
    server = Served(str(folder))
    waiting = folder / "waiting"
    url = server.urls["gateway"]
    try:
        most = 0
        for number in range(headers):
            told = transaction(wallet, sha256(b"%d" % number).digest(), 100 * MB, number)
            assert server.http.post(url + "/tx", json=told).text == "OK"
            most = max(most, used(waiting)[0])
        assert most == min(headers, 1000)
        process = server.spawn()
        for number in range(uploads):
            data = os.urandom(32) * (4 * MB // 32)
            tree = Tree(len(data), hashes_of(data))
            told = transaction(wallet, tree.root, len(data), headers + number)
            assert server.http.post(url + "/tx", json=told).text == "OK"
            for start, end in cut(len(data))[:-2]:
                part = {
                    "data_root": told["data_root"],
                    "data_size": told["data_size"],
                    "data_path": encoded(tree.path(start)),
                    "offset": str(end - 1),
                    "chunk": encoded(data[start:end]),
                }
                assert server.http.post(url + "/chunk", json=part).text == "OK"
            count, held = used(waiting)
            assert count <= 1000
            assert held <= (256 << 20) + 1000 * 4096
        # Others are served meanwhile, and a kill changes nothing of the bound.
        assert server.eval(process, "return 1 + 1") == "2"
        before = used(waiting)
        server.stop(9)
        server.close()
        server = Served(str(folder))
        assert used(waiting) == before
        eventually(lambda: server.get("gateway", "/healthcheck").text == "OK")
        # The last one goes on.
        start, end = cut(len(data))[-2]
        part |= {"data_path": encoded(tree.path(start)), "offset": str(end - 1), "chunk": encoded(data[start:end])}
        assert server.http.post(server.urls["gateway"] + "/chunk", json=part).text == "OK"
        assert server.get("gateway", f"/{told['id']}").content == data
        assert used(waiting)[0] == before[0] - 1
    finally:
        server.close()


def test_some_uploads_without_an_end(tmp_path: Path) -> None:
    """A few of them wait in the folder, and on after a kill; the last one is completed then."""
    flood(tmp_path / "net", 3, 2)


@pytest.mark.long
def test_more_uploads_than_there_is_room_for(tmp_path: Path) -> None:
    """1100 transactions and 300 MB of chunks: never more than 1000 and 256 MB wait, on the disk too."""
    flood(tmp_path / "net", 1100, 80)
