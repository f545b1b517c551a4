"""`Messenger`: carries what results ask for to where it belongs (spec: units, mu, and the corrections there)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import TypeAlias, TypeVar

from ..errors import RefusedError, StandInError
from .compute import Compute
from .evaluation import Delivery, Evaluation
from .faults import Faults
from .ids import short
from .item import Assignment, Item, lossy
from .outbox import deliveries_of
from .outgoing import Parts, message_parts, message_tags, sender_tail, spawn_tags, spawned_tags
from .scheduler import Scheduler
from .signing import Maker
from .stand_in import StandIn
from .storage import Storage

__all__ = ["KNOWN_MESSENGERS", "STOPPED", "Messenger", "Steps", "check_item", "stops_at"]

__tracebackhide__ = True

_T = TypeVar("_T")
#: Something that takes evaluations: it yields each place whose message is to be evaluated, and is sent what that gave.
#: An error is thrown in; the place is none any more then.
Steps: TypeAlias = Generator[Assignment, Evaluation, _T]

#: Addresses of messengers that processes written for the real networks trust: legacynet's, and that of wao.
KNOWN_MESSENGERS = (
    "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY",
    "eNaLJLsMiWCSWvQKNbk_YT-9ydeWl9lrWwXxLVp9kcg",
)
#: Why nothing of an outbox is sent, where a messenger stops (`stops_at`).
STOPPED = "its message has a tag Assignments, at which messengers stop"


class Messenger:
    """The messenger of a network: what waits to be delivered, and how it is delivered.

    Everything is delivered in the order in which it was sent, whoever sent it: what a message sets off comes after all
    that was on its way before.
    """

    def __init__(self, address: str, scheduler: Scheduler, compute: Compute, maker: Maker, storage: Storage) -> None:
        self.address = address
        self._scheduler = scheduler
        self._compute = compute
        self._maker = maker
        self._storage = storage
        #: What is on its way.
        self.pending: deque[Delivery] = deque()
        self.faults: Faults | None = None
        #: Told of each process that another one has spawned.
        self.born: Callable[[Item, str], None] | None = None
        #: Told of the id of one that was refused after all.
        self.unborn: Callable[[str], None] | None = None
        #: By address.
        self.stand_ins: dict[str, StandIn] = {}
        #: Processes whose ticks are pushed, and the number of evaluations that were looked at.
        self.monitored: dict[str, int] = {}
        self._tails: dict[str, Parts] = {}
        self._shown: dict[str, str] = {}

    # ── what comes from outside ────────────────────────────────────────────────────────────────────────────────

    def send(self, item: Item, push: bool = True) -> Evaluation:
        """Bring a wallet's message or process: it is put in order and evaluated; what it sends is on its way then.

        Without `push` nothing of it ever is: that is what whoever asks a scheduler alone gets.

        Raises `RefusedError` for what a messenger or scheduler refuses.
        """
        return self.complete(self.sending(item, push))

    def sending(self, item: Item, push: bool = True) -> Steps[Evaluation]:
        """`send`, in steps."""
        check_item(item)
        if item.is_process:
            evaluation = yield from self._sent(self._scheduler.begin(item), item.id, push)
            # A process with a Target is also assigned to that one (correction 13).
            if push and self._is_open(item.target) and item.target != item.id:
                yield from self.assigning(item.target, item.id)
            return evaluation
        return (yield from self._sent(self._scheduler.accept(item), item.id, push))

    def assign(self, process: str, message: str, exclude: tuple[str, ...] = ()) -> Evaluation:
        """Bring a wallet's assignment of a known message to a process; it is evaluated there.

        Raises `RefusedError` where one of them is not known, and for any `exclude`: messengers read no list there
        (correction 4).
        """
        if exclude:
            raise RefusedError("'exclude' cannot be read by messengers", process=short(process))
        return self.complete(self.assigning(process, message))

    def assigning(
        self, process: str, message: str, exclude: tuple[str, ...] = (), push: bool = True
    ) -> Steps[Evaluation]:
        """Bring an assignment as whoever asks the scheduler itself, in steps: that one can leave out fields.

        Raises `RefusedError` where one of them is not known.
        """
        one = self._scheduler.assign(process, message, exclude)
        return (yield from self._sent(one, one.id, push))

    def push(self, evaluation: Evaluation, pushed_for: str | None) -> None:
        """Take over the outbox of an evaluation."""
        found = deliveries_of(evaluation, pushed_for)
        if found:
            evaluation.effects = found
            faults = self.faults
            for delivery in found:
                if delivery.problem is not None:
                    continue
                if faults is None:
                    self.pending.append(delivery)
                else:
                    faults.enqueue(self.pending, delivery)

    # ── deliveries ─────────────────────────────────────────────────────────────────────────────────────────────

    def deliver(self, delivery: Delivery) -> None:
        """Deliver one thing. What cannot arrive, and has not arrived before, has a `problem` then.

        Raises `StandInError` where a stand-in raises. After any other exception it is on its way still.
        """
        if delivery.faults and "drop" in delivery.faults:
            delivery.lose("was lost (fault injection)")
            return
        delivery.problem = None
        try:
            if delivery.kind == "message":
                self._deliver_message(delivery)
            else:
                self.complete(self.delivering(delivery))
        except RefusedError as error:
            delivery.lose(error.problem)
        except StandInError:
            raise
        except BaseException:
            self.pending.appendleft(delivery)
            raise
        if delivery.faults and "crash" in delivery.faults and delivery.target in self._compute:
            self._compute.crash(delivery.target)
        delivery.copies += 1

    def delivering(self, delivery: Delivery) -> Steps[None]:
        """Deliver one thing in steps. Raises `RefusedError` for what cannot arrive."""
        if delivery.kind == "spawn":
            yield from self._delivering_spawn(delivery)
        elif delivery.kind == "assignment":
            yield from self._delivering_assignment(delivery)
        else:
            one = self.scheduled(delivery)
            if one is None:
                self._deliver_elsewhere(delivery)
            else:
                self.finish(delivery, (yield one))

    def complete(self, steps: Steps[_T]) -> _T:
        """Take all steps here and now."""
        try:
            one = next(steps)
            while True:
                try:
                    evaluation = self._evaluated(one)
                except BaseException as error:
                    one = steps.throw(error)
                else:
                    one = steps.send(evaluation)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def monitor(self, process: str) -> None:
        """From now on push what the ticks of a process send."""
        self.monitored[process] = len(self._compute.unit(process).evaluations)

    def poll(self, process: str) -> None:
        """Evaluate the ticks of a monitored process that are due, and push what they and those before have sent."""
        self._compute.tick(process)
        self.push_ticks(process)

    def push_ticks(self, process: str) -> None:
        """Push what the ticks of a monitored process have sent that were evaluated since the last time."""
        evaluations = self._compute.unit(process).evaluations
        seen = self.monitored[process]
        self.monitored[process] = len(evaluations)
        for evaluation in evaluations[seen:]:
            if evaluation.tick is not None and not evaluation.out_of_turn:
                self.push(evaluation, None)

    def tick_now(self, process: str, index: int, push: bool) -> Evaluation:
        """Evaluate a tick of a process's interval of that number now, out of turn, and push what it sends if wanted.

        The ticks that are due come before it, and those after it keep their times. Raises `RefusedError` for a process
        that there is not, that has no such interval, or that was ended.
        """
        return self.push_tick(self._compute.tick_now(process, index, push), push)

    def push_tick(self, evaluation: Evaluation, push: bool) -> Evaluation:
        """Push what a tick out of turn has sent, if that is wanted, after what was due before it."""
        if evaluation.process in self.monitored:
            self.push_ticks(evaluation.process)
        if push:
            self.push(evaluation, None)
        return evaluation

    def sending_as(self, process: str, target: str, parts: Parts, data: bytes, anchor: bytes) -> Steps[Evaluation]:
        """Bring a message as if that process had sent it, in steps: signed by this messenger, with the tags it gives.

        `parts` are names and values of the message's own tags, `anchor` has 32 bytes. Raises `RefusedError` for what a
        scheduler refuses.
        """
        flat = tuple([part for pair in zip(*parts, strict=True) for part in pair])
        names, values = message_tags(flat, self._tail(process), None)
        seen = self.shown_to(target)
        item = self._maker.item(self.address, target, anchor, names, values, data, origin=b"", shown=seen)
        return self.sending(item)

    def shown_to(self, process: str) -> str:
        """The address under which a process sees this messenger: a known one, if it trusts that one."""
        found = self._shown.get(process)
        if found is None:
            item = self._scheduler.schedule(process).item
            found = self._shown[process] = self._known_to(item.names, item.values)
        return found

    def forget(self, process: str) -> None:
        """Forget what is known of a process that is gone."""
        self._tails.pop(process, None)
        self._shown.pop(process, None)
        self.monitored.pop(process, None)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, delivery: Delivery) -> None:
        if self.faults is None:
            self.pending.append(delivery)
        else:
            self.faults.enqueue(self.pending, delivery)

    def _is_open(self, process: str) -> bool:
        """Whether there is such a process, and it takes messages."""
        return process in self._scheduler and process not in self._scheduler.terminated

    def _sent(self, one: Assignment, pushed_for: str, push: bool) -> Steps[Evaluation]:
        """What a wallet sends, evaluated."""
        one.pushed_for = pushed_for
        one.quiet = not push
        evaluation = yield one
        if push:
            self.push(evaluation, pushed_for)
        return evaluation

    def _evaluated(self, one: Assignment) -> Evaluation:
        try:
            return self._compute.evaluate(one)
        except BaseException:
            # What could not be evaluated has no place: a module that nobody knows, somebody's Ctrl-C.
            self._scheduler.cut(one.process, one.nonce)
            raise

    def _deliver_message(self, delivery: Delivery) -> None:
        one = self.scheduled(delivery)
        if one is not None:
            self.finish(delivery, self._evaluated(one))
        else:
            self._deliver_elsewhere(delivery)

    def _deliver_elsewhere(self, delivery: Delivery) -> None:
        """A message to somebody who is no process."""
        stand_in = self.stand_ins.get(delivery.target)
        item = delivery.item
        if item is None or delivery.problem is not None:
            return
        if stand_in is None:
            self._storage.send(item)
            return
        evaluation = stand_in.receive(item)
        evaluation.cause = delivery
        delivery.outcomes += (evaluation,)
        stand_in.answer(evaluation, delivery.pushed_for)
        for answer in evaluation.effects:
            self._enqueue(answer)

    def scheduled(self, delivery: Delivery) -> Assignment | None:
        """The place that a message gets, where it is for a process; its item is made in any case.

        What no messenger can deliver has a `problem` then, and no item. Raises `RefusedError` for what the scheduler
        refuses.
        """
        target = delivery.target
        process = target in self._scheduler
        known = process or not target or target in self.stand_ins
        parts = message_parts(delivery, self._tail(delivery.sender), known=known)
        if parts is None:
            return None
        anchor, names, values, data = parts
        seen = self.shown_to(target) if process else None
        key = delivery.key
        item = delivery.item = self._maker.item(
            self.address, target, anchor, names, values, data, origin=key, shown=seen
        )
        if not process:
            return None
        one = self._scheduler.accept(item)
        one.origin, one.pushed_for = key, delivery.pushed_for
        return one

    def give_up(self, places: Iterable[Assignment]) -> None:
        """Take back the places of messages that were not evaluated."""
        first: dict[str, int] = {}
        for one in places:
            first.setdefault(one.process, one.nonce)
        for process, nonce in first.items():
            self._scheduler.cut(process, nonce)

    def finish(self, delivery: Delivery, evaluation: Evaluation) -> None:
        """A message has been evaluated: what it gave is on its way from now on."""
        evaluation.cause = delivery
        delivery.outcomes += (evaluation,)
        if stops_at(delivery):
            evaluation.problem = STOPPED
        else:
            self.push(evaluation, delivery.pushed_for)

    def _delivering_spawn(self, delivery: Delivery) -> Steps[None]:
        parent = delivery.sender
        scheduler = self._scheduler.schedule(parent).item.tag(b"Scheduler") if parent in self._scheduler else None
        own = self._scheduler.address if scheduler is None else scheduler.decode("utf-8", "replace")
        flat = tuple([lossy(part) for part in delivery.flat])
        names, values = spawn_tags(flat, parent, delivery.pushed_for, own)
        known = self._known_to(names, values)
        key = delivery.key
        child = delivery.item
        if child is None or delivery.copies or child.id not in self._compute:
            data = lossy(delivery.data or b" ")
            child = self._maker.item(self.address, "", b"", names, values, data, origin=key, shown=known)
            delivery.item = child
            if self.born is not None:
                self.born(child, parent)
            try:
                one = self._scheduler.begin(child)
                one.origin, one.pushed_for = key, delivery.pushed_for
                boot = yield one
            except BaseException:
                if self.unborn is not None:
                    self.unborn(child.id)
                raise
        else:
            # It was interrupted when it had spawned the child, and had told nobody.
            boot = self._compute.unit(child.id).evaluations[0]
        boot.cause = delivery
        delivery.outcomes += (boot,)
        sent = deliveries_of(boot, delivery.pushed_for)
        # A child whose result cannot be carried is one that the parent never hears of (correction 2).
        if boot.problem is not None:
            return
        boot.effects = sent
        if self._is_open(parent):
            names, values = spawned_tags(flat, child.id)
            key += b" spawned"
            seen = self.shown_to(parent)
            item = self._maker.item(self.address, parent, b"", names, values, b" ", origin=key, shown=seen)
            one = self._scheduler.accept(item)
            one.origin, one.pushed_for = key, delivery.pushed_for
            spawned = yield one
            spawned.cause = delivery
            delivery.outcomes += (spawned,)
        for first in sent:
            if first.problem is None:
                self._enqueue(first)
        for evaluation in delivery.outcomes[1:]:
            self.push(evaluation, delivery.pushed_for)

    def _delivering_assignment(self, delivery: Delivery) -> Steps[None]:
        assert delivery.message is not None
        one = self._scheduler.assign(delivery.target, delivery.message)
        one.origin = delivery.key
        delivery.item = one.item
        evaluation = yield one
        evaluation.cause = delivery
        delivery.outcomes += (evaluation,)
        self.push(evaluation, None)

    def _known_to(self, names: tuple[bytes, ...], values: tuple[bytes, ...]) -> str:
        # Not stripped: aos trusts what stands between two commas, spaces too.
        trusted = {
            address
            for name, value in zip(names, values, strict=True)
            if name == b"Authority"
            for address in value.decode("utf-8", "replace").split(",")
        }
        return next((address for address in KNOWN_MESSENGERS if address in trusted), self.address)

    def _tail(self, sender: str) -> Parts:
        tail = self._tails.get(sender)
        if tail is None:
            module = self._scheduler.schedule(sender).item.tag(b"Module") if sender in self._scheduler else None
            tail = self._tails[sender] = sender_tail(sender, module)
        return tail


def stops_at(delivery: Delivery) -> bool:
    """Whether a messenger goes no further with what a message gives: it was sent with a tag Assignments (correction 3).

    The item that it becomes does not have the tag any more.
    """
    flat = delivery.flat
    return b"Assignments" in flat and delivery.kind == "message" and b"Assignments" in flat[::2]


def check_item(item: Item) -> None:
    """Raises `RefusedError` for an item that no messenger and no scheduler takes."""
    if item.tag(b"Type") not in (b"Message", b"Process"):
        raise RefusedError("Tag 'Type': must be either 'Process' or 'Message'")
    if all(value != b"ao" for name, value in zip(item.names, item.values, strict=True) if name == b"Data-Protocol"):
        raise RefusedError("Tag 'Data-Protocol': must contain 'ao'")
    if item.tag(b"From-Process") == KNOWN_MESSENGERS[0].encode():
        raise RefusedError("Invalid From-Process value.")
