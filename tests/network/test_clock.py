"""The clock of a network."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import InputError
from ao_runtime.network import Clock, RealClock
from ao_runtime.network.clock import BLOCK, milliseconds, read_mines
from ao_runtime.state import FIRST_BLOCK_HEIGHT, FIRST_TIMESTAMP


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("90s", 90_000),
        ("1h30m", 5_400_000),
        ("500ms", 500),
        ("1d 2h", 93_600_000),
        ("2w", 1_209_600_000),
        ("0.5s", 500),
        (" 1m ", 60_000),
        (1.5, 1500),
        (90, 90_000),
        (0, 0),
        (timedelta(minutes=2, milliseconds=3), 120_003),
    ],
)
def test_duration(duration: Any, expected: int) -> None:
    """A duration is text with units, seconds as a number, or a `timedelta`."""
    assert milliseconds(duration) == expected


@pytest.mark.parametrize(
    "duration",
    [
        "",
        " ",
        "90",
        "s",
        "-5s",
        "1y",
        "5 minutes",
        "1h30",
        -1,
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        "1s" * 100,
        10**20,
        "9" * 16 + "s",
    ],
)
def test_no_duration(duration: Any) -> None:
    """Anything else, and less than nothing, is an `InputError`, and the clock stands where it stood."""
    clock = Clock()
    with pytest.raises(InputError, match="is no duration"):
        clock.advance(duration)
    assert clock.now == FIRST_TIMESTAMP


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_duration_parts_add_up(hours: int, minutes: int, seconds: int, thousandths: int) -> None:
    """The parts of a duration add up."""
    text = f"{hours}h{minutes}m{seconds}s{thousandths}ms"
    assert milliseconds(text) == ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def test_stands_still() -> None:
    """It stands still until it is told to go on."""
    clock = Clock()
    time.sleep(0.01)
    assert (clock.now, clock.height) == (FIRST_TIMESTAMP, FIRST_BLOCK_HEIGHT)


def test_advance() -> None:
    """`advance` adds up."""
    clock = Clock(1000)
    clock.advance("1s")
    clock.advance(0.5)
    assert clock.now == 2500


@pytest.mark.parametrize(
    "moment",
    [
        1_764_158_400_000,
        "2025-11-26T12:00:00",
        "2025-11-26T12:00:00+00:00",
        "2025-11-26T13:00:00+01:00",
        datetime(2025, 11, 26, 12),
        datetime(2025, 11, 26, 12, tzinfo=timezone.utc),
    ],
)
def test_set(moment: Any) -> None:
    """A moment is milliseconds since 1970, a `datetime`, or its text; without a zone it is UTC."""
    clock = Clock(0)
    clock.set(moment)
    assert clock.now == 1_764_158_400_000


@pytest.mark.parametrize("moment", ["yesterday", -1, 10**16, None, True, 1.5, "", datetime(1960, 1, 1)])
def test_no_moment(moment: Any) -> None:
    """Anything else is an `InputError`."""
    clock = Clock(0)
    with pytest.raises(InputError, match="is no moment"):
        clock.set(moment)
    assert clock.now == 0


def test_set_back() -> None:
    """It cannot be set back, not by a millisecond; to what it is already it can be set."""
    clock = Clock(5000)
    clock.set(5000)
    with pytest.raises(InputError) as raised:
        clock.set(4999)
    assert str(raised.value) == "moment: is over: it is 5000 already (a clock goes on only)"
    assert clock.now == 5000


def test_latest() -> None:
    """It does not go on past what a scheduler can write."""
    clock = Clock(10**15)
    with pytest.raises(InputError, match="later than any scheduler"):
        clock.advance("1ms")
    assert clock.now == 10**15


def test_height() -> None:
    """There is a block every 120 seconds since its start: of whole ones."""
    clock = Clock(500, height=7)
    heights = []
    for _ in range(4):
        clock.advance("60s")
        heights.append(clock.height)
    assert heights == [7, 8, 8, 9]
    clock.set(500 + 10 * BLOCK - 1)
    assert clock.height == 16


def test_mine() -> None:
    """Mined blocks come on top, and take no time."""
    clock = Clock(0, height=7)
    clock.mine(3)
    clock.advance(BLOCK / 1000)
    clock.mine()
    assert (clock.now, clock.height) == (BLOCK, 12)


def test_when_blocks_began() -> None:
    """Every 120 seconds from the start, and when they were mined; whatever comes later, it stays so."""
    clock = Clock(1000, height=7)
    told: dict[int, int] = {}
    for step in ("119s", 2, "1s", 1, 1, "10m", 3, "7m"):
        if isinstance(step, str):
            clock.advance(step)
        else:
            clock.mine(step)
        now = {height: clock.began(height) for height in range(1, clock.height + 1)}
        assert {height: now[height] for height in told} == told
        told = now
    minute = 60_000
    mined = [1000 + 119_000] * 2 + [1000 + 2 * minute] * 3
    later = (
        [1000 + 2 * at * minute for at in range(2, 7)]
        + [1000 + 12 * minute] * 3
        + [1000 + 2 * at * minute for at in range(7, 10)]
    )
    assert [told[height] for height in range(1, clock.height + 1)] == [
        *(1000 - 2 * at * minute for at in range(6, -1, -1)),
        *mined,
        *later,
    ]
    assert clock.began(clock.height + 1) > clock.now


@given(steps=st.lists(st.one_of(st.integers(0, 3), st.integers(4, 400)), max_size=30))
def test_blocks_begin_in_order(steps: list[int]) -> None:
    """Whatever is mined, and whenever: a block began when the height became its own, not before the one below it."""
    clock = Clock(0, height=5)
    began = {5: 0}
    for step in steps:
        before = clock.height
        if step < 4:
            clock.mine(step)
            began |= dict.fromkeys(range(before + 1, clock.height + 1), clock.now)
        else:
            for _ in range(step):
                clock.advance("1s")
                began |= dict.fromkeys(range(max(began) + 1, clock.height + 1), clock.now)
    assert {height: clock.began(height) for height in began} == began
    other = Clock(0)
    other.put(clock.read())
    other.mines = read_mines(clock.mines, clock.mined)
    assert {height: other.began(height) for height in began} == began


def test_mined_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more moments than are kept the oldest become one; and of blocks that nobody knows about it is the start."""
    monkeypatch.setattr("ao_runtime.network.clock._MINES", 2)
    clock = Clock(0, height=1)
    for _ in range(3):
        clock.advance("10s")
        clock.mine(2)
    assert clock.mines == [(20_000, 4), (30_000, 2)]
    assert [clock.began(height) for height in range(1, 9)] == [0, *[20_000] * 4, *[30_000] * 2, BLOCK]
    clock.put((0, 30_000, 1, 5))
    assert clock.mines == [(20_000, 4), (30_000, 1)]
    clock.mines = []
    assert [clock.began(height) for height in range(1, 8)] == [*[0] * 6, BLOCK]


