"""A slow or hostile process delays no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import CODE
from .serving import Served, eventually, message

LOOP = f'Handlers.add("Loop", "Loop", function() while true do end end) {CODE}'
FOREVER = "while true do end"
CRON = ("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Loop")
#: Seconds that an evaluation may take; and what one that is not slow takes at most, on a machine that is at work.
LIMIT, QUICK = 10, 5.0


@pytest.fixture(scope="module", params=["memory", "folder"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose evaluations may take ten seconds."""
    folder = [str(tmp_path_factory.mktemp("slow"))] if request.param == "folder" else []
    server = Served(*folder, "-q", "--limit-seconds", str(LIMIT), "--workers", "2")
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def others(served: Served) -> list[str]:
    """Processes that do nothing wrong."""
    return [served.spawn(CODE, Name=f"other{number}") for number in range(8)]


class Asked(threading.Thread):
    """A request whose answer is long in coming."""

    def __init__(self, method: str, url: str, **more: Any) -> None:
        super().__init__(daemon=True)
        self._request = method, url, more
        self.answer: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        """Ask."""
        method, url, more = self._request
        self.answer = httpx.request(method, url, timeout=60, trust_env=False, **more)

    def wait(self) -> httpx.Response:
        """The answer."""
        self.join(60)
        assert self.answer is not None
        return self.answer


def post(served: Served, item: Any) -> Asked:
    """An item to the mu."""
    return Asked("POST", served.urls["mu"], content=bytes(item))


def dry_run(served: Served, process: str, action: str, data: str = "x") -> Asked:
    """A dry run."""
    body = {"Id": "1", "Target": process, "Owner": "1", "Data": data, "Tags": [{"name": "Action", "value": action}]}
    return Asked("POST", f"{served.urls['cu']}/dry-run?process-id={process}", json=body)


def all_quick(served: Served, others: list[str]) -> None:
    """Messages, results and dry runs of all others are answered soon."""
    for process in others:
        began = time.monotonic()
        sent = served.message(process, "Ping", "x")
        assert served.result(process, sent)["Messages"][0]["Data"] == "x"
        assert time.monotonic() - began < QUICK
        began = time.monotonic()
        assert dry_run(served, process, "Ping").wait().json()["Messages"][0]["Data"] == "x"
        assert time.monotonic() - began < QUICK


def test_messages_that_loop(served: Served, others: list[str]) -> None:
    """While three processes are in endless loops; they get their results, and the messages behind them theirs."""
    slow = [served.spawn(LOOP, Name=f"slow{number}") for number in range(3)]
    items = [message(process, Action="Loop") for process in slow]
    looping = [post(served, item) for item in items]
    eventually(lambda: all(served.get("su", f"/{process}/latest").json()["assignment"] for process in slow))
    time.sleep(0.2)
    all_quick(served, others)
    assert all(one.answer is None for one in looping)
    behind = message(slow[0], "after", Action="Ping")
    waiting = post(served, behind)
    # Results that there are come at once, also of a process that is busy.
    began = time.monotonic()
    assert "Error" not in served.result(slow[0], slow[0])
    assert served.get("cu", f"/results/{slow[0]}").json()["edges"]
    assert time.monotonic() - began < QUICK
    assert [one.wait().status_code for one in looping] == [202] * 3
    assert "limit" in served.result(slow[0], items[0].id)["Error"]
    assert waiting.wait().status_code == 202
    assert served.result(slow[0], behind.id)["Messages"][0]["Data"] == "after"


def test_a_result_that_is_not_there_yet(served: Served, others: list[str]) -> None:
    """Whoever asks for it waits for it, and gets it."""
    slow = served.spawn(LOOP, Name="waited")
    item = message(slow, Action="Loop")
    post(served, item)
    eventually(lambda: served.get("su", f"/{item.id}", **{"process-id": slow}).status_code == 200)
    asked = [Asked("GET", f"{served.urls['cu']}/result/{item.id}?process-id={slow}") for _ in range(2)]
    all_quick(served, others[:2])
    assert ["limit" in one.wait().json()["Error"] for one in asked] == [True, True]


