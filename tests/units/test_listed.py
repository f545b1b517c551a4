"""Transactions are found by an index, and they are those that looking at all of them finds."""

from __future__ import annotations

import time
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.network import Item
from ao_runtime.units.listed import NAMES, USUAL, Listed
from ao_runtime.units.transactions import Transaction, Wanted

WORDS = st.sampled_from(["a", "b", "Type", ""])
TAGS = st.lists(st.tuples(WORDS, WORDS), max_size=4)
TRANSACTIONS = st.lists(st.tuples(WORDS, WORDS, TAGS, st.integers(0, 20), st.integers(0, 3)), max_size=40)
SETS = st.none() | st.frozensets(WORDS, max_size=3)
WANTED = st.builds(
    Wanted,
    st.none(),
    SETS,
    SETS,
    st.lists(st.tuples(WORDS, st.frozensets(WORDS, max_size=3)), max_size=3).map(tuple),
    st.tuples(st.integers(0, 2), st.integers(0, 3)),
)


def transaction(
    id: str, owner: str, recipient: str, tags: list[tuple[str, str]], timestamp: int, height: int
) -> Transaction:
    """One of an item."""
    names, values = (tuple(tag[at].encode() for tag in tags) for at in (0, 1))
    return Transaction(id, Item(id, owner, recipient, b"", names, values, b""), None, timestamp, height)


@settings(max_examples=300, deadline=None)
@given(TRANSACTIONS, WANTED, st.booleans(), st.integers(0, 45), st.integers(0, 40))
def test_what_is_found(told: list, wanted: Wanted, newest_first: bool, after: int, indexed: int) -> None:
    """In the order of time, those of a time in the order in which they came; also where the index is made in between."""
    listed = Listed()
    made = [transaction(str(number), *one) for number, one in enumerate(told)]
    built = []
    for number, one in enumerate(made):
        if number == indexed:
            built = listed.build(wanted)
        listed.add(one)
    listed.adopt(built or listed.build(wanted))
    order = sorted(made, key=lambda one: (one.timestamp, one.number))
    if newest_first:
        order.reverse()
    last = made[after] if after < len(made) else None
    expected = [one for one in order[order.index(last) + 1 if last else 0 :] if wanted.has(one)]
    assert list(listed.find(wanted, newest_first=newest_first, after=last)) == expected


def test_it_does_not_look_at_all() -> None:
    """Among 100 000 one is found in less than a millisecond, and it is known that there is no other."""
    listed = Listed()
    for number in range(100_000):
        listed.add(transaction(str(number), "owner", "to", [("Type", "Message"), ("Number", str(number))], number, 1))
    wanted = Wanted(tags=(("Type", frozenset(["Message"])), ("Number", frozenset(["77777"]))))
    listed.adopt(listed.build(wanted))
    began = time.process_time()
    for _ in range(100):
        assert [one.id for one in listed.find(wanted, newest_first=True, after=None)] == ["77777"]
    assert time.process_time() - began < 1.0
    everything = Wanted(tags=(("Type", frozenset(["Message"])),))
    began = time.process_time()
    for _ in range(100):
        assert len(list(islice(listed.find(everything, newest_first=True, after=None), 10))) == 10
    assert time.process_time() - began < 1.0


def test_names_that_nobody_has() -> None:
    """However many are asked for, so many are kept; and an index that is gone changes nothing."""
    listed = Listed()
    listed.add(transaction("1", "owner", "to", [("Name0", "x")], 1, 1))
    wanted = [Wanted(tags=((f"Name{number}", frozenset("x")),)) for number in range(3 * NAMES)]
    for one in wanted:
        listed.adopt(listed.build(one))
    assert len(listed._by_tag) == len(USUAL) + NAMES
    assert [one.id for one in listed.find(wanted[0], newest_first=True, after=None)] == ["1"]