@pytest.mark.parametrize(
    "told", [5, [5], [[1]], [[1, 2, 3]], [[1, -1]], [[1.5, 1]], [[1, True]], [[2, 1], [1, 1]], [[1, 9]]]
)
def test_what_was_never_mined(told: Any) -> None:
    """A file that somebody has changed is damaged."""
    with pytest.raises((ValueError, TypeError)):
        read_mines(told, 3)
    assert read_mines([[1, 1], [2, 2]], 3) == [(1, 1), (2, 2)]


@pytest.mark.parametrize("blocks", [-1, 1.0, True, "3", None, 10**9])
def test_mine_nothing(blocks: Any) -> None:
    """What is no number of blocks is an `InputError`."""
    clock = Clock()
    with pytest.raises(InputError, match="must be a number of blocks"):
        clock.mine(blocks)
    assert clock.height == FIRST_BLOCK_HEIGHT


def test_changed() -> None:
    """Whoever wants to know is told when it goes on, and finds it as it is then."""
    clock = Clock(0, height=1)
    heard: list[tuple[int, int]] = []
    clock.changed = lambda: heard.append((clock.now, clock.height))
    clock.advance("2m")
    clock.set(BLOCK + 1)
    clock.mine(2)
    assert heard == [(BLOCK, 2), (BLOCK + 1, 2), (BLOCK + 1, 4)]


def test_read_and_put() -> None:
    """`put` makes it as it was when `read` said so."""
    clock = Clock(77, height=5)
    clock.advance("5m")
    clock.mine(2)
    kept, was = clock.read(), repr(clock)
    clock.advance("1d")
    clock.mine(9)
    clock.put(kept)
    assert repr(clock) == was == "Clock(now=300077, height=9)"
    clock.advance("2m")
    assert clock.height == 10


def test_real() -> None:
    """The real clock is the machine's, and goes on by itself."""
    before = time.time_ns() // 1_000_000
    clock = RealClock(height=3)
    first = clock.now
    time.sleep(0.02)
    second = clock.now
    assert before <= first < second <= time.time_ns() // 1_000_000
    assert clock.height == 3


def test_real_goes_ahead() -> None:
    """The real clock can be put forward, and goes on from there; blocks come with it."""
    clock = RealClock(height=3)
    clock.advance("1h")
    clock.mine(2)
    ahead = clock.now - time.time_ns() // 1_000_000
    assert 3_599_000 < ahead <= 3_600_000
    assert clock.height == 3 + 30 + 2
    with pytest.raises(InputError, match="is over"):
        clock.set(clock.now - 1000)
    kept = clock.read()
    clock.advance("1h")
    clock.put(kept)
    assert 0 <= clock.now - kept[1] < 1000
