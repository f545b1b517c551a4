"""Cron: which ticks are due between two messages, as the network's compute unit has them."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import InputError
from ao_runtime.models.cron import Cron, Moment, read_crons, ticks_between

BEGAN = 1_795_700_255_827


def tags(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    """Tags in the network's form."""
    return [{"name": name, "value": value} for name, value in pairs]


def crons(*intervals: str) -> tuple[Cron, ...]:
    """Crons without tags."""
    return read_crons(tags(*(("Cron-Interval", interval) for interval in intervals)))


def seconds(ticks: Any, origin: Moment) -> list[tuple[str, int, int]]:
    """Of each tick: its cron, whole seconds since the process began, its height."""
    return [
        (tick.cron.name, tick.moment.timestamp // 1000 - origin.timestamp // 1000, tick.moment.height) for tick in ticks
    ]


def test_tags_are_read_in_order() -> None:
    """An interval is followed by its own tags; other tags stand anywhere; each kind is numbered by itself."""
    given_tags = tags(
        ("Name", "P"),
        ("Cron-Interval", "4-seconds"),
        ("Cron-Tag-Action", "Tick"),
        ("Authority", "mu"),
        ("Cron-Tag-Color", "blue"),
        ("Cron-Interval", "10-blocks"),
        ("Cron-Interval", "1-hour"),
        ("Cron-Tag-Action", "Hour"),
    )
    assert read_crons(given_tags) == (
        Cron("0-4-seconds", 4, False, (("Action", "Tick"), ("Color", "blue"))),
        Cron("0-10-blocks", 10, True, ()),
        Cron("1-1-hour", 3600, False, (("Action", "Hour"),)),
    )
    assert read_crons(tags(("Cron", "x"), ("Cron-Tags", "x"))) == ()


@pytest.mark.parametrize(
    ("interval", "every"),
    [
        ("1-second", 1),
        ("90-minutes", 5400),
        ("2-days", 172_800),
        ("1-week", 604_800),
        ("1-month", 2_629_800),
        ("1-year", 31_557_600),
        ("2500-milliseconds", 2),
        (" 5 - Minutes ", 300),
    ],
)
def test_units(interval: str, every: int) -> None:
    """Every unit that the client's `serializeCron` writes is known."""
    assert [(cron.name, cron.every, cron.blocks) for cron in crons(interval)] == [(f"0-{interval}", every, False)]


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (tags(("Cron-Interval", "5-fortnights")), "Cron-Interval: is no interval: '5-fortnights'"),
        (tags(("Cron-Interval", "0-seconds")), "Cron-Interval: is no interval"),
        (tags(("Cron-Interval", "5")), "Cron-Interval: is no interval"),
        (tags(("Cron-Interval", "٣-seconds")), "Cron-Interval: is no interval"),
        (tags(("Cron-Interval", "9" * 5000 + "-blocks")), "Cron-Interval: is no interval"),
        (tags(("Cron-Interval", "999-milliseconds")), "Cron-Interval: is less than a second"),
        (tags(("Cron-Tag-Action", "Tick"), ("Cron-Interval", "1-hour")), "Cron-Tag-Action: stands before any"),
    ],
)
def test_what_is_no_cron(found: list[dict[str, str]], complaint: str) -> None:
    """An interval that is none, and a tag that belongs to none, are errors of the input that name the tag."""
    with pytest.raises(InputError, match=complaint):
        read_crons(found)


def test_as_recorded() -> None:
    """Of a process with 4-seconds and messages 2 and 9 seconds after its start, the network evaluated 4, 8; 12, 16.

    A tick's milliseconds are those of the message before it.
    """
    origin = Moment(BEGAN, 1_600_030)
    every = crons("4-seconds")
    code, message, now = (Moment(BEGAN + ms, 1_600_030) for ms in (2105, 9122, 17_000))
    assert list(ticks_between(every, origin, origin, code)) == []
    first = list(ticks_between(every, origin, code, message))
    assert [tick.moment.timestamp - code.timestamp for tick in first] == [2000, 6000]
    second = list(ticks_between(every, origin, message, now, last=first[-1].moment.timestamp))
    assert [tick.moment.timestamp - message.timestamp for tick in second] == [3000, 7000]
    assert [(name, whole) for name, whole, _ in seconds([*first, *second], origin)] == [
        ("0-4-seconds", whole) for whole in (4, 8, 12, 16)
    ]


