"""Ticks that a messenger on its own carries: of compute units that go on without end, lie, stall, or are killed."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.units.answers import Refusal

from .messengers import count, idle, impatient, messenger, until
from .strangers import Answer, Strangers, id_of, outbox, post

P, Q = id_of("P"), id_of("Q")


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> Iterator[Strangers]:
    """Somebody else's units with two processes, and messengers that look all the time."""
    impatient(monkeypatch)
    made = Strangers()
    made.process("P"), made.process("Q")
    try:
        yield made
    finally:
        made.close()


def tick(number: int, **more: Any) -> dict[str, Any]:
    """A tick that writes its number to Q."""
    return {"cursor": f"cursor{number}", "node": outbox(post(Q, f"{number}"), **more)}


def sent(units: Strangers) -> list[int]:
    """The numbers that have come to Q."""
    return [int(units.items[id].data) for id in units.placed if units.items[id].target == Q]


def page(*edges: Any, more: bool = False) -> Answer:
    """A page of results."""
    return 200, json.dumps({"edges": [*edges], "pageInfo": {"hasNextPage": more}}).encode()


def test_each_tick_once(units: Strangers, tmp_path: Path) -> None:
    """From the moment it is monitored until it is not any more, over an end of the messenger, in their order."""
    units.ticks[P] = [tick(0)]

    async def run() -> None:
        async with messenger(units, tmp_path / "m.db") as messaging:
            await messaging.monitor(P)
            units.ticks[P] += [tick(number) for number in range(1, 120)]
            await until(lambda: len(sent(units)) >= 60)
        units.ticks[P] += [tick(number) for number in range(120, 150)]
        async with messenger(units, tmp_path / "m.db") as messaging:
            await until(lambda: len(sent(units)) == 149)
            await idle(messaging)
            await messaging.unmonitor(P)
            units.ticks[P] += [tick(number) for number in range(150, 160)]
            await asyncio.sleep(0.2)
            assert count(messaging, "monitored") == 0
        async with messenger(units, tmp_path / "m.db"):
            await asyncio.sleep(0.2)
        assert sent(units) == [*range(1, 150)]

    asyncio.run(run())


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"no JSON"),
        (200, b"[" * 100_000),
        (200, b'{"edges": 5, "pageInfo": {}}'),
        (200, b'{"edges": [5], "pageInfo": {}}'),
        (200, b'{"edges": [{"cursor": 5, "node": {}}], "pageInfo": {"hasNextPage": true}}'),
        (200, b'{"edges": [{"cursor": "\\ud800", "node": {}}], "pageInfo": {"hasNextPage": true}}'),
        (200, b'{"edges": [{"cursor": "' + b"x" * 10**6 + b'", "node": {}}], "pageInfo": {"hasNextPage": true}}'),
        page(tick(1), {"cursor": "cursor0", "node": {}}, more=True),
        (400, b'{"error": "there is no such process"}'),
        (500, b"\x1b[31mred\nanother line"),
        (302, b"http://127.0.0.1:1/elsewhere"),
        None,
    ],
)
def test_pages_that_are_none(units: Strangers, answer: Answer | None, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, nothing of it is carried, other processes' ticks are; and the right page comes later."""
    other = units.process("other")
    units.ticks[P], units.ticks[other] = [tick(0)], [{"cursor": "a", "node": {}}]

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.monitor(P)
            await messaging.monitor(other)
            units.change = lambda unit, method, path, right: answer if path.startswith(f"/cron/{P}") else right
            units.ticks[other].append({**tick(1000), "cursor": "b"})
            await until(lambda: sent(units) == [1000])
            await until(lambda: any("cannot be asked for" in one for one in caplog.messages))
            before = len(units.asked)
            await until(lambda: sum(f"/cron/{P}" in one for one in units.asked[before:]) > 1)
            units.change = None
            units.ticks[P].append(tick(1))
            await until(lambda: sent(units) == [1000, 1])

    asyncio.run(run())
    assert sum("cannot be asked for" in one for one in caplog.messages) == 1
    assert "Traceback" not in caplog.text
    assert not {*"\x1b\n"} & {*"".join(caplog.messages)}


def test_ticks_without_end(units: Strangers) -> None:
    """A compute unit that always has more, and one that never answers: others' ticks are carried, and requests answered."""
    numbers = itertools.count(1)
    ended = threading.Event()
    other, stuck = units.process("other"), units.process("stuck")
    units.ticks[other] = [{"cursor": "a", "node": {}}]

    def change(unit: str, method: str, path: str, right: Answer) -> Answer:
        if path.startswith(f"/cron/{P}"):
            return page(*(tick(next(numbers)) for _ in range(50)), more=True)
        if path.startswith(f"/cron/{stuck}"):
            ended.wait(60)
        return right

    async def run() -> None:
        async with messenger(units) as messaging:
            for process in (P, stuck, other):
                await messaging.monitor(process)
            units.change = change
            await until(lambda: sum(f"/cron/{P}" in one for one in units.asked) > 25)
            units.ticks[other].append({**tick(-1), "cursor": "b"})
            await until(lambda: -1 in sent(units))
            for process in (P, stuck, other):
                await messaging.unmonitor(process)
            before = sum("/cron/" in one for one in units.asked)
            await asyncio.sleep(0.3)
            assert sum("/cron/" in one for one in units.asked) <= before + 2

    try:
        asyncio.run(run())
    finally:
        ended.set()


def test_no_more_ticks_than_can_be_placed(units: Strangers, monkeypatch: pytest.MonkeyPatch) -> None:
    """While what the last ones sent has no place, no more are asked for: what is kept does not grow without end."""
    from ao_runtime.units.alone import ticks

    monkeypatch.setattr(ticks, "_MOST", 500)
    numbers = itertools.count(1)
    units.ticks[P] = [tick(0)]

    def change(unit: str, method: str, path: str, right: Answer) -> Answer | None:
        if path.startswith("/cron/"):
            return page(*(tick(next(numbers)) for _ in range(50)), more=True)
        return None if unit == "su" and method == "POST" else right

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.monitor(P)
            units.change = change
            await until(lambda: count(messaging, "pending") > 500)
            await asyncio.sleep(0.3)
            assert count(messaging, "pending") == 550

    asyncio.run(run())


def test_what_cannot_be_monitored(units: Strangers) -> None:
    """A process that there is not, one twice, and one whose compute unit says nothing."""

    async def refused(done: Any) -> tuple[int, str]:
        with pytest.raises((Refusal, Exception)) as told:
            await done
        return getattr(told.value, "status", 0), str(told.value)

    async def run() -> None:
        async with messenger(units) as messaging:
            assert "there is no process" in (await refused(messaging.monitor(id_of("nobody"))))[1]
            assert await refused(messaging.unmonitor(P)) == (500, "Process monitor not found")
            units.change = lambda unit, method, path, right: (200, b"[]") if unit == "cu" else right
            assert (await refused(messaging.monitor(P)))[0] == 502
            units.change = None
            await messaging.monitor(P)
            assert await refused(messaging.monitor(P)) == (500, "Process already being monitored")
            await messaging.unmonitor(P)
            assert count(messaging, "monitored") == 0

    asyncio.run(run())


def test_begun_anew_while_it_is_looked_at(units: Strangers) -> None:
    """A page that was asked for before it was ended says nothing of what is carried after it was begun again."""
    held, asked = threading.Event(), threading.Event()
    units.ticks[P] = [tick(0)]

    def change(unit: str, method: str, path: str, right: Answer) -> Answer:
        if path.startswith("/cron/") and not held.is_set():
            asked.set()
            held.wait(30)
        return right

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.monitor(P)
            units.ticks[P] += [tick(1), tick(2)]
            units.change = change
            await until(asked.is_set)
            await messaging.unmonitor(P)
            await messaging.monitor(P)
            held.set()
            await until(lambda: sum("/cron/" in one for one in units.asked) > 3)
            units.ticks[P].append(tick(3))
            await until(lambda: sent(units) == [3])

    try:
        asyncio.run(run())
    finally:
        held.set()
