"""`memory_limit` and `compute_limit` hold, and are never more than the server's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.units.serving import Served

from .api import Api

LOOP = "local n = 0 for i = 1, {} do n = n + i end return 'done'"
FILL = "Held = ('x'):rep({}) return 'done'"


@pytest.fixture(scope="module")
def bounded() -> Iterator[Api]:
    """A server whose messages may use little."""
    served = Served("--limit-instructions", "3000000", "--limit-memory", "24MB")
    try:
        yield Api(served)
    finally:
        served.close()


def told(api: Api, process: str, code: str) -> str:
    """What code answers, or the error that it ends in."""
    result = api.send(process, "Eval", code)["result"]
    return str(result.get("Error") or result["Output"]["data"])


def test_a_process_has_less_if_it_asks_for_less(bounded: Api) -> None:
    """Instructions and bytes beyond its own limits are errors of that message alone; others have the server's."""
    small, narrow = bounded.spawn(compute_limit=400_000), bounded.spawn(memory_limit="8-mb")
    usual = bounded.spawn()
    assert told(bounded, usual, LOOP.format(300_000)) == "done"
    assert "instruction limit of 400000 reached" in told(bounded, small, LOOP.format(300_000))
    assert told(bounded, usual, FILL.format(9 << 20)) == "done"
    assert "memory limit" in told(bounded, narrow, FILL.format(9 << 20))
    for process in (small, narrow):
        assert told(bounded, process, "return 'goes on'") == "goes on"


def test_nobody_has_more_than_the_server_gives(bounded: Api) -> None:
    """A limit above the server's is the server's."""
    greedy = bounded.spawn(compute_limit="9000000000000", memory_limit="1-gb")
    assert "instruction limit of 3000000 reached" in told(bounded, greedy, LOOP.format(10_000_000))
    assert "memory limit" in told(bounded, greedy, FILL.format(40 << 20))


def test_what_only_reads_is_bound_too(bounded: Api) -> None:
    """A dry run of the process has no more, whoever asks."""
    small = bounded.spawn(compute_limit=400_000)
    body = {"to": small, "action": "Eval", "data": LOOP.format(300_000), "read_only": True}
    assert "instruction limit of 400000" in bounded.post("/message", body).json()["result"]["Error"]
    owner = bounded.get("/info").json()["local_user"]
    dry = {"Tags": [{"name": "Action", "value": "Eval"}], "Data": body["data"], "Owner": owner, "From": owner}
    url = bounded.server.urls["cu"] + "/dry-run"
    sent = bounded.send(small, "Ping")["message_id"]
    for query in ({"process-id": small}, {"process-id": small, "to": sent}):
        answer = bounded.server.http.post(url, params=query, json=dry)
        assert "instruction limit of 400000" in answer.json()["Error"]