def test_boots_and_dry_runs_that_loop(served: Served, others: list[str]) -> None:
    """A spawn whose boot loops, by a wallet and by a process; a dry run that loops."""
    parent = served.spawn(CODE, Name="parent")
    boot = post(served, served.process_item(FOREVER, Name="boots"))
    code = f"Spawn(ao.env.Module.Id, {{ Tags = {{ ['On-Boot'] = 'Data' }}, Data = '{FOREVER}' }})"
    served.message(parent, "Eval", code)
    dry = dry_run(served, served.spawn(CODE, Name="tried"), "Eval", FOREVER)
    time.sleep(0.3)
    all_quick(served, [*others, parent])
    assert boot.wait().status_code == 202
    assert dry.wait().status_code == 200


def test_ticks_that_loop(served: Served, others: list[str]) -> None:
    """Ticks of a monitored process."""
    code = 'Handlers.add("Loop", "Loop", function() while true do end end)'
    item = served.process_item(code, tags=CRON, Name="clock")
    assert served.send(item).status_code == 202
    headers = {"Content-Type": "application/json"}
    assert served.http.post(f"{served.urls['mu']}/monitor/{item.id}", json={}, headers=headers).status_code == 200
    time.sleep(2)
    all_quick(served, others)
    served.http.request("DELETE", f"{served.urls['mu']}/monitor/{item.id}", json={}, headers=headers)


def test_a_crowd_at_one_process(served: Served, others: list[str]) -> None:
    """What waits for one process is bounded; more is refused (429), and all others go on."""
    slow = served.spawn(LOOP, Name="crowded")
    first = post(served, message(slow, Action="Loop"))
    time.sleep(0.3)
    with httpx.Client(timeout=60, trust_env=False, limits=httpx.Limits(max_connections=None)) as http:
        answers: list[int] = []

        def send() -> None:
            item = bytes(message(slow, Action="Ping"))
            answers.append(http.post(served.urls["mu"], content=item).status_code)

        crowd = [threading.Thread(target=send, daemon=True) for _ in range(300)]
        for one in crowd:
            one.start()
        eventually(lambda: 429 in answers)
        all_quick(served, others[:2])
        for one in crowd:
            one.join(60)
    assert first.wait().status_code == 202
    assert set(answers) == {202, 429}
    assert answers.count(202) >= 256


def test_a_kill_while_one_is_busy(tmp_path: Path) -> None:
    """Started again, the network has every message that was acknowledged, and not the one that was being evaluated."""
    server = Served(str(tmp_path), "-q", "--limit-seconds", "30")
    slow = server.spawn(LOOP)
    others = [
        server.spawn('Got = {} Handlers.add("Add", "Add", function(msg) Got[#Got + 1] = msg.Data end)') for _ in "12"
    ]
    dead: list[BaseException] = []

    def send() -> None:
        try:
            httpx.post(server.urls["mu"], content=bytes(message(slow, Action="Loop")), timeout=60, trust_env=False)
        except httpx.HTTPError as error:
            dead.append(error)

    looping = threading.Thread(target=send)
    looping.start()
    time.sleep(0.3)
    for number in range(40):
        server.message(others[number % 2], "Add", str(number))
    server.process.kill()
    server.process.wait()
    looping.join(30)
    server.close()
    assert len(dead) == 1
    again = Served(str(tmp_path), "-q")
    try:
        assert [again.eval(one, "return #Got") for one in others] == ["20", "20"]
        assert len(again.get("su", f"/{slow}").json()["edges"]) == 1
        assert again.result(slow, again.message(slow, "Ping", "x"))["Messages"][0]["Data"] == "x"
    finally:
        again.close()
