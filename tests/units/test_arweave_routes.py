"""What a node of Arweave answers beside its transactions: minting and mining, for the user of this machine alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.network import Item, Network, RealClock

from .serving import Served, eventually
from .test_access import TOKEN, bearer, outside, serving
from .test_safety import port


@pytest.fixture
def fresh() -> Iterator[Served]:
    """A server that was just started: for two minutes no block comes by itself."""
    served = Served()
    try:
        yield served
    finally:
        served.close()


ANNA, BELA = "a" * 43, "-" * 42 + "E"


def balance(server: Served, address: str = ANNA) -> str:
    """What an address has."""
    return server.get("gateway", f"/wallet/{address}/balance").text


def height(server: Served) -> int:
    """The height of the last block."""
    found: int = server.get("gateway", "/info").json()["height"]
    return found


def blocks(server: Served, first: int, last: int) -> list[Any]:
    """Blocks, as a node and as GraphQL tell them."""
    query = "query ($min: Int, $max: Int) { blocks(height: { min: $min, max: $max }, first: 500, sort: HEIGHT_ASC) { edges { node { id height timestamp } } } }"
    told = server.graphql(query, min=first, max=last).json()["data"]["blocks"]["edges"]
    nodes = [server.get("gateway", f"/block/height/{height}").json() for height in range(first, last + 1)]
    assert [edge["node"] for edge in told] == [
        {name: one[name] for name in ("id", "height", "timestamp")} for one in nodes
    ]
    return nodes


def heights(server: Served, process: str) -> list[int]:
    """The heights of a process's messages, in their order."""
    edges = server.get("su", f"/{process}", **{"process-id": process}).json()["edges"]
    tags = [{tag["name"]: tag["value"] for tag in edge["node"]["assignment"]["tags"]} for edge in edges]
    assert [int(one["Nonce"]) for one in tags] == [*range(len(tags))]
    return [int(one["Block-Height"]) for one in tags]


def test_mint(server: Served) -> None:
    """What is minted is added up, for each address apart; the answer is the text of what it has."""
    assert (balance(server), balance(server, BELA)) == ("0", "0")
    for amount, expected in (("1", "1"), ("0", "1"), ("007", "8"), ("1" + "0" * 25, "10000000000000000000000008")):
        answer = server.get("gateway", f"/mint/{ANNA}/{amount}")
        assert (answer.status_code, answer.text, balance(server)) == (200, expected, expected)
    assert balance(server, BELA) == "0"


@pytest.mark.parametrize(
    "address", ["a" * 42, "a" * 44, "..%2f..%2fnetwork", "é" * 43, "0x" + "1" * 40, "a" * 42 + "!"]
)
def test_no_address(server: Served, address: str) -> None:
    """Nothing else than 43 characters is one."""
    for path in (f"/mint/{address}/1", f"/wallet/{address}/balance", f"/wallet/{address}/last_tx"):
        assert server.get("gateway", path).status_code in (400, 404), path


