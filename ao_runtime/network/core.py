"""What a network is made of, and how messages go through it; `Network` is what people use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import EndlessChainError, InputError, RefusedError
from ..models import GivenLimits, Limits, Message, read_message, shown
from ..state import DataFiles, FileSource, GivenOptions
from .client_items import message_item, named_message, named_values
from .clock import Clock
from .compute import Compute
from .endless import cycle_of
from .evaluation import Delivery, Evaluation
from .faults import Faults
from .ids import is_id
from .item import Item, item_of_signed
from .labels import Labels
from .messenger import Messenger, Steps
from .modules import AOS, Modules, recorded
from .scheduler import Scheduler
from .sent import Sent
from .signing import Maker, SignedMaker, UnsignedMaker
from .storage import Storage
from .unit_keys import UNIT_WALLETS, UnitKeys, unit_keys
from .waves import Waves

if TYPE_CHECKING:
    from ..isolation import Pool
    from ..items import DataItem, Wallet

__all__ = ["Core"]

__tracebackhide__ = True

#: Winston of an address, and addresses that have any.
_MOST_WINSTON, _MOST_BALANCES = 10**30, 10_000


class Kept(Protocol):
    """What keeps a network in a folder (`keeping.Keeper`)."""

    def changed(self) -> None:
        """Clock, wallets or what is monitored have changed."""

    def journal(self, id: str) -> Path:
        """The journal of a process."""

    @property
    def waiting(self) -> Path:
        """Where transactions wait for their data (`waiting.Waiting`)."""

    def forget(self, id: str) -> None:
        """There was no such process."""

    def link(self) -> None:
        """Tie everything to what brought it."""

    def close(self, *, index: bool = True) -> None:
        """Close everything; `index` says whether what is in memory is to be believed."""


class Core:
    """The parts of a network: `scheduler`, `compute`, `messenger`, `storage`, a clock, and names for people.

    The options are those of `Network`.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: str = "",
        signed: bool = False,
        keys: str | UnitKeys = "ed25519",
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
        follows: str | None = None,
    ) -> None:
        for name, number in (("most", most), ("live", live)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise InputError(f"must be a number, 1 or more, found {shown(number)}", field=name)
        self.clock = clock or Clock()
        self.auto = auto
        self.most = most
        self.seed = seed
        self.modules = Modules(modules)
        #: The keys of the network's own units, where they are none of the seed's.
        self.unit_keys = unit_keys(keys, signed)
        #: The options that make a network like this one.
        self.given: dict[str, Any] = {
            "seed": seed,
            "signed": signed,
            "keys": self.unit_keys or keys,
            "limits": limits,
            "dialect": dialect,
            "files": files,
            "isolated": isolated,
            "modules": self.modules.given,
            "deduplicate": deduplicate,
            "most": most,
            "live": live,
            "follows": follows,
        }
        named = self.unit_keys.named() if self.unit_keys is not None else {}
        self.maker: Maker = SignedMaker(seed, named) if signed else UnsignedMaker(seed)
        self._own_pool: Pool | None = None
        self._options = self._options_of(limits, isolated)
        self.module = AOS if dialect is None else self.modules.of_dialect(dialect)
        self.labels = Labels()
        #: Data by id, and all messages to wallets.
        found = None if files is None else DataFiles(files)
        self.storage = Storage(None if found is None else lambda id, process: found.find(id))
        self.scheduler = Scheduler(self._unit("scheduler"), self.clock, self.maker, self.storage)
        self.scheduler.follows = follows
        self.compute = Compute(
            self.scheduler, self.clock, self.modules, self.storage, self._options, live=live, deduplicate=deduplicate
        )
        self.messenger = Messenger(self._unit("messenger"), self.scheduler, self.compute, self.maker, self.storage)
        self.messenger.born = self._born
        self.messenger.unborn = self.labels.forget
        self._waves: Waves | None = None
        if self.pool is not None:
            self.use_waves(self.pool.size)
        self.faults = faults
        # Whoever spawns without an owner is this wallet: no stranger's process takes its name.
        self.labels.add(self.maker.address("owner"), "owner")
        #: Addresses of the wallets that have a name.
        self.wallet_addresses: dict[str, str] = {}
        #: What was minted for addresses, in winston (`mint`).
        self.balances: dict[str, int] = {}
        #: Keeps it in its folder, where it has one.
        self.keeper: Kept | None = None
        self.clock.changed = self._clock_changed
        if isinstance(self.maker, SignedMaker):
            self.maker.taken = lambda id, target: id in self.scheduler or self.scheduler.find(target, id) is not None

    # ── names ──────────────────────────────────────────────────────────────────────────────────────────────────

    def label(self, address: str) -> str:
        """What people call an address: the name of a wallet or process, or a part of the address."""
        return self.labels.name(address)

    def wallet_address(self, name: str, key: Wallet | None = None) -> str:
        """The address of the wallet that is called so: one that there is, that of `key`, or one that is made."""
        known = self.wallet_addresses.get(name)
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
        self.wallet_addresses[name] = address
        if self.keeper is not None:
            self.keeper.changed()
        return address

    def take_wallets(self, addresses: Mapping[str, str]) -> None:
        """Know wallets by their names and addresses, and no others."""
        for name in addresses:
            self.maker.address(name)
        self.wallet_addresses = dict(addresses)

    def find(self, who: Any) -> str:
        """The address of a process, wallet or stand-in, or of its name; anything else as it is."""
        address = getattr(who, "address", who)
        if not isinstance(address, str):
            raise InputError(f"must be a process, a wallet, an id or a name, found {shown(who)}", field="to")
        return address if is_id(address) else self.labels.address(address) or address

    def found(self, which: Any) -> str:
        """The id of a process, by its id or its name. Raises `RefusedError` where there is none."""
        id = self.find(which)
        if id not in self.scheduler:
            words = self.label(id) if is_id(id) else shown(id)
            raise RefusedError(f"there is no process {words}", advice=self._advice(id))
        return id

    def sender(self, who: Any) -> str:
        """The address of who sends: a name that nobody has is that of a new wallet."""
        address = self.find(who)
        return address if is_id(address) else self.wallet_address(address)

    # ── messages ───────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, sender: Any, to: Any, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Sent:
        """Send a message from a wallet to a process: `NetworkWallet.send` says how."""
        target = self.found(to)
        parts = message_item(target, message, fields)
        evaluation = self.messenger.send(self.maker.item(self.sender(sender), *parts))
        self.settle(evaluation)
        return Sent(evaluation, self.label)

    def handle(self, to: Any, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Sent:
        """Send a message from whoever its `From` or `Owner` names, else from the process's owner."""
        wire = read_message(named_message(message), named_values(fields))
        sender = wire.get("Owner") or wire.get("From") or self.compute.process(self.found(to)).owner
        return self.send(sender, to, {"Tags": wire["Tags"], "Data": wire.get("Data"), "Anchor": wire.get("Anchor")})

    def receive(self, item: DataItem, push: bool = True) -> Evaluation:
        """Bring a message or a process that somebody outside has signed; what it sends is on its way then.

        It is evaluated, and with a folder on the disk, when this returns; nothing is delivered yet, whatever `auto`
        says, and nothing ever is without `push`. Whether it is signed by its owner is the caller's to ask
        (`DataItem.check`).

        Raises `RefusedError` for what a messenger or scheduler refuses, and for a module that nobody knows: nothing of
        it is left then.
        """
        return self.messenger.complete(self.receiving(item, push))

    def receiving(self, item: DataItem, push: bool = True) -> Steps[Evaluation]:
        """`receive`, in steps."""
        one = item_of_signed(item)
        new = one.is_process and one.id not in self.scheduler
        if new:
            name = one.tag(b"Name")
            if name:
                self.labels.add(one.id, name.decode("utf-8", "replace"))
        try:
            return (yield from self.messenger.sending(one, push))
        except BaseException:
            if new:
                self.compute.forget(one.id)
                self.labels.forget(one.id)
            raise

    def keep(self, item: DataItem) -> Item:
        """Keep a signed item's data, for whoever asks for it by its id: `Network.store`, brought from outside."""
        one = item_of_signed(item)
        if self.storage.item(one.id) is None:
            self.storage.put(one)
        return one

    def assign(self, message: Any, to: Any) -> Sent:
        """Have a known message evaluated by another process: by its id, or a `Sent`."""
        id = message.id if isinstance(message, (Sent, Item)) else str(getattr(message, "id", message))
        evaluation = self.messenger.assign(self.found(to), id)
        self.settle(evaluation)
        return Sent(evaluation, self.label)

    def mail(self, address: Any = None) -> list[Message]:
        """The messages that were sent to a wallet, or to anybody who is no process."""
        wanted = None if address is None else self.find(address)
        return [item.message() for item in self.storage.mail if wanted in (None, item.target)]

    # ── deliveries ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def faults(self) -> Faults | None:
        """What goes wrong on purpose."""
        return self.messenger.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        if faults is not None:
            faults.label = self.label
        self.messenger.faults = faults

    def step(self) -> Delivery | None:
        """Deliver what comes next, and give it; None where nothing is on its way."""
        messenger = self.messenger
        pending, faults = messenger.pending, messenger.faults
        if not pending:
            return None
        if faults is None:
            delivery = pending.popleft()
            messenger.deliver(delivery)
            return delivery
        delivery = faults.taken(pending)
        messenger.deliver(delivery)
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
            if self._waves is not None and until is None and self.messenger.faults is None:
                done = self._waves.deliver(pending, self.most - count)
                count += done
                if done:
                    continue
            self.step()
            count += 1
        return count

    def settle(self, evaluation: Evaluation | None) -> None:
        """Deliver what there is to deliver, if that is done by itself."""
        if self.auto:
            try:
                self.run()
            except EndlessChainError as error:
                if evaluation is not None and evaluation.item is not None:
                    error.message = f"message {evaluation.item.action or evaluation.item.id}"
                raise

    def tick(self) -> None:
        """Evaluate the cron ticks of all monitored processes that are due by now, and deliver what they send.

        It is done by itself when the clock is told to go on, unless `auto` is off. Processes that nobody monitors
        evaluate their ticks before their next message, and nothing of them is sent.
        """
        for id in [*self.messenger.monitored]:
            self.messenger.poll(id)
        if self.auto:
            self.settle(None)

    def monitor(self, process: str, wanted: bool) -> None:
        """Whether what the ticks of a process send is delivered from now on."""
        if wanted:
            self.messenger.monitor(process)
        else:
            self.messenger.monitored.pop(process, None)
        if self.keeper is not None:
            self.keeper.changed()

    def terminate(self, process: str) -> None:
        """End a process, for good: it takes no more messages and ticks; what it has answered can still be asked for.

        Raises `RefusedError` where there is no such process.
        """
        self.scheduler.schedule(process)
        monitored, terminated = dict(self.messenger.monitored), {*self.scheduler.terminated}
        self.scheduler.terminated.add(process)
        self.messenger.monitored.pop(process, None)
        try:
            if self.keeper is not None:
                self.keeper.changed()
        except BaseException:
            self.messenger.monitored, self.scheduler.terminated = monitored, terminated
            raise

    def mint(self, address: str, amount: int) -> int:
        """Give an address so many winston that nobody had; what it has then. Nothing here costs any.

        Raises `InputError` for what is no address or amount, and for more than a network keeps: 10^30 winston of an
        address, and 10 000 addresses.
        """
        if not is_id(address):
            raise InputError(f"must be an address of 43 characters, found {shown(address)}", field="address")
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
            raise InputError(f"must be a number of winston, found {shown(amount)}", field="amount")
        before = dict(self.balances)
        balance = before.get(address, 0) + amount
        if balance > _MOST_WINSTON or (address not in before and len(before) >= _MOST_BALANCES):
            raise InputError(f"is more than {_MOST_WINSTON} winston, or {_MOST_BALANCES} addresses", field="amount")
        self.balances[address] = balance
        try:
            if self.keeper is not None:
                self.keeper.changed()
        except BaseException:
            self.balances = before
            raise
        return balance

    # ── options ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def pool(self) -> Pool | None:
        """The children that evaluate."""
        found = self._options.get("isolated")
        return None if isinstance(found, bool) else found

    @property
    def described(self) -> dict[str, Any]:
        """The options that can be written down, as JSON."""
        hidden = ("files", "isolated", "limits", "modules")
        told = {name: value for name, value in self.given.items() if name not in hidden}
        told["modules"] = recorded(self.modules.given)
        told["keys"] = "ed25519" if self.unit_keys is None else self.unit_keys.kind
        limits = self._options.get("limits")
        if isinstance(limits, Limits):
            told["limits"] = {name: getattr(limits, name) for name in ("instructions", "memory", "seconds")}
        return told | {"auto": self.auto, "faults": None if self.faults is None else self.faults.to_dict()}

    def use_waves(self, workers: int) -> None:
        """From now on deliver what can be delivered together, with so many processes at a time."""
        self._waves = Waves(self.messenger, self.compute, workers)

    def close(self, *, index: bool = True) -> None:
        """Let go of all processes, and of the children, if they are this network's own.

        In a folder an index of it is left for the next one who opens it, unless `index` is False: then that one reads
        the journals.
        """
        # First whatever is still evaluated.
        if self._waves is not None:
            self._waves.close()
        if self.keeper is not None:
            keeper, self.keeper = self.keeper, None
            keeper.close(index=index)
        for id in self.scheduler.processes:
            self.compute.forget(id)
        if self._own_pool is not None:
            self._own_pool.close()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _unit(self, name: str) -> str:
        """The address of one of the network's own units."""
        address = self.maker.address(UNIT_WALLETS[name])
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

    def _advice(self, address: str) -> str | None:
        """What to do where there is no such process."""
        near = None if is_id(address) else self.labels.near(address)
        if near is not None:
            return f"did you mean {near}?"
        return "it is the address of a wallet" if self.labels.name(address) in self.wallet_addresses else None

    def _clock_changed(self) -> None:
        if self.keeper is not None:
            self.keeper.changed()
        self.tick()

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
