"""Items that were changed in all ways: an error of ours or an item, never more memory than the bytes account for."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TypeVar

import pytest

from ao_runtime.errors import ItemError
from ao_runtime.items import Bundle, DataItem

from .mutations import mutated, seeds, signed_badly

_T = TypeVar("_T")

#: What an error, its traceback and the objects of an item take, however few bytes there are.
ALLOWANCE = 64 << 10


def read(raw: bytes) -> str:
    """What becomes of bytes that may be an item or a bundle: everything that a reader would do with them."""
    item = taken(DataItem.parse, raw)
    if isinstance(item, DataItem):
        assert (bytes(item), item.size) == (raw, len(raw))
        assert len(item.tags) <= 128
        return "verified" if item.verify() else "not signed"
    bundle = taken(Bundle.parse, raw)
    if isinstance(bundle, Bundle):
        assert bytes(bundle) == raw
        return "bundle, verified" if bundle.verify() else "bundle, not signed"
    for error in (item, bundle):
        assert error.field is not None
        assert error.byte is not None
        assert 0 <= error.byte <= len(raw)
    return "refused"


def taken(parse: Callable[[bytes], _T], raw: bytes) -> _T | ItemError:
    """What the bytes are, or why they are none."""
    try:
        return parse(raw)
    except ItemError as error:
        return error.with_traceback(None)


def attack(count: int, seed: int) -> Counter[str]:
    """Reads so many changed items, and watches the memory."""
    random = Random(seed)
    found = seeds()
    became: Counter[str] = Counter()
    read(found[0])  # The libraries are imported, and what is kept once is kept.
    tracemalloc.start()
    try:
        for number in range(count):
            raw = signed_badly(random) if number % 4 == 0 else mutated(random, random.choice(found))
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            begin = time.process_time()
            became[read(raw)] += 1
            seconds = time.process_time() - begin
            memory = tracemalloc.get_traced_memory()[1] - before
            assert memory <= 2 * len(raw) + ALLOWANCE, (seed, number, memory, len(raw))
            assert seconds < 2, (seed, number)
            item = taken(DataItem.parse, raw)
            if isinstance(item, DataItem):
                assert item.message().id == item.id
    finally:
        tracemalloc.stop()
    return became


def test_changed_items() -> None:
    """4 000 of them: some are still items, most are refused, and each of these is an ItemError with its byte."""
    became = attack(4_000, 1)
    assert became["refused"] > 1000
    assert became["not signed"] > 200
    assert became["verified"] > 30


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_100_000_changed_items(seed: int) -> None:
    """Ten times 10 000 more."""
    attack(10_000, seed)
