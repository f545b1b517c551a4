"""`Network`: many processes, one order of messages for each, and every message delivered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from ..errors import AoError, InputError, LoadError, NetworkError
from ..models import GivenLimits, Limits, Message, to_bytes, told
from ..state import LuaSource
from .backup import backup
from .client_items import message_item, own_tags, process_item, raw_tags
from .core import Core
from .evaluation import Delivery, Evaluation
from .exploring import Found, explore
from .faults import Faults
from .folder import Folder
from .going_back import anchored
from .ids import is_id
from .keeping import MOST_OPEN, WORKERS, Keeper, options_of
from .process import NetworkProcess
from .snapshot import copied, read_network, write_network
from .spawning import read_spawn
from .stand_in import StandIn
from .verifying import Report, verify
from .wallet import NetworkWallet

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["Network"]

__tracebackhide__ = True


class Network(Core):
    """An ao network in this program: `scheduler`, `compute` and `messenger`, a clock, wallets, and all that people ask.

    clock
        `Clock()`, which stands still until it is told to go on, or `RealClock()`.
    seed
        Goes into every address and id: networks with different seeds have nothing in common.
    signed
        Whether items and assignments are really signed (extra `net`); else ids stand for the fields.
    keys
        Of the scheduler and the messenger, in a signed network: "ed25519", from the seed, or "rsa", as on the real
        network: made now, which takes some seconds, and kept in its folder and its snapshots. `UnitKeys` are such that
        there are already. Wallets have keys from the seed in any case.
    faults
        What goes wrong on purpose.
    isolated
        A number of child processes that evaluate, True for as many as there are processors, or a `Pool`.
    limits, dialect
        Of every process that names no others.
    modules
        More modules, by their ids: a dialect, a file `.wasm` or a folder for each.
    files
        What `/data/<id>` finds beside the network's own storage: a mapping, a folder or a function.
    deduplicate
        Whether a message that is delivered twice is evaluated once, as on the network.
    auto
        Whether all that follows from a message is delivered before `send` returns.
    most
        So many deliveries follow from one message at most, before it is taken for a chain without end.
    live
        So many processes are kept ready; others are at rest, as bytes, until they are needed.
    follows
        The URL of a scheduler unit whose orders of messages are evaluated here: then this network gives no places, and
        takes no messages but from there.

    Raises `InputError` for an option that makes no sense. Close it, or use it as a context manager, where it has
    children.
    """

    # ── who there is ───────────────────────────────────────────────────────────────────────────────────────────

    def wallet(self, name: str, key: Wallet | None = None) -> NetworkWallet:
        """The wallet that is called so: always the same address for a name and the network's seed.

        `key` is a real wallet (`ao_runtime.Wallet`) whose address it has; in a signed network it signs with it.
        """
        return NetworkWallet(self, name, self.wallet_address(name, key))

    def spawn(
        self,
        path: str | Path | None = None,
        *,
        code: str | bytes | None = None,
        owner: NetworkWallet | str | None = None,
        tags: Any = None,
        data: str | bytes | None = None,
        name: str | None = None,
        module: str | None = None,
        sources: LuaSource | None = None,
        limits: Limits | GivenLimits | None = None,
    ) -> NetworkProcess:
        """Start a process, as a client does, and deliver what it sends.

        `path` is a Lua file, evaluated as the process's Data (in dialects without `On-Boot` by an Eval of the owner
        after it); `require` finds the files beside it, or in `sources`. `code` is such code as text, `data` the
        process's Data as it is. `owner` is a wallet, or its name; without one it is the wallet "owner". The tag
        `Authority` names this network's messenger, unless `tags` say otherwise. `name` is what people call it here.

        Raises `LoadError` where the code fails: there is no such process then. `RefusedError` for a module that nobody
        knows, and for what the scheduler refuses; `InputError` for what makes no sense.
        """
        who = self.sender(self.wallet("owner") if owner is None else owner)
        chosen = self.modules[module or self.module]
        given = read_spawn(path, code, data, chosen, sources, limits)
        own = own_tags(tags)
        names = {one for one, _ in own}
        if "Authority" not in names:
            own.append(("Authority", self.messenger.address))
        if given.boots and "On-Boot" not in names:
            own.append(("On-Boot", "Data"))
        parts = process_item(own, given.data, chosen.id, self.scheduler.address, self.clock.now)
        called = name or next((str(value) for one, value in own if one == "Name"), None) or given.name
        made = self.maker.count
        item = self.maker.item(who, *parts)
        self.compute.prepare(item.id, given.options)
        self.labels.add(item.id, called)
        try:
            boot = self.messenger.send(item)
            if given.boots or given.evaluation is not None:
                self._raise(boot)
            if given.evaluation is not None:
                message = {"Action": "Eval", "Data": given.evaluation}
                self._raise(self.messenger.send(self.maker.item(who, *message_item(item.id, message, {}))))
        except BaseException:
            self._unspawn(item.id)
            if self.keeper is None:
                self.maker.count = made
            raise
        self.settle(boot)
        return NetworkProcess(self, item.id)

    def process(self, which: Any) -> NetworkProcess:
        """A process, by its id or its name. Raises `RefusedError` where there is none."""
        return NetworkProcess(self, self.found(which))

    @property
    def processes(self) -> list[NetworkProcess]:
        """All processes, in the order in which they came."""
        return [NetworkProcess(self, id) for id in self.scheduler.processes]

    @property
    def wallets(self) -> list[NetworkWallet]:
        """The wallets that have a name."""
        return [NetworkWallet(self, name, address) for name, address in self.wallet_addresses.items()]

    def stand_in(self, address: Any, answer: Any) -> StandIn:
        """Answer messages to an address in Python, in place of a process: `StandIn` says how.

        `address` is one of 43 characters, or a name, whose address is that of the wallet of this name.
        """
        if isinstance(address, str) and not is_id(address):
            known = self.labels.address(address)
            address, name = known or self.wallet(address).address, address
        else:
            address = self.find(address)
            name = self.labels.name(address)
        if address in self.scheduler:
            raise InputError(f"{name} is a process of this network", field="address")
        stand_in = self.messenger.stand_ins[address] = StandIn(address, name, answer)
        self.labels.add(address, name)
        return stand_in

    def store(self, data: str | bytes, tags: Any = None, owner: Any = None) -> str:
        """Keep data, and give its id: for `/data/<id>`, for `On-Boot=<id>`, and for assignments."""
        names, values = raw_tags(tags)
        who = self.sender(self.wallet("owner") if owner is None else owner)
        item = self.maker.item(who, "", b"", names, values, to_bytes(data) if isinstance(data, str) else data)
        self.storage.put(item)
        return item.id

    # ── messages ───────────────────────────────────────────────────────────────────────────────────────────────

    def messages(self, *, from_: Any = None, to: Any = None, action: str | None = None, **tags: str) -> list[Message]:
        """All messages of the network, processes among them, by their timestamps; then those to wallets, in order.

        While the clock stands each process has timestamps of its own: they say nothing of two processes then.
        `from_`, `to` and `action`, and tags by their names, choose some of them.
        """
        sender = None if from_ is None else self.find(from_)
        target = None if to is None else self.find(to)
        places = [one for one in self.scheduler.assignments() if not one.elsewhere]
        items = [(one.item, one.process) for one in sorted(places, key=lambda one: one.timestamp)]
        items += [(item, item.target) for item in self.storage.mail]
        found = []
        for item, process in items:
            if sender not in (None, item.sender) or target not in (None, process):
                continue
            if action is not None and item.action != action:
                continue
            known = item.tags
            if all(known.get(name) == value for name, value in tags.items()):
                found.append(item.message())
        return found

    # ── delivery in your hand ──────────────────────────────────────────────────────────────────────────────────

    @property
    def pending(self) -> list[Delivery]:
        """What is on its way, in the order in which it would be delivered."""
        return [*self.messenger.pending]

    def deliver(self, delivery: Delivery) -> None:
        """Deliver this one now, whatever is before it."""
        self._take(delivery)
        self.messenger.deliver(delivery)

    def drop(self, delivery: Delivery) -> None:
        """Lose it."""
        self._take(delivery)
        delivery.lose("was dropped")

    def duplicate(self, delivery: Delivery) -> None:
        """Have it delivered once more, after all that is on its way."""
        self.messenger.pending.append(delivery)

    def reorder(self, seed: int | str = 0) -> None:
        """Shuffle what is on its way."""
        shuffled = self.pending
        Random(f"{seed}").shuffle(shuffled)
        self.messenger.pending.clear()
        self.messenger.pending.extend(shuffled)

    # ── any moment again ───────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def anchor(self) -> Iterator[Network]:
        """Everything in here is undone afterwards: all processes, what is on its way, inboxes and the clock together.

        What a stand-in's function keeps for itself is its own matter.
        """
        with anchored(self):
            yield self

    def snapshot(self) -> bytes:
        """This moment as bytes, for `Network.restore`. The same network gives the same bytes."""
        return write_network(self)

    @classmethod
    def restore(cls, data: bytes, **options: Any) -> Network:
        """A network at the moment of a snapshot. What is not given is as it was; the options are those of `Network`.

        Stand-ins are Python: they have to be set again. Raises `SnapshotError` for bytes that are damaged, foreign or
        of a later version, `InputError` for options that make no sense.
        """
        return read_network(cls, data, options)

    @classmethod
    def open(
        cls, folder: str | os.PathLike[str], *, write: bool = True, create: bool | None = None, **options: Any
    ) -> Network:
        """The network in a folder; a new one, made with the options of `Network`, where there is none.

        `create` says which of both it has to be: False is one that there is, True a new one.

        Whatever a message brought about is on the disk before its result is given: after a kill at any moment nothing
        is lost and nothing is delivered twice. One program writes at a time; with `write=False` it is read, at any
        time. What is not given is as it was made. Close it, or use it as a context manager.

        Raises `JournalError` where another program writes, and where something in the folder is damaged or of a later
        version; `InputError` for options that make no sense or do not go with it, and where `create` is not so.
        """
        found = Folder(folder, write=write, create=create)
        try:
            network = cls(**{"live": MOST_OPEN, **options_of(found, options)})
        except BaseException:
            found.close()
            raise
        network.keeper = Keeper(network, found)
        network.use_waves(WORKERS)
        return network

    @classmethod
    def backup(
        cls,
        folder: str | os.PathLike[str],
        target: str | os.PathLike[str],
        progress: Callable[[int, int], object] | None = None,
    ) -> int:
        """Copy the folder of a network, also while somebody writes there; the number of processes in it.

        All is copied as it is at one moment. Raises `InputError` where `target` is there already, `JournalError` where
        something cannot be read or written.
        """
        return backup(folder, target, progress)

    def verify(self, workers: int | None = None, progress: Callable[[int, int], object] | None = None) -> Report:
        """For a network in a folder: count every order again, and evaluate every process again, in parallel.

        Raises `InputError` for a network in memory, `JournalError` for a journal that cannot be read.
        """
        if self.keeper is None:
            raise InputError("is in memory: there is nothing to compare it with", field="network")
        return verify(self, self.keeper.journal, workers, progress)

    def fork(self) -> Network:
        """A network of its own, as this one is now; stand-ins answer in both."""
        return copied(self)

    def explore(
        self,
        scenario: Callable[[Network], object],
        invariant: Callable[[Network], object],
        seeds: int | Iterable[int] = 1000,
        faults: Faults | None = None,
    ) -> Found | None:
        """Run a scenario under the faults of many seeds; the first for which the invariant does not hold, or None.

        Each run begins here and is undone. `invariant` returns whether all is well, or raises AssertionError. Of what
        is found, `faults` are the fewest that still do it, and `str()` tells the story.
        """
        return explore(self, scenario, invariant, range(seeds) if isinstance(seeds, int) else seeds, faults)

    def __enter__(self) -> Network:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # What was interrupted anywhere is told best by the journals.
        self.close(index=kind is None or issubclass(kind, AoError))

    def __repr__(self) -> str:
        pending = len(self.messenger.pending)
        waits = f", pending={pending}" if pending else ""
        return f"Network(processes={len(self.scheduler.processes)}, wallets={len(self.wallet_addresses)}{waits})"

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, delivery: Delivery) -> None:
        """Take a delivery off those that are on their way."""
        try:
            self.messenger.pending.remove(delivery)
        except ValueError:
            raise InputError("is not on its way", field="delivery", advice="net.pending is what is") from None

    def _raise(self, evaluation: Evaluation) -> None:
        """Raises `LoadError` where the code of a process failed."""
        result = evaluation.result
        if result is not None and not result.ok:
            if result.failure is not None:
                raise LoadError.of(result.failure, told(result.failure))
            raise NetworkError(f"its code failed: {result.error}", process=self.label(evaluation.process))

    def _unspawn(self, id: str) -> None:
        """There was no such process."""
        self.compute.forget(id)
        if id in self.scheduler:
            self.scheduler.cut(id, 0)
        self.messenger.forget(id)
        self.labels.forget(id)
        if self.keeper is not None:
            self.keeper.forget(id)