def test_the_message_of_a_tick() -> None:
    """A tick has the fields of the recorded one, in their order: no Id, Data, Nonce, Epoch or Hash-Chain."""
    every = read_crons(tags(("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Tick"), ("Cron-Tag-Color", "blue")))
    origin = Moment(BEGAN, 7)
    (tick,) = islice(ticks_between(every, origin, origin, Moment(BEGAN + 10**15, 7)), 1)
    message = tick.message("P", "owner")
    expected = {
        "Owner": "owner",
        "Target": "P",
        "From": "owner",
        "Tags": tags(("Action", "Tick"), ("Color", "blue")),
        "Timestamp": BEGAN + 1000,
        "Block-Height": 7,
        "Cron": True,
        "Read-Only": False,
    }
    assert (message, list(message)) == (expected, list(expected))


def test_blocks() -> None:
    """A block's tick is in the first second of the block, before those of time, which have the height by then."""
    origin, right = Moment(500, 10), Moment(10_400, 14)
    blocks = [Moment(2600, 11), Moment(5000, 12), Moment(8000, 14), Moment(20_000, 15), Moment(400, 10)]
    both = crons("2-blocks", "3-seconds", "1-block")
    assert seconds(ticks_between(both, origin, origin, right, blocks=blocks), origin) == [
        ("1-1-block", 2, 11),
        ("0-3-seconds", 3, 11),
        ("0-2-blocks", 5, 12),
        ("1-1-block", 5, 12),
        ("0-3-seconds", 6, 12),
        ("0-2-blocks", 8, 14),
        ("1-1-block", 8, 14),
        ("0-3-seconds", 9, 14),
    ]


def test_blocks_that_nobody_knows() -> None:
    """Where only the heights of two messages are known, the blocks between them are spread evenly."""
    origin, right = Moment(0, 10), Moment(8000, 13)
    assert seconds(ticks_between(crons("1-block", "4-seconds"), origin, origin, right), origin) == [
        ("0-1-block", 2, 11),
        ("0-1-block", 4, 12),
        ("0-4-seconds", 4, 12),
        ("0-1-block", 6, 13),
    ]
    # Many blocks in one second, as in tests: none is left out. More than anybody can count are no work.
    assert len(list(ticks_between(crons("1-block"), origin, origin, Moment(1, 110)))) == 100
    far = ticks_between(crons("1-year", "1000000-blocks"), origin, origin, Moment(10**18, 10**18))
    assert next(far).cron.name == "0-1000000-blocks"


_times = st.lists(st.integers(1, 20_000), min_size=1, max_size=8)


@given(st.integers(0, 10**13), _times, st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(1, 7))
def test_each_once(start: int, waits: list[int], heights: list[int], every: int) -> None:
    """However messages divide the time: each multiple comes once, in order, between its messages; so does each block."""
    origin = left = Moment(start, 5)
    last: int | None = None
    ticks = []
    for wait, more in zip(waits, heights, strict=False):
        right = Moment(left.timestamp + wait, left.height + more)
        found = list(ticks_between(crons(f"{every}-seconds", "2-blocks"), origin, left, right, last=last))
        for tick in found:
            assert left.timestamp <= tick.moment.timestamp < right.timestamp
            assert (tick.moment.timestamp - left.timestamp) % 1000 == 0
            last = tick.moment.timestamp
        ticks += found
        left = right
    times = [tick.moment.timestamp for tick in ticks]
    assert times == sorted(times)
    ours = seconds(ticks, origin)
    whole = [second for name, second, _ in ours if name == f"0-{every}-seconds"]
    passed = left.timestamp // 1000 - start // 1000
    # What is due in the second of the last message may come after it.
    assert whole in [list(range(every, passed + extra, every)) for extra in (0, 1)]
    assert [height for name, _, height in ours if name == "0-2-blocks"] == list(range(7, left.height + 1, 2))
