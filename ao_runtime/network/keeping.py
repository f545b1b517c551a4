"""A network in a folder: opened, kept while it goes on, and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError, JournalError
from ..models import Limits
from ..process import Process, of_journal, opened
from ..state import GivenOptions, Options
from ..store import Log, Store, read_log, sync
from .clock import Clock, RealClock, read_mines
from .compute import Unit
from .core import Core
from .faults import Faults
from .folder import Folder
from .gate import Gate
from .ids import is_id
from .index import Index
from .item import Item
from .ledger import BookKeeper, Closed, Reader, read_item, told_item
from .limiting import own_limits
from .modules import recorded
from .rebuilding import rebuilt
from .snapshot import read_pending, told_pending
from .unit_keys import KEY_KINDS, UnitKeys

__all__ = ["MOST_OPEN", "WORKERS", "Keeper", "options_of"]

__tracebackhide__ = True

#: So many journals are open at a time: each has three files.
MOST_OPEN = 200
#: Processes that are evaluated and written at a time.
WORKERS = 4


def options_of(folder: Folder, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a network in a folder: as it was made, and with what is given.

    Raises `InputError` for a seed, a kind of items or keys that are others than it was made with.
    """
    if folder.is_new:
        return options
    told = folder.read()
    try:
        made = dict(told["given"])
        made["modules"] = recorded(made.get("modules", {}))
        if made.get("faults") is not None:
            made["faults"] = Faults.read(made["faults"])
        kind, *values = told["clock"]
        start, now, height, mined = map(int, values)
        wallets = {str(name): str(address) for name, address in told["wallets"].items()}
        mines = read_mines(told.get("mines", []), mined)
        balances = told.get("balances", {})
        if not all(map(is_id, [*wallets.values(), *told.get("monitored", []), *told.get("terminated", []), *balances])):
            raise ValueError("a wallet or a process without an address")
        if not all(isinstance(text, str) and text.isdecimal() and len(text) < 40 for text in balances.values()):
            raise ValueError("a balance that is none")
    except (AttributeError, KeyError, TypeError, ValueError):
        raise JournalError("is damaged", file=str(folder.path / "network.json")) from None
    for name in ("seed", "signed", "follows"):
        if name in options and options[name] != made.get(name):
            raise InputError(f"{folder.path} was made with another one", field=name, advice="leave it out")
    made.pop("live", None)
    merged = {**made, **options, "keys": _keys(folder, made, options)}
    if "clock" not in options:
        merged["clock"] = RealClock() if kind == "RealClock" else Clock()
        merged["clock"].put((start, now, height, mined))
        merged["clock"].mines = mines
    return merged


def _keys(folder: Folder, made: dict[str, Any], options: dict[str, Any]) -> str | UnitKeys:
    """The keys with which a network was made. Raises `InputError` where others are given."""
    # A folder that says nothing was made before there were any others.
    kind = made.get("keys", KEY_KINDS[0])
    keys: str | UnitKeys = folder.keys() if kind == UnitKeys.kind else kind
    given = options.get("keys", kind)
    if given != kind and given != keys:
        words = f"was made with {kind} keys" if made.get("signed") else "holds a network that signs nothing"
        raise InputError(
            f"{folder.path} {words}", field="keys", advice="leave it out: a network has its keys from its beginning"
        )
    return keys


