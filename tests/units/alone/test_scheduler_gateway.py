"""The scheduler unit alone, and its gateway and uploader: what it asks, what goes up, and when they lie or are gone."""

from __future__ import annotations

import json
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ..serving import ALICE, Served, eventually, message
from .gateways import gateway, raw_server
from .schedulers import ID, check_order, metric, pages, refused, scheduler, tags_of


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


def test_a_compute_unit_alone_evaluates_its_order(server: Served) -> None:
    """Scheduler, compute unit and gateway, each another program: results, and a message that was assigned."""
    code = 'Handlers.add("Ping", "Ping", function(msg) msg.reply({ Data = "Pong " .. msg.Data }) end)'
    code += ' ao.addAssignable("any", function() return true end)'
    with scheduler(server.urls["gateway"]) as su:
        words = ("--unit", "cu", "--su", su.urls["su"], "--gateway", server.urls["gateway"])
        cu = Served(*words)
        try:
            one, other = su.started(code), su.started(code)
            item = message(one, "1", Action="Ping")
            su.put(item)
            assert cu.result(one, item.id)["Messages"][0]["Data"] == "Pong 1"
            eventually(lambda: metric(su, "ao_uploads") == 0)
            assigned = su.put(b"", **{"process-id": other, "assign": item.id}).json()["id"]
            found = cu.result(other, assigned)
            assert [one["Data"] for one in found["Messages"]] == ["Pong 1"], found
        finally:
            cu.close()
