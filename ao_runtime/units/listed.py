"""`Listed`: transactions in the order of time, found by owner, recipient and tags without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from heapq import merge

from .transactions import Transaction, Wanted

__all__ = ["Listed"]

#: Names of tags that are always indexed, and how many more at a time: the one that nobody asked for longest gives way.
USUAL = ("Data-Protocol", "Type", "Action", "Name", "From-Process")
NAMES = 16


def _rank(one: Transaction) -> tuple[int, int]:
    return one.timestamp, one.number


class Values:
    """The transactions that have a tag of one name: all, and by its value. `count`: of so many it knows."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.all: list[Transaction] = []
        self.by_value: dict[str, list[Transaction]] = {}

    def add(self, one: Transaction) -> None:
        """See whether one more has such tags."""
        self.count += 1
        for value in one.values(self.name):
            for listed in (self.all, self.by_value.setdefault(value, [])):
                if not listed or listed[-1] is not one:
                    _put(listed, one)


class Listed:
    """All transactions. Only one thread may `add` and `adopt`; others may `find` and `build` at the same time.

    The names of tags that clients of ao ask for are indexed from the beginning, others when somebody asks.
    """

    def __init__(self) -> None:
        self._all: list[Transaction] = []
        self._in_order_of_coming: list[Transaction] = []
        self._by_owner: dict[str, list[Transaction]] = {}
        self._by_recipient: dict[str, list[Transaction]] = {}
        self._by_tag: OrderedDict[str, Values] = OrderedDict((name, Values(name)) for name in USUAL)

    def add(self, one: Transaction) -> None:
        """List one more."""
        one.number = len(self._all)
        self._in_order_of_coming.append(one)
        _put(self._all, one)
        _put(self._by_owner.setdefault(one.owner, []), one)
        if one.recipient:
            _put(self._by_recipient.setdefault(one.recipient, []), one)
        for values in self._by_tag.values():
            values.add(one)

    def build(self, wanted: Wanted) -> list[Values]:
        """The indexes that `find` lacks, made of what there is now. It may take long, and is no good until `adopt`."""
        made = []
        for name in {name for name, _ in wanted.tags}:
            values = self._by_tag.get(name)
            if values is None:
                values = Values(name)
                for one in self._in_order_of_coming[:]:
                    values.add(one)
            made.append(values)
        return made

    def adopt(self, made: list[Values]) -> None:
        """Use indexes from now on."""
        for values in made:
            for one in self._in_order_of_coming[values.count :]:
                values.add(one)
            if values.name not in USUAL:
                self._by_tag[values.name] = values
                self._by_tag.move_to_end(values.name)
        while len(self._by_tag) > len(USUAL) + NAMES:
            del self._by_tag[next(name for name in self._by_tag if name not in USUAL)]

    def find(self, wanted: Wanted, *, newest_first: bool, after: Transaction | None) -> Iterator[Transaction]:
        """Those that are wanted, in the order of time, or the newest first; only those after that one."""
        lists = min(self._choices(wanted), key=lambda choice: sum(map(len, choice)))
        parts = [_from(one, newest_first, after) for one in lists]
        chosen = parts[0] if len(parts) == 1 else merge(*parts, key=_rank, reverse=newest_first)
        last = None
        for one in chosen:
            # One that has two of the values is in two lists.
            if one is not last and wanted.has(one):
                yield one
            last = one

    def _choices(self, wanted: Wanted) -> Iterator[list[list[Transaction]]]:
        yield [self._all]
        if wanted.owners is not None:
            yield [self._by_owner.get(owner, []) for owner in wanted.owners] or [[]]
        if wanted.recipients is not None:
            yield [self._by_recipient.get(one, []) if one else self._all for one in wanted.recipients] or [[]]
        for name, texts in wanted.tags:
            values = self._by_tag.get(name)
            if values is not None:
                yield [values.by_value.get(text, []) for text in texts] if texts else [values.all]


def _put(listed: list[Transaction], one: Transaction) -> None:
    """Nearly always it is the newest."""
    if not listed or _rank(listed[-1]) < _rank(one):
        listed.append(one)
    else:
        insort(listed, one, key=_rank)


def _from(listed: list[Transaction], newest_first: bool, after: Transaction | None) -> Iterator[Transaction]:
    """A list from one transaction on, without it. It may grow meanwhile."""
    if newest_first:
        at = (len(listed) if after is None else bisect_left(listed, _rank(after), key=_rank)) - 1
        while at >= 0:
            yield listed[at]
            at -= 1
    else:
        at = 0 if after is None else bisect_left(listed, _rank(after), key=_rank)
        while at < len(listed):
            if listed[at] is not after:
                yield listed[at]
            at += 1
