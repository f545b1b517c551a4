"""Arweave's own transactions as arweave-js posts and reads them; the server is killed between post and last chunk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.items import from_base64url
from ao_runtime.network import Item, Network
from ao_runtime.units.headers import Header, encoded
from ao_runtime.units.merkle import LEAST, MOST, root_of
from ao_runtime.units.weave import Weave
from tests.differential.fetch import OracleMissingError, node

from .npm import arweave
from .serving import Served, message

Told = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the network is."""
    return tmp_path_factory.mktemp("weave") / "net"


@pytest.fixture(scope="module")
def ask() -> Callable[..., Told]:
    """What a step of `weave.mjs` tells of a server."""
    try:
        path = arweave()
    except OracleMissingError as error:
        pytest.skip(str(error))
    script = str(Path(__file__).with_name("weave.mjs"))

    def run(server: Served, step: str, *told: Told) -> Told:
        words = [node(), "--no-warnings", script, str(path), server.urls["gateway"], step, *map(json.dumps, told)]
        done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
        assert done.returncode == 0, done.stderr + server.log[-2000:]
        found: Told = json.loads(done.stdout.splitlines()[-1])
        return found

    return run


@pytest.fixture(scope="module")
def begun(folder: Path, ask: Callable[..., Told]) -> Told:
    """What was posted whole, and what was posted in part; the server was killed then."""
    server = Served(str(folder))
    try:
        return ask(server, "begin")
    finally:
        server.stop(9)
        server.close()


@pytest.fixture(scope="module")
def ended(folder: Path, ask: Callable[..., Told], begun: Told) -> Told:
    """What the rest of the uploads gave, and what was read after it. The server was killed then."""
    server = Served(str(folder))
    try:
        waiting = {path.name for path in (folder / "waiting").glob("*.json")}
        told = ask(server, "end", begun)
        left = [path.name for path in (folder / "waiting").iterdir()]
        return {**told, "waiting": waiting, "left": left, "read": ask(server, "read", begun)}
    finally:
        server.stop(9)
        server.close()


def known(read: Told) -> Told:
    """What was read, without how many blocks have come since."""
    found = json.loads(json.dumps(read))
    for one in found["found"].values():
        del one["confirmed"]["number_of_confirmations"]
    return found  # type: ignore[no-any-return]


def test_wallets_have_what_was_minted(begun: Told) -> None:
    """As text of winston, of any size; and mined blocks come on top, one if nothing is said."""
    assert begun["balances"] == ["0", [200, "5"], "5", [200, f"9{'0' * 24}5"], f"9{'0' * 24}5"]
    assert begun["mined"] == [1, 6]


def test_an_upload_outlives_the_server(begun: Told, ended: Told) -> None:
    """Pending before and after a kill; it goes on from what the uploader had written down, or by the id alone."""
    pending = {"status": 202, "confirmed": None}
    assert (begun["posted"], begun["statuses"], ended["before"]) == ([200] * 3, [pending] * 2, [pending] * 2)
    assert ended["waiting"] == {f"{begun['ids'][name]}.json" for name in ("begun", "named")}
    # One chunk was left of the first, all three of the second; nothing waits any more.
    assert (ended["statuses"], ended["left"]) == ([200] * 4, [])
    assert begun["complaints"] == ended["complaints"] == []


def test_what_was_posted_is_read(begun: Told, ended: Told) -> None:
    """All fields, so that its signature is right, in a block, its data by chunks whose paths prove them."""
    read = ended["read"]
    chunks = {"small": 1, "even": 2, "empty": 0, "begun": 3, "named": 3}
    for name, one in read["found"].items():
        assert (one["status"], one["verified"], one["data"], one["read"]) == (200, True, True, True), name
        assert one["proved"] == [True] * chunks[name]
        assert one["confirmed"]["number_of_confirmations"] >= 1
        assert one["fields"]["id"] == begun["ids"][name]
    fields = read["found"]["small"]["fields"]
    assert (fields["owner"], fields["target"]) == (begun["address"], begun["target"])
    assert (fields["quantity"], fields["reward"], fields["data_size"]) == ("12", "34", "10")
    assert [from_base64url(tag["name"]) for tag in fields["tags"]] == [b"Content-Type", "\U0001f40b".encode()]
    assert (read["last"], read["balance"]) == (begun["ids"]["empty"], begun["balances"][-1])
    assert (read["block"], read["peers"], read["complaints"]) == (True, [], [])


def test_what_was_changed_verifies_no_more(ended: Told) -> None:
    """Without one of its tags the signature is another's."""
    assert ended["read"]["forged"] is False