@pytest.mark.parametrize("amount", ["-1", "1.5", "1e18", "x", "%20", "١", "9" * 31, "9" * 5000])
def test_no_amount(server: Served, amount: str) -> None:
    """Nothing else than up to 30 digits is one, and nobody has more than 10^30 winston."""
    before = balance(server)
    answer = server.get("gateway", f"/mint/{ANNA}/{amount}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    many = "9" * 30
    assert [server.get("gateway", f"/mint/{BELA[:42]}Q/{many}").status_code for _ in range(2)][1] == 400
    assert balance(server) == before


def test_mine(fresh: Served) -> None:
    """One block, or as many as are asked for; `/info`, the last block, anchors and new messages have the new height."""
    process = fresh.spawn()
    first = height(fresh)
    told = fresh.get("gateway", "/mine").json()
    assert (told["height"], told["network"]) == (first + 1, "ao.local")
    assert fresh.get("gateway", "/mine/20").json()["height"] == height(fresh) == first + 21
    fresh.message(process, "Ping")
    assert heights(fresh, process) == [first, first + 21]
    block = fresh.get("gateway", "/block/current").json()
    assert (block["height"], block["indep_hash"]) == (first + 21, fresh.get("gateway", "/tx_anchor").text)
    assert fresh.get("gateway", f"/block/hash/{block['indep_hash']}").json() == block
    assert fresh.get("gateway", f"/block/hash/{'x' * 64}").status_code == 404
    # A block began when it was mined, and that stays so.
    known = blocks(fresh, first - 2, first + 21)
    times = [one["timestamp"] for one in known]
    assert (times == sorted(times), times[1] - times[0], times[2] - times[1], len({*times[4:]})) == (True, 120, 120, 1)
    time.sleep(1)
    fresh.get("gateway", "/mine/3")
    assert blocks(fresh, first - 2, first + 21) == known


def test_mine_nothing(fresh: Served) -> None:
    """1 to 10 000 at a time."""
    before = height(fresh)
    for blocks in ("0", "-1", "x", "1.5", "10001", "9" * 31):
        assert fresh.get("gateway", f"/mine/{blocks}").status_code == 400, blocks
    assert height(fresh) == before


def test_heights_only_rise(fresh: Served) -> None:
    """Whoever mines while others send: no message has a lower block than the one before it."""
    process = fresh.spawn()
    first = height(fresh)
    mined = threading.Thread(target=lambda: [fresh.get("gateway", "/mine") for _ in range(20)])
    mined.start()
    for number in range(20):
        fresh.message(process, "Ping", str(number))
    mined.join()
    fresh.message(process, "Ping")
    found = heights(fresh, process)
    assert found == sorted(found)
    assert (found[0], found[-1]) == (first, first + 20)


def test_ticks_of_blocks_come_when_they_are_mined(fresh: Served) -> None:
    """A monitored process with a cron of blocks: its ticks are delivered without another message."""
    code = 'Handlers.add("Tick", "Tick", function(msg) Heights = Heights or {} table.insert(Heights, msg["Block-Height"]) end)'
    process = fresh.spawn(code, tags=[("Cron-Interval", "2-blocks"), ("Cron-Tag-Action", "Tick")])
    url = f"{fresh.urls['mu']}/monitor/{process}"
    assert fresh.http.post(url, content=b"{}", headers={"Content-Type": "application/json"}).status_code == 200
    first = height(fresh)
    fresh.get("gateway", "/mine/5")
    ticks = f"/cron/{process}"
    eventually(lambda: len(fresh.get("cu", ticks).json()["edges"]) == 2)
    assert fresh.eval(process, "return table.concat(Heights, ' ')") == f"{first + 2} {first + 4}"


# ── who may ────────────────────────────────────────────────────────────────────────────────────────────────────────

PATHS = (f"/mint/{BELA}/7", "/mine", "/mine/2")


def test_no_page_mints_or_mines(fresh: Served) -> None:
    """A foreign Host or Origin, and what a page shows or follows without an Origin; nothing is changed, no CORS."""
    own = fresh.urls["gateway"]
    before = balance(fresh, BELA), height(fresh)
    foreign = [
        {"Origin": "https://somewhere.example"},
        {"Origin": "null"},
        {"Origin": own.replace("http:", "https:")},
        {"Origin": "http://localhost:3000"},
        {"Host": "somewhere.example"},
        {"Host": f"somewhere.example:{port(fresh)}"},
        # A picture or a link: browsers send no Origin for it.
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "anything"},
    ]
    for path in PATHS:
        for headers in foreign:
            answer = fresh.http.get(own + path, headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert "access-control-allow-origin" not in answer.headers
        # Whoever asks for the head alone, or in another way, changes nothing.
        assert fresh.http.head(own + path).status_code in (400, 404, 405)
        for method in ("POST", "PUT", "DELETE"):
            assert fresh.http.request(method, own + path).status_code in (404, 405)
        for unit in ("mu", "su", "cu", "ur", "uploader"):
            assert fresh.get(unit, path).status_code in (400, 404)
    assert (balance(fresh, BELA), height(fresh)) == before


def test_the_user_mints_and_mines(server: Served) -> None:
    """From a shell, by typing it, or on a page of the server's own; nobody keeps the answer, no page reads it."""
    own = server.urls["gateway"]
    for number, headers in enumerate(
        ({}, {"Origin": own}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin", "Origin": own})
    ):
        answer = server.http.get(f"{own}/mint/{BELA}/7", headers=headers)
        assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (
            200,
            f"{7 * number + 7}",
            "no-store",
        )
        assert "access-control-allow-origin" not in answer.headers
        assert server.http.get(f"{own}/mine", headers=headers).headers["cache-control"] == "no-store"


def test_beyond_loopback_it_needs_a_token() -> None:
    """403 without one, 401 for a wrong one; the rules for Host and Origin hold all the same."""
    address = outside()
    with serving("--host", address) as server:
        for path in PATHS:
            answer = server.get("gateway", path)
            assert (answer.status_code, "needs a token" in answer.json()["error"]) == (403, True)
        assert balance(server, BELA) == "0"
    with serving("--host", address, token=TOKEN) as server:
        own = server.urls["gateway"]
        for path in PATHS:
            for headers in ({}, bearer(TOKEN[:-1])):
                assert server.http.get(own + path, headers=headers).status_code == 401
            assert server.http.get(own + path, headers={**bearer(TOKEN), "Origin": "null"}).status_code == 403
            assert server.http.get(own + path, headers={**bearer(TOKEN), "Host": "x.example"}).status_code == 403
        assert balance(server, BELA) == "0"
        assert server.http.get(own + PATHS[0], headers=bearer(TOKEN)).text == balance(server, BELA) == "7"


# ── a folder ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_both_are_there_after_a_kill(tmp_path: Path) -> None:
    """What was minted and mined is on the disk before it is answered."""
    server = Served(str(tmp_path / "net"))
    try:
        first = height(server)
        server.get("gateway", f"/mint/{ANNA}/5")
        server.get("gateway", "/mine/90")
        time.sleep(1)
        server.get("gateway", "/mine/10")
        known = blocks(server, first, first + 100)
        server.stop(9)
    finally:
        server.close()
    server = Served(str(tmp_path / "net"))
    try:
        assert (balance(server), balance(server, BELA)) == ("5", "0")
        assert height(server) >= first + 100
        assert blocks(server, first, first + 100) == known
        assert json.loads((tmp_path / "net/network.json").read_text())["balances"] == {ANNA: "5"}
    finally:
        server.close()


def test_ten_million_blocks_are_mined_in_all(tmp_path: Path) -> None:
    """The last one may still be mined; each block that is told has a time that GraphQL can say."""
    network = Network.open(tmp_path / "net", signed=True, clock=RealClock(), seed="high")
    network.clock.mine(9_999_999)
    network.close()
    server = Served(str(tmp_path / "net"))
    try:
        assert [server.get("gateway", path).status_code for path in ("/mine/2", "/mine", "/mine")] == [400, 200, 400]
        last = height(server)
        for first in (1, 1_000_000, last - 1):
            assert [one["height"] for one in blocks(server, first, first + 1)] == [first, first + 1]
    finally:
        server.close()


def test_reset_forgets_what_waits(tmp_path: Path) -> None:
    """With what was minted, and all else; what somebody has put beside it stays."""
    network = Network.open(tmp_path / "net", signed=True, clock=RealClock(), seed="gone")
    network.mint(ANNA, 5)
    network.close()
    (tmp_path / "net/waiting").mkdir()
    (tmp_path / f"net/waiting/{'r' * 43}.5.0").write_bytes(b"x")
    (tmp_path / "net/notes.txt").write_text("mine")
    server = Served(str(tmp_path / "net"), "--reset")
    try:
        assert (balance(server), (tmp_path / "net/waiting").exists()) == ("0", False)
        assert (tmp_path / "net/notes.txt").read_text() == "mine"
    finally:
        server.close()


def test_a_transaction_of_an_older_folder(tmp_path: Path) -> None:
    """It has its data, tags and signature, and lacks what was not kept then: key, root, and a place in the chain."""
    network = Network.open(tmp_path / "net", signed=True, clock=RealClock(), seed="old")
    network.storage.put(Item("t" * 42 + "E", ANNA, "", b"", (b"App",), (b"old",), b"old data", "sig"))
    network.close()
    id = "t" * 42 + "E"
    server = Served(str(tmp_path / "net"))
    try:
        told: dict[str, Any] = server.get("gateway", f"/tx/{id}").json()
        assert (told["owner"], told["data_root"], told["data_size"], told["signature"]) == ("", "", "8", "sig")
        assert told["tags"] == [{"name": "QXBw", "value": "b2xk"}]
        assert server.get("gateway", f"/{id}").content == b"old data"
        assert server.get("gateway", f"/tx/{id}/status").status_code == 200
        assert server.get("gateway", f"/tx/{id}/offset").status_code == 404
        assert server.get("gateway", "/chunk/1").status_code == 404
    finally:
        server.close()
