"""A scheduler's nodes, one after the other, as the messages that a compute unit evaluates for them.

A compute unit evaluates more than the nodes, and less: ticks of cron are in no node, and what it has evaluated before
it skips (spec: units, cu). Both follow from what the process has seen so far, which is in its journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InputError
from ..models import Moment, Result, message_of, most_ticks, read_crons, slot_of, ticks_between, to_bytes, wire_of

if TYPE_CHECKING:
    from ..models import Cron, Packed
    from .journal import Journal

__all__ = ["Evaluation", "Slots", "skipped"]

__tracebackhide__ = True

#: Ticks between two messages, at most: a day of one a second is a tenth of that.
_MOST_TICKS = 1_000_000


class Evaluation(NamedTuple):
    """What is to be evaluated for a node of a scheduler's."""

    message: dict[str, Any] | None
    """The message, in the network's form; None where the node's is skipped: it was evaluated before."""
    cron: str | None = None
    """Which tick of cron it is (`0-5-minutes`); None for the node's own message."""


def skipped() -> Result:
    """What a compute unit answers for a message that it skips."""
    return Result.of_wire({"Messages": [], "Assignments": [], "Spawns": [], "Output": ""})


class Slots:
    """What a process has seen of its scheduler's nodes."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._forget()

    def _forget(self) -> None:
        #: Messages of the journal that are known here, and the last of them.
        self._known = 0
        self._mark: Packed | None = None
        self._ids: set[str] = set()
        self._forwarded: set[bytes] = set()
        self._crons: tuple[Cron, ...] | None = None
        self._own: Mapping[str, Any] | None = None
        self._origin: Moment | None = None
        self._last: Moment | None = None
        self._last_tick: int | None = None

    def catch_up(self, journal: Journal) -> None:
        """Take note of the messages that have been evaluated since."""
        if self._known > journal.root.position:
            last = journal.since(self._known - 1, self._known)
            if not last or last[0][0] is not self._mark:  # Some were taken back.
                self._forget()
        for packed in _messages(journal, self._known):
            self.note(wire_of(packed))
            self._mark = packed
        self._known = journal.count

    def note(self, wire: Mapping[str, Any]) -> None:
        """Take note of a message that is evaluated."""
        moment = _moment(wire)
        if wire.get("Cron") is True:
            if moment is not None:
                self._last_tick = moment.timestamp
            return
        id_ = wire.get("Id")
        if isinstance(id_, str):
            self._ids.add(id_)
        if wire.get("Forwarded-By") is not None:
            self._forwarded.add(_digest(wire))
        # What has no place in a scheduler's order says nothing of its time.
        if moment is not None and wire.get("Nonce") is not None:
            self._last = moment
            if id_ == self._process and self._origin is None:
                self._origin, self._own = moment, wire

    def evaluations(self, node: Mapping[str, Any], cron: bool = True) -> Iterator[Evaluation]:
        """What is evaluated for a node: the ticks that are due before it, with `cron`, and its message.

        Raises `InputError` for a node that is none, and for crons that make no sense.
        """
        slot = slot_of(node)
        wire = None if slot.id in self._ids else message_of(node)
        if wire is not None and wire.get("Forwarded-By") is not None and _digest(wire) in self._forwarded:
            wire = None
        moment = Moment(slot.timestamp, slot.height)
        if cron:
            yield from self._ticks(moment)
        if wire is None and self._last is not None:
            # It is skipped, but has its place in time.
            self._last = max(self._last, moment)
        yield Evaluation(wire)

    def _ticks(self, until: Moment) -> Iterator[Evaluation]:
        own, origin, last = self._own, self._origin, self._last
        if own is None or origin is None or last is None:
            return  # They are counted from the process's own message, which no scheduler has given.
        if self._crons is None:
            self._crons = read_crons(own.get("Tags") or ())
        if not self._crons:
            return
        most = most_ticks(self._crons, last, until)
        if most > _MOST_TICKS:
            raise InputError(
                f"up to {most} ticks of cron are due before this message",
                advice="cron=False (ao-run: --no-cron) leaves them out",
                field="Timestamp",
            )
        for tick in ticks_between(self._crons, origin, last, until, last=self._last_tick):
            yield Evaluation(tick.message(self._process, own["Owner"]), tick.cron.name)


def _messages(journal: Journal, first: int) -> Iterator[Packed]:
    """The messages of a journal from `first` on; those before its root are on disk, or forgotten."""
    root = journal.root.position
    if first < root and journal.past is not None:
        from ..store import Store

        with Store.open(journal.past, write=False, create=False) as store:
            yield from (entry.packed for entry in store.entries(first, root))
    yield from (packed for packed, _, _ in journal.since(max(first, root)))


def _moment(wire: Mapping[str, Any]) -> Moment | None:
    try:
        return Moment(int(wire["Timestamp"]), int(wire["Block-Height"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _digest(wire: Mapping[str, Any]) -> bytes:
    """Of data, target, anchor and tags: what makes two messages the same, whoever has signed them."""
    tags: Iterable[Any] = wire.get("Tags") or ()
    parts = [wire.get("Data"), wire.get("Target"), wire.get("Anchor")]
    parts += [tag.get(key) for tag in tags for key in ("name", "value")]
    digest = sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else to_bytes("" if part is None else str(part))
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()
