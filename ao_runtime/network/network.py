"""`Network`: many processes, one order of messages for each, and every message delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from ..errors import EndlessChainError, InputError, LoadError, NetworkError, RefusedError
from ..models import GivenLimits, Limits, Message, read_message, shown, to_bytes, told
from ..state import DataFiles, FileSource, GivenOptions, LuaSource
from .client_items import message_item, named_message, named_values, process_item
from .clock import Clock
from .compute import Compute
from .delivery import Delivery
from .endless import cycle_of
from .evaluation import Evaluation
from .faults import Faults
from .going_back import Moment, moment_of, put_back
from .ids import is_id
from .item import Item
from .labels import Labels
from .messenger import Messenger
from .modules import AOS, Modules
from .process import NetworkProcess
from .scheduler import Scheduler
from .sent import Sent
from .signing import Maker, SignedMaker, UnsignedMaker
from .stand_in import StandIn
from .storage import Storage
from .wallet import NetworkWallet

if TYPE_CHECKING:
    from ..isolation import Pool
    from ..items import Wallet
    from .exploring import Found

__all__ = ["Network"]

__tracebackhide__ = True


class Network:
    """An ao network in this program: `scheduler`, `compute` and `messenger`, a clock, wallets, and what people ask of it.

    clock
        `Clock()`, which stands still until it is told to go on, or `RealClock()`.
    seed
        Goes into every address and id: networks with different seeds have nothing in common.
    signed
        Whether items and assignments are really signed (extra `net`); else ids stand for the fields.
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

    Raises `InputError` for an option that makes no sense. Close it, or use it as a context manager, where it has
    children.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: str = "",
        signed: bool = False,
        faults: Faults | None = None,
        isolated: int | bool | Pool | None = None,
        limits: Limits | GivenLimits | None = None,
        dialect: str | None = None,
        modules: Mapping[str, str | Path] | None = None,
        files: FileSource | None = None,
        deduplicate: bool = True,
        auto: bool = True,
        most: int = 10_000,
        live: int = 3000,
    ) -> None:
        for name, number in (("most", most), ("live", live)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise InputError(f"must be a number, 1 or more, found {shown(number)}", field=name)
        self.clock = clock or Clock()
        self.auto = auto
        self.most = most
        self.seed = seed
        self._modules = Modules(modules)
        #: The options that make a network like this one.
        self.given: dict[str, Any] = {
            "seed": seed,
            "signed": signed,
            "limits": limits,
            "dialect": dialect,
            "files": files,
            "isolated": isolated,
            "modules": self._modules.given,
            "deduplicate": deduplicate,
            "most": most,
            "live": live,
        }
        self.maker: Maker = SignedMaker(seed) if signed else UnsignedMaker(seed)
        self._own_pool: Pool | None = None
        self._options = self._options_of(limits, isolated)
        self._module = AOS if dialect is None else self._modules.of_dialect(dialect)
        self.labels = Labels()
        #: Data by id, and all messages to wallets.
        self.storage = Storage(None if files is None else DataFiles(files).find)
        self.scheduler = Scheduler(self._unit("scheduler"), self.clock, self.maker, self.storage)
        self.compute = Compute(
            self.scheduler, self.clock, self._modules, self.storage, self._options, live=live, deduplicate=deduplicate
        )
        self.messenger = Messenger(self._unit("messenger"), self.scheduler, self.compute, self.maker, self.storage)
        self.messenger.born = self._born
        self.faults = faults
        self._wallets: dict[str, NetworkWallet] = {}
        self.clock.changed = self.tick

    # ── who there is ───────────────────────────────────────────────────────────────────────────────────────────

    def wallet(self, name: str, key: Wallet | None = None) -> NetworkWallet:
        """The wallet that is called so: always the same address for a name and the network's seed.

        `key` is a real wallet (`ao_runtime.Wallet`) whose address it has; in a signed network it signs with it.
        """
        known = self._wallets.get(name)
        if known is not None:
            return known
        if key is not None:
            address = key.ao_address
            if isinstance(self.maker, SignedMaker):
                self.maker.add(key)
        else:
            address = self.maker.address(name)
        if self.labels.address(name) not in (None, address):
            raise InputError(f"{name!r} is the name of something else here", field="name")
        self.labels.add(address, name)
        wallet = self._wallets[name] = NetworkWallet(self, name, address)
        return wallet

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
        from .spawning import read_spawn

        who = self._sender(self.wallet("owner") if owner is None else owner)
        chosen = self._modules[module or self._module]
        given = read_spawn(path, code, data, chosen, sources, limits)
        own = [(tag["name"], tag["value"]) for tag in read_message({"Tags": _plain_tags(tags)})["Tags"]]
        names = {one for one, _ in own}
        if "Authority" not in names:
            own.append(("Authority", self.messenger.address))
        if given.boots and "On-Boot" not in names:
            own.append(("On-Boot", "Data"))
        parts = process_item(own, given.data, chosen.id, self.scheduler.address, self.clock.now)
        called = name or next((str(value) for one, value in own if one == "Name"), None) or given.name
        with self._all_or_nothing():
            item = self.maker.item(who, *parts)
            self.compute.prepare(item.id, given.options)
            self.labels.add(item.id, called)
            boot = self.messenger.send(item)
            if given.boots or given.evaluation is not None:
                self._raise(boot)
            if given.evaluation is not None:
                message = {"Action": "Eval", "Data": given.evaluation}
                self._raise(self.messenger.send(self.maker.item(who, *message_item(item.id, message, {}))))
        self._settle(boot)
        return NetworkProcess(self, item.id)

    def process(self, which: Any) -> NetworkProcess:
        """A process, by its id or its name. Raises `RefusedError` where there is none."""
        id = self._find(which)
        if id not in self.scheduler:
            raise RefusedError(f"there is no process {self._words(which)}", advice=self._advice(which))
        return NetworkProcess(self, id)

    @property
    def processes(self) -> list[NetworkProcess]:
        """All processes, in the order in which they came."""
        return [NetworkProcess(self, id) for id in self.scheduler.processes]

    @property
    def wallets(self) -> list[NetworkWallet]:
        """The wallets that have a name."""
        return [*self._wallets.values()]

    def label(self, address: str) -> str:
        """What people call an address: the name of a wallet or process, or a part of the address."""
        return self.labels.name(address)

    def stand_in(self, address: Any, answer: Any) -> StandIn:
        """Answer messages to an address in Python, in place of a process: `StandIn` says how.

        `address` is one of 43 characters, or a name, whose address is that of the wallet of this name.
        """
        if isinstance(address, str) and not is_id(address):
            known = self.labels.address(address)
            address, name = known or self.wallet(address).address, address
        else:
            address = self._find(address)
            name = self.labels.name(address)
        if address in self.scheduler:
            raise InputError(f"{name} is a process of this network", field="address")
        stand_in = self.messenger.stand_ins[address] = StandIn(address, name, answer)
        self.labels.add(address, name)
        return stand_in

    def store(self, data: str | bytes, tags: Any = None, owner: Any = None) -> str:
        """Keep data, and give its id: for `/data/<id>`, for `On-Boot=<id>`, and for assignments."""
        own = [
            (to_bytes(tag["name"]), to_bytes(tag["value"])) for tag in read_message({"Tags": _plain_tags(tags)})["Tags"]
        ]
        names, values = tuple(one for one, _ in own), tuple(value for _, value in own)
        who = self._sender(self.wallet("owner") if owner is None else owner)
        item = self.maker.item(who, "", b"", names, values, to_bytes(data) if isinstance(data, str) else data)
        self.storage.put(item)
        return item.id

    # ── messages ───────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, sender: Any, to: Any, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Sent:
        """Send a message from a wallet to a process: `NetworkWallet.send` says how."""
        target = self._find(to)
        if target not in self.scheduler:
            raise RefusedError(f"there is no process {self._words(to)}", advice=self._advice(to))
        parts = message_item(target, message, fields)
        evaluation = self.messenger.send(self.maker.item(self._sender(sender), *parts))
        self._settle(evaluation)
        return Sent(evaluation, self.label)

    def handle(self, to: Any, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Sent:
        """Send a message from whoever its `From` or `Owner` names, else from the process's owner."""
        wire = read_message(named_message(message), named_values(fields))
        sender = wire.get("Owner") or wire.get("From") or self.process(to).owner
        return self.send(sender, to, {"Tags": wire["Tags"], "Data": wire.get("Data"), "Anchor": wire.get("Anchor")})

    def assign(self, message: Any, to: Any) -> Sent:
        """Have a known message evaluated by another process: by its id, or a `Sent`."""
        id = message.id if isinstance(message, (Sent, Item)) else str(getattr(message, "id", message))
        evaluation = self.messenger.assign(self.process(to).id, id)
        self._settle(evaluation)
        return Sent(evaluation, self.label)

    def messages(self, *, from_: Any = None, to: Any = None, action: str | None = None, **tags: str) -> list[Message]:
        """All messages of the network, processes among them, in the order in which they were put in their places.

        `from_`, `to` and `action`, and tags by their names, choose some of them.
        """
        sender = None if from_ is None else self._find(from_)
        target = None if to is None else self._find(to)
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

    def mail(self, address: Any = None) -> list[Message]:
        """The messages that were sent to a wallet, or to anybody who is no process."""
        wanted = None if address is None else self._find(address)
        return [item.message() for item in self.storage.mail if wanted in (None, item.target)]

    # ── delivery in your hand ──────────────────────────────────────────────────────────────────────────────────

    @property
    def pending(self) -> list[Delivery]:
        """What is on its way, in the order in which it would be delivered."""
        return [*self.messenger.pending]

    def step(self) -> Delivery | None:
        """Deliver what comes next, and give it; None where nothing is on its way."""
        pending = self.messenger.pending
        if not pending:
            return None
        faults = self.messenger.faults
        delivery = pending.popleft() if faults is None else faults.taken(pending)
        self.messenger.deliver(delivery)
        if faults is not None:
            faults.delivered(pending, delivery)
        return delivery

    def run(self, until: Callable[[], object] | None = None) -> int:
        """Deliver until nothing is left, or `until()` is true; how many deliveries that took.

        Raises `EndlessChainError` after `most` deliveries; what was on its way then still is.
        """
        pending = self.messenger.pending
        count = 0
        while pending and not (until is not None and until()):
            if count >= self.most:
                raise self._endless(count)
            self.step()
            count += 1
        return count

    def deliver(self, delivery: Delivery) -> None:
        """Deliver this one now, whatever is before it."""
        self._take(delivery)
        self.messenger.deliver(delivery)

    def drop(self, delivery: Delivery) -> None:
        """Lose it."""
        self._take(delivery)
        delivery.problem = "was dropped"

    def duplicate(self, delivery: Delivery) -> None:
        """Have it delivered once more, after all that is on its way."""
        self.messenger.pending.append(delivery)

    def reorder(self, seed: int | str = 0) -> None:
        """Shuffle what is on its way."""
        shuffled = self.pending
        Random(f"{seed}").shuffle(shuffled)
        self.messenger.pending.clear()
        self.messenger.pending.extend(shuffled)

    def tick(self) -> None:
        """Evaluate the cron ticks of all monitored processes that are due by now, and deliver what they send.

        It is done by itself when the clock is told to go on, unless `auto` is off. Processes that nobody monitors
        evaluate their ticks before their next message, and nothing of them is sent.
        """
        for id in [*self.messenger.monitored]:
            self.messenger.poll(id)
        if self.auto:
            self._settle(None)

    # ── any moment again ───────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def anchor(self) -> Iterator[Network]:
        """Everything in here is undone afterwards: all processes, what is on its way, inboxes and the clock together.

        What a stand-in's function keeps for itself is its own matter.
        """
        moment = self._moment()
        try:
            yield self
        finally:
            self._back_to(moment)

    def snapshot(self) -> bytes:
        """This moment as bytes, for `Network.restore`. The same network gives the same bytes."""
        from .snapshot import write_network

        return write_network(self)

    @classmethod
    def restore(cls, data: bytes, **options: Any) -> Network:
        """A network at the moment of a snapshot. What is not given is as it was; the options are those of `Network`.

        Stand-ins are Python: they have to be set again. Raises `SnapshotError` for bytes that are damaged, foreign or
        of a later version, `InputError` for options that make no sense.
        """
        from .snapshot import read_network

        return read_network(cls, data, options)

    def fork(self) -> Network:
        """A network of its own, as this one is now; stand-ins answer in both."""
        from .snapshot import copied

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
        from .exploring import explore

        return explore(self, scenario, invariant, range(seeds) if isinstance(seeds, int) else seeds, faults)

    def close(self) -> None:
        """Let go of all processes, and of the children, if they are this network's own."""
        for id in self.scheduler.processes:
            self.compute.forget(id)
        if self._own_pool is not None:
            self._own_pool.close()

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        pending = len(self.messenger.pending)
        waits = f", pending={pending}" if pending else ""
        return f"Network(processes={len(self.scheduler.processes)}, wallets={len(self._wallets)}{waits})"

    @property
    def faults(self) -> Faults | None:
        """What goes wrong on purpose."""
        return self.messenger.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        if faults is not None:
            faults.label = self.label
        self.messenger.faults = faults

    @property
    def pool(self) -> Pool | None:
        """The children that evaluate."""
        found = self._options.get("isolated")
        return None if isinstance(found, bool) else found

    @property
    def described(self) -> dict[str, Any]:
        """The options that can be written down, as JSON."""
        told = {name: value for name, value in self.given.items() if name not in ("files", "isolated", "limits")}
        limits = self._options.get("limits")
        if isinstance(limits, Limits):
            told["limits"] = {name: getattr(limits, name) for name in ("instructions", "memory", "seconds")}
        return told | {"auto": self.auto}

    def take_wallets(self, addresses: Mapping[str, str]) -> None:
        """Know wallets by their names and addresses."""
        for name, address in addresses.items():
            known = self._wallets[name] = NetworkWallet(self, name, address)
            self.maker.address(known.name)

    def keep_wallets(self, names: Iterable[str]) -> None:
        """Forget the wallets that have other names."""
        self._wallets = {name: self._wallets[name] for name in names}

    def plain_fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields in which processes and wallets stand for their addresses."""
        return named_values(fields)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _unit(self, name: str) -> str:
        """The address of one of the network's own units."""
        address = self.maker.address(f"{name} of the network")
        self.labels.add(address, name)
        return address

    def _born(self, child: Item, parent: str) -> None:
        """A process was spawned by another one: it has a name from now on."""
        name, reference = child.tag(b"Name"), child.tag(b"Reference")
        if name is not None:
            called = name.decode("utf-8", "replace")
        else:
            number = b"child" if reference is None else reference
            called = f"{self.label(parent)}.{number.decode('utf-8', 'replace')}"
        self.labels.add(child.id, called)

    def _find(self, who: Any) -> str:
        """The address of a process, wallet or stand-in, or of its name; anything else as it is."""
        address = getattr(who, "address", who)
        if not isinstance(address, str):
            raise InputError(f"must be a process, a wallet, an id or a name, found {shown(who)}", field="to")
        return address if is_id(address) else self.labels.address(address) or address

    def _sender(self, who: Any) -> str:
        """The address of who sends: a name that nobody has is that of a new wallet."""
        address = self._find(who)
        return address if is_id(address) else self.wallet(address).address

    def _words(self, which: Any) -> str:
        return self.label(self._find(which)) if is_id(self._find(which)) else shown(self._find(which))

    def _advice(self, which: Any) -> str | None:
        address = self._find(which)
        near = None if is_id(address) else self.labels.near(address)
        if near is not None:
            return f"did you mean {near}?"
        return "it is the address of a wallet" if self.labels.name(address) in self._wallets else None

    def _settle(self, evaluation: Evaluation | None) -> None:
        """Deliver what there is to deliver, if that is done by itself."""
        if self.auto:
            try:
                self.run()
            except EndlessChainError as error:
                if evaluation is not None and evaluation.item is not None:
                    error.message = f"message {evaluation.item.action or evaluation.item.id}"
                raise

    def _take(self, delivery: Delivery) -> None:
        """Take a delivery off those that are on their way."""
        try:
            self.messenger.pending.remove(delivery)
        except ValueError:
            raise InputError("is not on its way", field="delivery", advice="net.pending is what is") from None

    def _endless(self, count: int) -> EndlessChainError:
        last = self.messenger.pending[-1]
        cycle = cycle_of(last.origin, self.label)
        error = EndlessChainError(
            f"what it set off does not end: {count} deliveries, and {len(self.messenger.pending)} are on their way"
            + (f"; again and again: {' ← '.join(cycle)}" if cycle else ""),
            process=self.label(last.origin.process),
            advice="if it is meant, Network(most=…) allows more",
        )
        error.cycle = cycle
        return error

    def _raise(self, evaluation: Evaluation) -> None:
        """Raises `LoadError` where the code of a process failed."""
        result = evaluation.result
        if result is not None and not result.ok:
            if result.failure is not None:
                raise LoadError.of(result.failure, told(result.failure))
            raise NetworkError(f"its code failed: {result.error}", process=self.label(evaluation.process))

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """After an exception there is nothing of what was done in here."""
        moment = self._moment()
        try:
            yield
        except BaseException:
            self._back_to(moment)
            raise
        else:
            self.compute.touched.remove(moment.touched)

    def _moment(self) -> Moment:
        moment = moment_of(self)
        self.compute.touched.append(moment.touched)
        return moment

    def _back_to(self, moment: Moment) -> None:
        # An inner anchor that was left by an exception goes with the outer one.
        touched = self.compute.touched
        while touched and touched.pop() is not moment.touched:
            pass
        put_back(self, moment)

    def _options_of(self, limits: Limits | GivenLimits | None, isolated: int | bool | Pool | None) -> GivenOptions:
        options: GivenOptions = {}
        if limits is not None:
            options["limits"] = Limits.read(limits)
        if isinstance(isolated, int) and not isinstance(isolated, bool):
            from ..isolation import Pool

            isolated = self._own_pool = Pool(isolated)
        elif isolated is True:
            from ..isolation import Pool

            isolated = self._own_pool = Pool()
        if isolated:
            options["isolated"] = isolated
        return options


def _plain_tags(tags: Any) -> Any:
    return named_values({"tags": tags if tags is not None else []})["tags"]
