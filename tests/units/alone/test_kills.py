"""Single units that are killed at any moment and started again: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.units.serving import eventually, message

from .together import Together

#: Passes each number on to the next process, as often as it says; the last one notes it. Some spawn on their way.
CODE = """
Got, Next, Born = {}, nil, 0
Handlers.add("Next", "Next", function(msg) Next = msg.Tags.Process end)
Handlers.add("Go", "Go", function(msg)
  table.insert(Got, msg.Data)
  if Next then Send({ Target = Next, Action = "Go", Data = msg.Data }) end
  if tonumber(msg.Data) % 10 == 0 then
    ao.spawn(ao.env.Module.Id, { Data = " ", Tags = { Name = "child", Authority = ao.authorities[1] } })
  end
end)
Handlers.add("Spawned", "Spawned", function() Born = Born + 1 end)
"""


@pytest.fixture
def together(tmp_path: Path) -> Iterator[Together]:
    """All units in folders."""
    network = Together(tmp_path)
    try:
        yield network
    finally:
        network.close()


def sent(network: Together, process: str, numbers: list[int], done: threading.Event) -> None:
    """Send messages, each until it is acknowledged; one that is there already was."""

    def send(number: int) -> None:
        item = message(process, str(number), Action="Go")
        while True:
            try:
                answer = httpx.post(network.urls["mu"], content=bytes(item), timeout=30, trust_env=False)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code == 202 or "already exists" in answer.text:
                return
            assert answer.status_code in (400, 502), answer.text
            time.sleep(0.05)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, numbers))
    done.set()


@pytest.mark.parametrize(
    ("count", "kills"), [(30, ["mu", "cu", "su"]), pytest.param(600, ["mu", "su", "cu"] * 10, marks=pytest.mark.long)]
)
def test_kills(together: Together, count: int, kills: list[str]) -> None:
    """Every acknowledged message goes its whole way through three processes, once, whichever unit is killed when."""
    processes = [together.spawn(CODE) for _ in range(3)]
    for process, after in itertools.pairwise(processes):
        together.message(process, "Next", Process=after)
    numbers, done = [*range(1, count + 1)], threading.Event()
    sender = threading.Thread(target=sent, args=(together, processes[0], numbers, done))
    sender.start()
    rng = random.Random(count)
    for unit in kills:
        time.sleep(rng.uniform(0.05, 0.6))
        together.again(unit)
    assert done.wait(300), together.log
    sender.join()
    eventually(lambda: "ao_pending 0\n" in together.get("mu", "/metrics").text, 200)
    assert "ao_lost 0\n" in together.get("mu", "/metrics").text, together.log
    for process in processes:
        got = json.loads(together.eval(process, "return require('json').encode(Got)"))
        assert sorted(map(int, got)) == numbers, together.log
        assert together.eval(process, "return Born .. ''") == str(count // 10)
        nodes = [edge["node"] for edge in together.get("su", f"/{process}", limit=1000).json()["edges"]]
        ids = [node["message"]["id"] for node in nodes]
        assert len(ids) == len({*ids})


def test_order(together: Together) -> None:
    """What one process sends to another arrives in the order in which it was sent, over a kill of the messenger."""
    first, second = together.spawn(CODE), together.spawn(CODE)
    code = f"for n = 1, 50 do Send({{ Target = '{second}', Action = 'Go', Data = n .. '1' }}) end"
    together.message(first, "Eval", code)
    together.again("mu")
    together.message(first, "Eval", code.replace("n .. '1'", "n .. '2'"))
    wanted = [f"{number}{turn}" for turn in (1, 2) for number in range(1, 51)]
    eventually(lambda: len(json.loads(together.eval(second, "return require('json').encode(Got)"))) >= 100, 100)
    assert json.loads(together.eval(second, "return require('json').encode(Got)")) == wanted
