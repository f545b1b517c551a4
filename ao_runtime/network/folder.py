"""A network's folder: what lies where, and how it is written so that a kill at any moment loses nothing.

::

    network.json      how the network was made, its clock, wallets' names and balances: written anew, all of it at once
    network.db        an index of what the journals hold, for opening soon; it can be deleted
    network.log       what the journals' last messages are, until these are on the disk; gone when it is closed
    network-lock      held by the one who writes
    keys/UNIT.json    wallets of the network's own units, where they are of RSA: made when it is new, its owner's alone
    processes/ID.ao   a journal for each process: its messages, their places in its order, and results
    stored/ID.json    what was stored, one item each
    waiting/          transactions whose data is still coming, and the chunks of it (`waiting.Waiting`)

A result and what it sends are one row of the sender's journal. What was delivered is a row of the receiver's, with the
name of the delivery (`Delivery.key`), which no other row there has. So what is still to be delivered is what stands in
results and nowhere else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import InputError, JournalError
from ..models import from_json, to_json
from ..store import Lock
from .ids import is_id
from .item import Item
from .ledger import read_item, told_item
from .unit_keys import UNIT_WALLETS, UnitKeys

__all__ = ["ALONE", "FORMAT", "Folder", "put_file"]

__tracebackhide__ = True

FORMAT = 1
#: Units that have a folder of their own, where they are alone: what their files are called, and their options.
ALONE = {"scheduler": "su", "messenger": "mu"}
_ADVICE = "ao-run net init makes a network in a folder; Network.open does, too"


class Folder:
    """The files of a network in a folder.

    Raises `JournalError` where somebody else writes there, where the folder cannot be read, or is of a later version;
    `InputError` for a path that is no folder.
    """

    def __init__(self, path: str | os.PathLike[str], *, write: bool, create: bool | None = None) -> None:
        self.path = Path(path).absolute()
        self.write = write
        self._lock: Lock | None = None
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{path} is no folder", field="folder")
        for unit, option in ALONE.items():
            if self.is_new and (self.path / f"{unit}-key.json").exists():
                advice = f"ao-run serve FOLDER --unit {option} serves it; a network needs a folder of its own"
                raise InputError(f"{path} holds a {unit} alone", field="folder", advice=advice)
        if self.is_new and (create is False or not write):
            raise InputError(f"{path} holds no network", field="folder", advice=_ADVICE)
        if create and not self.is_new:
            raise InputError(f"{path} holds a network already", field="folder", advice="give a new folder")
        if write:
            self._make()
            self._lock = Lock(self.path / "network")

    @property
    def is_new(self) -> bool:
        """Whether nothing is in it."""
        return not self._told.exists()

    @property
    def index(self) -> Path:
        """The index."""
        return self.path / "network.db"

    @property
    def log(self) -> Path:
        """What brings the journals to the disk together."""
        return self.path / "network.log"

    @property
    def _told(self) -> Path:
        return self.path / "network.json"

    def journal(self, process: str) -> Path:
        """The journal of a process."""
        if not is_id(process):
            raise InputError(f"is no process's id: {process!r}", field="process")
        return self.path / "processes" / f"{process}.ao"

    def journals(self) -> list[str]:
        """The ids of the processes that have a journal."""
        with self._reading("processes"):
            names = [entry.name for entry in os.scandir(self.path / "processes") if entry.stat().st_size]
        return sorted(name[:-3] for name in names if name.endswith(".ao") and is_id(name[:-3]))

    def read(self) -> dict[str, Any]:
        """How the network was made, its clock and its wallets."""
        with self._reading("network.json"):
            told = json.loads(self._told.read_text(encoding="utf-8"))
        if not isinstance(told, dict) or not isinstance(told.get("format"), int):
            raise JournalError("is damaged", file=str(self._told))
        if told["format"] > FORMAT:
            raise JournalError(
                f"is a network of version {told['format']}, and this ao-runtime knows {FORMAT}",
                advice="use the newer ao-runtime that wrote it",
                file=str(self.path),
            )
        return told

    def keep(self, told: dict[str, Any]) -> None:
        """Write that down anew."""
        # For its owner alone: the keys of the network's units are made from the seed.
        put_file(self._told, json.dumps({"format": FORMAT, **told}, indent=1).encode() + b"\n", 0o600)

    def keep_keys(self, keys: UnitKeys) -> None:
        """Write down the keys of the network's units."""
        self._make_folder(self.path / "keys", 0o700)
        for unit, jwk in keys.to_jwks().items():
            put_file(self._key(unit), json.dumps(jwk).encode() + b"\n", 0o600)

    def keys(self) -> UnitKeys:
        """The keys of the network's units; `WalletWarning` where others may read them."""
        from ..items import Wallet

        try:
            return UnitKeys({unit: Wallet.load(self._key(unit)) for unit in UNIT_WALLETS})
        except InputError as error:
            advice = "nobody signs for the network's units without their keys: take them from a copy"
            raise JournalError(error.problem, file=str(error.file or self.path / "keys"), advice=advice) from None

    def store(self, item: Item) -> None:
        """Write down an item that was stored."""
        put_file(self.path / "stored" / f"{item.id}.json", to_json(told_item(item)).encode())

    def stored(self) -> Iterator[Item]:
        """The items that were stored."""
        names = sorted(entry.name for entry in os.scandir(self.path / "stored") if entry.name.endswith(".json"))
        for name in names:
            with self._reading(f"stored/{name}"):
                item = read_item(from_json((self.path / "stored" / name).read_bytes()))
            if f"{item.id}.json" != name:
                raise JournalError("is damaged", file=str(self.path / "stored" / name))
            yield item

    def forget(self, process: str) -> None:
        """There was no such process: its journal is deleted."""
        journal = self.journal(process)
        for end in ("", "-wal", "-shm", "-lock"):
            with suppress(OSError):
                journal.with_name(journal.name + end).unlink()

    def close(self) -> None:
        """Let others write."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release(whole=True)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _make(self) -> None:
        for folder in (self.path, self.path / "processes", self.path / "stored"):
            self._make_folder(folder)

    def _make_folder(self, folder: Path, mode: int = 0o777) -> None:
        try:
            folder.mkdir(mode, parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"cannot be made: {error.strerror or error}", file=str(self.path)) from None

    def _key(self, unit: str) -> Path:
        return self.path / "keys" / f"{unit}.json"

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JournalError(f"cannot be read: {error.strerror or error}", file=str(self.path / name)) from None
        except (InputError, ValueError, TypeError, KeyError):
            raise JournalError("is damaged", file=str(self.path / name)) from None


def put_file(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file so that it is there whole, or as it was, whatever happens. Raises `JournalError`."""
    new = path.with_name(path.name + "-new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(new, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise JournalError(f"could not be written: {error.strerror or error}", file=str(path)) from None
