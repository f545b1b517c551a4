"""What a process's journal keeps beside each message, where the network is in a folder: its place, and what brought it.

The message itself, as the process saw it, is in the journal already. So is most of the item that it was: only what
cannot be told from it is written down here (`to_json`; fields that are not there have their usual values)::

    a     the assignment's id
    sig   its signature                       item  the item, where it is not as the process saw it
    to    true: the message is elsewhere      x     fields that are left out
    for   the wallet's message that it is for, if it is not the one in Pushed-For, or itself
    c     the number of items that wallets had sent, with this one
    name  what people call the process, and
    o     how many there were before it, both at its own message
    skip  true: it was there already, and not evaluated
    quiet true: what it sends is not delivered
    tick  cron, timestamp, height, nonce before; whether what it sends is delivered; true if it came out of turn
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ..errors import InputError, JournalError
from ..models import Moment, Packed, Result, Tick, from_json, to_json
from ..process import Place
from ..store import Entry, Log
from .compute import Unit
from .evaluation import Evaluation
from .gate import Gate
from .ids import from_id, is_id, to_id
from .item import Assignment, Item, lossy
from .labels import Labels
from .scheduler import Scheduler
from .signing import Maker
from .values import as_bytes, as_number

__all__ = ["BookKeeper", "Closed", "Reader", "item_of", "read_item", "told_item"]

__tracebackhide__ = True


class BookKeeper:
    """Writes places down: a `Ledger` of the compute unit."""

    def __init__(
        self,
        maker: Maker,
        labels: Labels,
        scheduler: Scheduler,
        monitored: Callable[[str], bool],
        gate: Gate,
        log: Log,
    ) -> None:
        self._maker = maker
        self._scheduler = scheduler
        self._labels = labels
        self._monitored = monitored
        self._gate = gate
        self._log = log
        #: Of each thread, whether it is writing.
        self._mine = threading.local()
        #: Whether it is not known what is on the disk.
        self.failed = False

    def place(self, one: Assignment, *, skipped: bool = False) -> Place:
        """Of a message."""
        item = one.item
        told: dict[str, Any] = {"a": to_id(one.digest)}
        if one.signature:
            told["sig"] = one.signature
        if one.elsewhere:
            told["to"] = True
        if one.exclude:
            told["x"] = one.exclude
        if not _is_seen(one):
            told["item"] = told_item(item)
        if one.pushed_for != _usual(item):
            told["for"] = one.pushed_for
        if one.origin is None:
            told["c"] = self._maker.count
        if not one.nonce:
            told["name"] = self._labels.name(item.id)
            told["o"] = self._scheduler.schedule(item.id).order
        if skipped:
            told["skip"] = True
        if one.quiet:
            told["quiet"] = True
        return to_json(told).encode(), one.origin

    @contextmanager
    def writing(self, waits: bool = True) -> Iterator[None]:
        """In here something is written: no copy is made meanwhile. It is on the disk then, unless nobody `waits`.

        After an error it is not known what is on the disk. Then nothing more is written, and whoever opens the folder
        again finds out: raises `JournalError`.
        """
        if self.failed:
            raise JournalError(
                "a write has failed, and what is there is not known", advice="close the network, and open it again"
            )
        if getattr(self._mine, "is_inside", False):
            # A part of what is written together.
            yield
            return
        self._mine.is_inside = True
        try:
            with self._gate.passed():
                yield
            if waits:
                self._log.wait()
        except BaseException:
            self.failed = True
            raise
        finally:
            self._mine.is_inside = False

    def then(self, call: Callable[[JournalError | None], None]) -> None:
        """Call that, with an error or none, when what this thread has written is on the disk."""

        def kept(error: JournalError | None) -> None:
            if error is not None:
                self.failed = True
            call(error)

        self._log.then(kept)

    def place_of_tick(self, process: str, tick: Tick, nonce: int, push: bool | None = None) -> Place:
        """Of a tick after message `nonce`; one out of turn says itself whether what it sends is delivered."""
        told = [tick.cron.name, *tick.moment, nonce, self._monitored(process) if push is None else push]
        if push is not None:
            told.append(True)
        return to_json({"tick": told}).encode(), None


class Closed:
    """A `Ledger` in which nothing is written: that of a network that is only read. Raises `InputError`."""

    def place(self, one: Assignment, *, skipped: bool = False) -> Place:
        """Of a message."""
        raise _CLOSED

    def place_of_tick(self, process: str, tick: Tick, nonce: int, push: bool | None = None) -> Place:
        """Of a tick."""
        raise _CLOSED

    def writing(self, waits: bool = True) -> AbstractContextManager[None]:
        """In here something is written."""
        raise _CLOSED

    def then(self, call: Callable[[JournalError | None], None]) -> None:
        """Call that when what was written is on the disk: nothing is."""
        call(None)


_CLOSED = InputError("is open for reading only", field="network", advice="Network.open(folder) writes")


class Reader:
    """Reads a process's journal: fills the scheduler's order of it, and what the compute unit has answered.

    path
        The journal, for errors.
    now
        The clock's time: a standing clock gives later timestamps to many messages, and no tick is due for that. None
        where another scheduler has given them.
    """

    def __init__(self, process: str, path: str, now: int | None) -> None:
        self._now = now
        self._process = process
        self._path = path
        #: What people call it.
        self.name: str | None = None
        #: The most that wallets had sent.
        self.count = 0
        #: Numbers of ticks whose messages are delivered.
        self.delivered: set[int] = set()
        #: What brought each message.
        self.origins: set[bytes] = set()

    def put(self, entry: Entry, unit: Callable[[Item], Unit], scheduler: Scheduler) -> None:
        """Take the next entry. Raises `JournalError` for one that is of no network."""
        try:
            if entry.place is None:
                raise ValueError("has no place")
            told = from_json(entry.place)
            if entry.origin is not None:
                self.origins.add(entry.origin)
            result = Result.of_wire(from_json(entry.result), entry.gas)
            result.sender = self._process
            if "tick" in told:
                name, timestamp, height, nonce, delivered, *out_of_turn = told["tick"]
                known = unit(scheduler.schedule(self._process).item)
                one = Evaluation(self._process, nonce, entry.nonce, result)
                cron = next(cron for cron in known.crons if cron.name == name)
                one.tick = Tick(cron, Moment(timestamp, height))
                one.out_of_turn = bool(out_of_turn)
                if not out_of_turn:
                    known.last_tick = timestamp
                if delivered:
                    self.delivered.add(entry.nonce)
            else:
                assignment = self._assignment(entry, told, scheduler)
                scheduler.put(assignment)
                if not assignment.nonce:
                    scheduler.schedule(self._process).order = as_number(told.get("o", 0))
                known = unit(assignment.item)
                one = Evaluation(self._process, assignment.nonce, entry.nonce, result, assignment.item, assignment)
                one.skipped = bool(told.get("skip"))
                past = assignment.timestamp if self._now is None else min(assignment.timestamp, self._now)
                known.left = Moment(past, assignment.block_height)
            known.add(one)
        except (InputError, KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as error:
            raise JournalError(
                f"is of no network: message {entry.nonce} {error if str(error) else 'is damaged'}", file=self._path
            ) from None

    def _assignment(self, entry: Entry, told: dict[str, Any], scheduler: Scheduler) -> Assignment:
        item = read_item(told["item"]) if "item" in told else item_of(entry.packed)
        fields = _fields(entry.packed)
        one = Assignment(
            self._process,
            as_number(fields["Nonce"]),
            as_number(fields["Timestamp"]),
            as_number(fields["Block-Height"]),
            _text(fields["Hash-Chain"]),
            item,
            scheduler.address,
        )
        if not is_id(told["a"]) or not is_id(one.hash_chain):
            raise ValueError("has no id")
        one.digest, one.signature = from_id(told["a"]), str(told.get("sig", ""))
        one.elsewhere = bool(told.get("to"))
        one.exclude = tuple(map(str, told.get("x", ())))
        one.origin = entry.origin
        one.pushed_for = told["for"] if "for" in told else _usual(item)
        one.quiet = bool(told.get("quiet"))
        self.count = max(self.count, as_number(told.get("c", 0)))
        if "name" in told:
            self.name = str(told["name"])
        return one


def told_item(item: Item) -> list[Any]:
    """An item as JSON has it."""
    return [item.id, item.owner, item.target, item.anchor, item.names, item.values, item.data, item.signature, item.raw]


def read_item(told: Any) -> Item:
    """What `told_item` gave. Raises `ValueError` for anything else."""
    id, owner, target, anchor, names, values, data, signature, raw = told
    if not (is_id(id) and all(isinstance(text, str) for text in (owner, target, signature))):
        raise ValueError("holds no item")
    # Half a surrogate pair is no text that can be written.
    f"{owner}{target}{signature}".encode()
    names, values = tuple(map(as_bytes, names)), tuple(map(as_bytes, values))
    if len(names) != len(values):
        raise ValueError("holds tags without values")
    whole = None if raw is None else as_bytes(raw)
    return Item(id, owner, target, as_bytes(anchor), names, values, as_bytes(data), signature, whole)


def item_of(packed: Packed) -> Item:
    """The item that a message was, where the process saw all of it."""
    if isinstance(packed, bytes):
        raise ValueError("holds no item")
    names, values = packed
    middle = names.index(None)
    fields = dict(zip(names[:middle], values, strict=False))
    return Item(
        _text(fields["Id"]),
        _text(fields["Owner"]),
        _text(fields["Target"]),
        fields.get("Anchor", b""),
        tuple(str(name).encode() for name in names[middle + 1 :]),
        values[middle:],
        fields["Data"],
        _text(fields["Signature"]),
    )


def _is_seen(one: Assignment) -> bool:
    """Whether the item can be told from what the process saw."""
    item = one.item
    if one.elsewhere or one.exclude or not one.nonce or item.raw is not None:
        return False
    if b"From" in item.names or b"Owner" in item.names:
        return False
    return lossy(item.data) is item.data and lossy(item.anchor) is item.anchor


def _usual(item: Item) -> str:
    """The wallet's message that an item is for, unless something else is said."""
    told = item.tag(b"Pushed-For")
    return item.id if told is None else told.decode("utf-8", "replace")


def _fields(packed: Packed) -> dict[Any, Any]:
    if isinstance(packed, bytes):
        from ..models import wire_of

        return wire_of(packed)
    names, values = packed
    return dict(zip(names[: names.index(None)], values, strict=False))


def _text(value: Any) -> str:
    text = value.decode() if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise ValueError("has a field that is no text")
    return text