def test_all_of_it_is_there_after_a_kill(folder: Path, ask: Callable[..., Told], begun: Told, ended: Told) -> None:
    """The same fields, block and place in the chain, mined height and balance; GraphQL has key and amounts, too."""
    server = Served(str(folder))
    try:
        assert known(ask(server, "read", begun)) == known(ended["read"])
        assert server.get("gateway", "/info").json()["height"] >= begun["height"] + 6
        small = begun["ids"]["small"]
        answer = server.graphql(
            """query ($ids: [ID!]) { transactions(ids: $ids) { edges { node {
                 owner { address key } fee { winston ar } quantity { winston ar } block { height } } } } }""",
            ids=[small],
        )
        [edge] = answer.json()["data"]["transactions"]["edges"]
        told = server.get("gateway", f"/tx/{small}").json()
        assert edge["node"] == {
            "owner": {"address": begun["address"], "key": told["owner"]},
            "fee": {"winston": "34", "ar": "0.000000000034"},
            "quantity": {"winston": "12", "ar": "0.000000000012"},
            "block": {"height": ended["read"]["found"]["small"]["confirmed"]["block_height"]},
        }
        for name in ("id", "owner", "data_root", "reward", "signature"):
            assert server.get("gateway", f"/tx/{small}/{name}").text == told[name]
        assert server.get("gateway", f"/tx/{small}/tags").json() == told["tags"]
        assert server.get("gateway", f"/tx/{small}/nothing").status_code == 404
        # One that was assigned to a process has its owner's key there, and is no data item.
        process = server.spawn()
        assert server.http.post(f"{server.urls['mu']}?process-id={process}&assign={small}").status_code == 202
        assert server.get("su", f"/{small}", **{"process-id": process}).json()["assignment"]["tags"]
        url = f"{server.urls['gateway']}/scheduler/{small}?process-id={process}"
        answer = server.http.get(url, headers={"Accept": "application/octet-stream"})
        assert (answer.status_code, "never a signed item" in answer.text) == (404, True)
    finally:
        server.close()


def test_the_last_chunk_may_come_again(folder: Path, ask: Callable[..., Told], begun: Told, ended: Told) -> None:
    """A kill between storing and answering: who sends the chunk again is told that all is well."""
    server = Served(str(folder))
    try:
        told = server.get("gateway", f"/tx/{begun['ids']['named']}").json()
        place = server.get("gateway", f"/tx/{begun['ids']['named']}/offset").json()
        last = server.get("gateway", f"/chunk/{place['offset']}").json()
        again = {**told, **last, "offset": str(int(told["data_size"]) - 1)}
        assert server.http.post(server.urls["gateway"] + "/chunk", json=again).text == "OK"
        changed = {**again, "chunk": encoded(b"x" * len(from_base64url(last["chunk"]) or b""))}
        assert server.http.post(server.urls["gateway"] + "/chunk", json=changed).status_code == 400
    finally:
        server.close()


# ── without arweave-js ─────────────────────────────────────────────────────────────────────────────────────────────


def transaction(number: int, data: bytes, root: bytes | None = None) -> Item:
    """A transaction as it is when all of its data is there."""
    root = root_of(data) if root is None else root
    header = Header("AAAA", "", encoded(root), str(len(data)), "0", "0")
    id = f"{number:043}"
    return Item(id, id, "", b"", (), (), data, "", header.write())


def test_data_lies_one_after_another() -> None:
    """Each byte belongs to one transaction, from 1 on; the next one begins where the last one ends; nothing beyond."""
    network = Network(seed="weave")
    weave = Weave(network)
    parts = [b"one", b"", b"four", bytes(MOST + LEAST - 1)]
    weave.store([transaction(number, data) for number, data in enumerate(parts)])
    for fresh in (weave, Weave(network)):
        end = 0
        for number, data in enumerate(parts):
            for at in {0, len(data) - 1} if data else ():
                found = fresh.at(end + at + 1)
                assert found is not None
                assert (found[0].id, found[2]) == (f"{number:043}", at)
            end += len(data)
        assert (fresh.at(0), fresh.at(end + 1)) == (None, None)
        assert fresh.at(10**30) is None
    # Stored once, however often it comes.
    weave.store([transaction(0, b"one")])
    assert weave.at(end + 1) is None


def test_a_tree_of_somebodys_own_has_no_path() -> None:
    """Data whose owner has cut it in another way is read all the same; only its chunks are proved by nothing."""
    network = Network(seed="weave")
    weave = Weave(network)
    weave.store([transaction(1, b"cut by a stranger", sha256(b"another root").digest())])
    found = weave.at(1)
    assert found is not None
    assert weave.chunk(*found) == {
        "chunk": encoded(b"cut by a stranger"),
        "data_path": "",
        "tx_path": "",
        "packing": "unpacked",
    }


def test_data_items_lie_nowhere(server: Served, ping: str) -> None:
    """A message has a status and its fields, but no place in the chain's data: arweave-js reads it at `/ID`."""
    id = server.message(ping, "Ping", "data")
    assert server.get("gateway", f"/tx/{id}/status").status_code == 200
    assert server.get("gateway", f"/tx/{id}/offset").status_code == 404
    assert server.get("gateway", f"/tx/{id}/target").text == ping
    assert message(ping).target == ping


@pytest.mark.parametrize("offset", ["0", "1", "9" * 30])
def test_no_chunk_there(server: Served, offset: str) -> None:
    """404 where nothing lies."""
    answer = server.get("gateway", f"/chunk/{offset}")
    assert (answer.status_code, answer.json()) == (404, {"error": "chunk_not_found"})


@pytest.mark.parametrize("offset", ["-1", "1e3", "x", "9" * 31, "9" * 5000, "%00", "١"])
def test_no_offset(server: Served, offset: str) -> None:
    """400 for what is no number; none is so long that reading it takes time."""
    answer = server.get("gateway", f"/chunk/{offset}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
