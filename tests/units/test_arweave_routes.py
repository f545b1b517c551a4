"""What a node of Arweave answers beside its transactions: minting and mining, for the user of this machine alone."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.network import Item, Network, RealClock

from .serving import Served, eventually
from .test_access import TOKEN, bearer, outside, serving
from .test_safety import port

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
    query = "query ($min: Int, $max: Int) { blocks(height: { min: $min, max: $max }, first: 100, sort: HEIGHT_ASC) { edges { node { id height timestamp } } } }"
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


def test_mine(server: Served) -> None:
    """One block, or as many as are asked for; `/info`, the last block, anchors and new messages have the new height."""
    process = server.spawn()
    first = height(server)
    told = server.get("gateway", "/mine").json()
    assert (told["height"], told["network"]) == (first + 1, "ao.local")
    assert server.get("gateway", "/mine/20").json()["height"] == height(server) == first + 21
    server.message(process, "Ping")
    assert heights(server, process) == [first, first + 21]
    block = server.get("gateway", "/block/current").json()
    assert (block["height"], block["indep_hash"]) == (first + 21, server.get("gateway", "/tx_anchor").text)
    assert server.get("gateway", f"/block/hash/{block['indep_hash']}").json() == block
    assert server.get("gateway", f"/block/hash/{'x' * 64}").status_code == 404
    # A block began when it was mined, and that stays so.
    known = blocks(server, first - 2, first + 21)
    times = [one["timestamp"] for one in known]
    assert (times == sorted(times), len({*times[3:4]}), len({*times[4:]})) == (True, 1, 1)
    time.sleep(1)
    server.get("gateway", "/mine/3")
    assert blocks(server, first - 2, first + 21) == known


@pytest.mark.parametrize("blocks", ["0", "-1", "x", "1.5", "10001", "9" * 31])
def test_mine_nothing(server: Served, blocks: str) -> None:
    """1 to 10 000 at a time."""
    before = height(server)
    assert server.get("gateway", f"/mine/{blocks}").status_code == 400
    assert height(server) == before


def test_heights_only_rise(server: Served) -> None:
    """Whoever mines while others send: no message has a lower block than the one before it."""
    process = server.spawn()
    first = height(server)
    mined = threading.Thread(target=lambda: [server.get("gateway", "/mine") for _ in range(20)])
    mined.start()
    for number in range(20):
        server.message(process, "Ping", str(number))
    mined.join()
    server.message(process, "Ping")
    found = heights(server, process)
    assert found == sorted(found)
    assert (found[0], found[-1]) == (first, first + 20)


def test_ticks_of_blocks_come_when_they_are_mined(server: Served) -> None:
    """A monitored process with a cron of blocks: its ticks are delivered without another message."""
    code = 'Handlers.add("Tick", "Tick", function(msg) Heights = Heights or {} table.insert(Heights, msg["Block-Height"]) end)'
    process = server.spawn(code, tags=[("Cron-Interval", "2-blocks"), ("Cron-Tag-Action", "Tick")])
    url = f"{server.urls['mu']}/monitor/{process}"
    assert server.http.post(url, content=b"{}", headers={"Content-Type": "application/json"}).status_code == 200
    first = height(server)
    server.get("gateway", "/mine/5")
    ticks = f"/cron/{process}"
    eventually(lambda: len(server.get("cu", ticks).json()["edges"]) == 2)
    assert server.eval(process, "return table.concat(Heights, ' ')") == f"{first + 2} {first + 4}"


# ── who may ────────────────────────────────────────────────────────────────────────────────────────────────────────

PATHS = (f"/mint/{BELA}/7", "/mine", "/mine/2")


def test_no_page_mints_or_mines(server: Served) -> None:
    """A foreign Host or Origin, and what a page shows or follows without an Origin; nothing is changed, no CORS."""
    own = server.urls["gateway"]
    before = balance(server, BELA), height(server)
    foreign = [
        {"Origin": "https://somewhere.example"},
        {"Origin": "null"},
        {"Origin": own.replace("http:", "https:")},
        {"Origin": "http://localhost:3000"},
        {"Host": "somewhere.example"},
        {"Host": f"somewhere.example:{port(server)}"},
        # A picture or a link: browsers send no Origin for it.
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "anything"},
    ]
    for path in PATHS:
        for headers in foreign:
            answer = server.http.get(own + path, headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert "access-control-allow-origin" not in answer.headers
        # Whoever asks for the head alone, or in another way, changes nothing.
        assert server.http.head(own + path).status_code in (400, 404, 405)
        for method in ("POST", "PUT", "DELETE"):
            assert server.http.request(method, own + path).status_code in (404, 405)
        for unit in ("mu", "su", "cu", "ur", "uploader"):
            assert server.get(unit, path).status_code in (400, 404)
    assert (balance(server, BELA), height(server)) == before


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
    first = height(server)
    server.get("gateway", f"/mint/{ANNA}/5")
    server.get("gateway", "/mine/90")
    time.sleep(1)
    server.get("gateway", "/mine/10")
    known = blocks(server, first, first + 100)
    server.stop(9)
    server.close()
    server = Served(str(tmp_path / "net"))
    try:
        assert (balance(server), balance(server, BELA), height(server)) == ("5", "0", first + 100)
        assert blocks(server, first, first + 100) == known
        assert json.loads((tmp_path / "net/network.json").read_text())["balances"] == {ANNA: "5"}
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