class Keeper:
    """Keeps a network in its folder: `network.keeper`."""

    def __init__(self, network: Core, folder: Folder) -> None:
        self._network = network
        self._folder = folder
        self._index = Index(folder.index)
        self._ticks: dict[str, set[int]] = {}
        self._opening = True
        self._gate = Gate(folder.path / "network-gate") if folder.write else None
        self._log: Log | None = None
        try:
            if folder.write:
                self._log = self._begun_log()
            self._open()
        except BaseException:
            self._let_go()
            raise
        self._opening = False

    @property
    def folder(self) -> Folder:
        """Where it is."""
        return self._folder

    @property
    def waiting(self) -> Path:
        """Where transactions wait for their data."""
        return self._folder.path / "waiting"

    def journal(self, id: str) -> Path:
        """The journal of a process."""
        return self._folder.journal(id)

    def changed(self) -> None:
        """Clock, wallets, balances or what is monitored have changed: they are written down."""
        if self._opening or not self._folder.write:
            return
        network = self._network
        clock = [type(network.clock).__name__, *network.clock.read()]
        monitored = [*network.messenger.monitored]
        wallets = network.wallet_addresses
        told = {"given": network.described, "clock": clock, "wallets": wallets, "monitored": monitored}
        if network.clock.mines:
            told["mines"] = network.clock.mines
        if network.balances:
            # As text: no reader of JSON is to round them.
            told["balances"] = {address: str(winston) for address, winston in network.balances.items()}
        if network.scheduler.terminated:
            told["terminated"] = sorted(network.scheduler.terminated)
        self._folder.keep(told)

    def stored(self, item: Item) -> None:
        """An item was stored."""
        if not self._opening:
            self._folder.store(item)

    def forget(self, id: str) -> None:
        """There was no such process."""
        self._folder.forget(id)

    def link(self) -> None:
        """Tie everything to what brought it, for those who look at it."""
        network = self._network
        mail, waits = [*network.storage.mail], {one.key for one in network.messenger.pending}
        for one in rebuilt(network, self._ticks):
            if one.key not in waits:
                one.problem = "was refused"
        network.storage.mail[:] = mail

    def close(self, *, index: bool = True) -> None:
        """Close everything; what is on its way is in the index, too, where there is to be one."""
        network = self._network
        try:
            if self._folder.write:
                for unit in network.compute.units():
                    if unit.made is not None:
                        unit.made.close()
                self.changed()
                ledger = network.compute.ledger
                if isinstance(ledger, BookKeeper) and ledger.failed:
                    return
                if self._log is not None:
                    self._log.close()
                if not index:
                    return
                self._index.write(
                    {
                        "processes": [[id, network.labels.name(id)] for id in network.scheduler.processes],
                        "count": network.maker.count,
                        "pending": told_pending([*network.messenger.pending]),
                        "mail": [told_item(one) for one in network.storage.mail],
                        "monitored": network.messenger.monitored,
                    }
                )
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._log is not None:
            self._log.close(whole=False)
        if self._gate is not None:
            self._gate.close()
        self._folder.close()

    # ── opening ────────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self) -> None:
        network, folder = self._network, self._folder
        network.scheduler.read = self._read
        network.compute.begin = self._begin
        network.compute.ledger = Closed()
        if self._gate is not None and self._log is not None:
            network.compute.ledger = BookKeeper(
                network.maker,
                network.labels,
                network.scheduler,
                lambda process: process in network.messenger.monitored,
                self._gate,
                self._log,
            )
        network.storage.kept = self.stored
        if folder.is_new:
            self._opening = False
            # Before it is a network: one that has lost its keys could not go on.
            if network.unit_keys is not None:
                folder.keep_keys(network.unit_keys)
            self.changed()
            return
        told = folder.read()
        network.take_wallets(told["wallets"])
        network.scheduler.terminated = {*told.get("terminated", [])}
        network.balances = {address: int(winston) for address, winston in told.get("balances", {}).items()}
        for name, address in network.wallet_addresses.items():
            network.labels.add(address, name)
        for item in folder.stored():
            network.storage.put(item)
        index = self._index.read()
        if index is None or not self._take(index):
            self._rebuild(told.get("monitored", []))
        if folder.write:
            self._index.forget()

    def _take(self, index: dict[str, Any]) -> bool:
        """Take what the index says, if it goes with the folder."""
        network = self._network
        try:
            known = {str(id): str(name) for id, name in index["processes"]}
            if sorted(known) != self._folder.journals():
                return False
            network.scheduler.unread = dict.fromkeys(known)
            network.scheduler.listed = dict.fromkeys(known)
            for id, name in known.items():
                network.labels.add(id, name)
            for told in index["mail"]:
                network.storage.send(read_item(told))
            network.maker.count = int(index["count"])
            network.messenger.monitored = {str(id): int(seen) for id, seen in index["monitored"].items()}
            network.messenger.pending.extend(read_pending(network, index["pending"]))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return False
        return True

    def _rebuild(self, monitored: list[str]) -> None:
        """Find out from the journals all that the index would have said."""
        network, scheduler = self._network, self._network.scheduler
        network.storage.mail.clear()
        network.messenger.pending.clear()
        scheduler.listed.clear()
        scheduler.unread = dict.fromkeys(self._folder.journals())
        scheduler.read_all()
        scheduler.sort()
        network.messenger.pending.extend(rebuilt(network, self._ticks))
        for id in monitored:
            # What its ticks sent so far is among what is on its way.
            if id in scheduler:
                network.messenger.monitor(id)

    def _read(self, id: str) -> None:
        """Read a process: its order, and what it has answered."""
        network, scheduler = self._network, self._network.scheduler
        file = self._folder.journal(id)
        del scheduler.unread[id]
        reader = Reader(id, str(file), network.clock.now if scheduler.follows is None else None)
        found: list[Unit] = []

        def unit(item: Item) -> Unit:
            if not found:
                found.append(Unit(lambda: self._process(id), item))
                found[0].reopens = True
                network.compute.put(id, found[0])
            return found[0]

        with Store.open(file, write=False, create=False) as store:
            if store.genesis is None or not store.count:
                # A kill came between the journal and the process's own message: there is no such process.
                if self._folder.write:
                    self._folder.forget(id)
                return
            for entry in store.entries():
                reader.put(entry, unit, scheduler)
        network.maker.count = max(network.maker.count, reader.count)
        self._ticks[id] = reader.delivered
        if reader.name is not None:
            network.labels.add(id, reader.name)

    def _process(self, id: str) -> Process:
        """A process whose journal there is."""
        network = self._network
        item = network.scheduler.schedule(id).item
        options: GivenOptions = {"files": network.storage.source(id)}
        if network.pool is not None:
            options["isolated"] = network.pool
        limits = network.given.get("limits")
        if limits is not None:
            options["limits"] = Limits.read(limits)
        named = (item.tag(b"Module") or b"").decode("utf-8", "replace")
        own = own_limits(item, options.get("limits"), network.modules.find(named))
        if own is not None:
            options["limits"] = own
        if self._folder.write:
            return self._opened(self._folder.journal(id), None, options)
        with Store.open(self._folder.journal(id), write=False, create=False) as store:
            return Process._of(of_journal(store, store.count, Options.of(**options)))

    def _begin(self, id: str, environment: dict[str, Any], options: GivenOptions) -> Process:
        """A process that is new."""
        if not self._folder.write:
            raise InputError("is open for reading only", field="folder")
        file = self._folder.journal(id)
        if file.exists():
            self._folder.forget(id)
        try:
            return self._opened(file, environment, options)
        except JournalError:
            self._folder.forget(id)
            raise

    def _opened(self, file: Path, environment: dict[str, Any] | None, options: GivenOptions) -> Process:
        return Process._of(opened(file, environment, Options.of(**options), self._log))

    def _begun_log(self) -> Log:
        """A log that is empty. What the last one holds is brought into the journals: a power failure may have taken it.

        There is none where the network was closed in order.
        """
        folder = self._folder
        for name, logged in read_log(folder.log).items():
            file = folder.journal(name.removesuffix(".ao"))
            # One that is gone was no process after all.
            if file.exists():
                with Store.open(file, create=False, logged=logged):
                    pass
                sync(file)
        return Log(folder.log, folder.path / "processes")
