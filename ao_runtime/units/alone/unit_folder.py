"""The folder of a unit that is alone, where its key and its database are.

::

    scheduler-key.json   the unit's key, a wallet: made at first, for its owner alone
    scheduler.db         what it took
    scheduler-lock       held by the one who writes

The same with `messenger`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ...errors import InputError, JournalError
from ...items import Wallet
from ...models import shown
from ...network import ALONE, KEY_KINDS
from ...store import Lock
from ..worker import LOG
from .database import Database, Schema

__all__ = ["UnitFolder", "check_folder"]


class UnitFolder:
    """The files of a `scheduler` or `messenger`; without a path all of it is in memory, with a new key.

    `keys` is the kind of the key, "ed25519" or "rsa"; None is Ed25519, or whatever is there. Its wallet signs the same
    again (`Wallet.deterministic`).

    Raises what `check_folder` raises, and `InputError` where the key is one of another kind; `JournalError` where
    another program has it, or it cannot be used.
    """

    def __init__(
        self, path: Path | None, unit: str, schema: Schema, *, reset: bool = False, keys: str | None = None
    ) -> None:
        self._lock: Lock | None = None
        if keys not in (None, *KEY_KINDS):
            raise InputError(f"must be {' or '.join(KEY_KINDS)}, found {shown(keys)}", field="keys")
        if path is None:
            self.wallet = _made(keys).deterministic()
            self.database = Database(None, schema)
            return
        check_folder(path, unit, reset=reset)
        path = path.absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"cannot be made: {error.strerror or error}", file=str(path)) from None
        self._lock = Lock(path / unit)
        try:
            if reset:
                _clear(path, unit)
            self.wallet = _wallet(path, unit, keys).deterministic()
            if keys not in (None, self.wallet.kind):
                words = f"holds a {unit} with a key of {self.wallet.kind}"
                raise InputError(f"{path} {words}", field="keys", advice="leave it out: a unit keeps its key")
            self.database = Database(path / f"{unit}.db", schema)
        except BaseException:
            self._lock.release(whole=True)
            raise

    def close(self) -> None:
        """Let others have it."""
        self.database.close()
        if self._lock is not None:
            self._lock.release(whole=True)


def check_folder(path: Path, unit: str, *, reset: bool) -> None:
    """Raises `InputError` for what is no folder, or another one's; for `reset`, for one without such a unit."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is no folder", field="folder")
    if (path / "network.json").exists():
        advice = f"ao-run serve FOLDER serves it; a {unit} alone needs a folder of its own"
        raise InputError(f"{path} holds a whole network", field="folder", advice=advice)
    for other, option in ALONE.items():
        if other != unit and _key(path, other).exists():
            raise InputError(f"{path} holds a {other}", field="folder", advice=f"--unit {option}, or another folder")
    if reset and path.exists() and any(path.iterdir()) and not _key(path, unit).exists():
        raise InputError(f"holds no {unit}: nothing is deleted", field=str(path))


def _key(path: Path, unit: str) -> Path:
    return path / f"{unit}-key.json"


def _made(keys: str | None) -> Wallet:
    """A new key of that kind."""
    if keys == "rsa":
        LOG.info("making an RSA key: this takes a moment, and is done once")
    return Wallet.generate(keys or KEY_KINDS[0])


def _wallet(path: Path, unit: str, keys: str | None) -> Wallet:
    """The unit's key; made where nothing is there yet."""
    key = _key(path, unit)
    new = path / f"{key.name}-new"
    try:
        if not key.exists():
            if (path / f"{unit}.db").exists():
                raise InputError("is gone, and what is beside it is signed with it", file=str(key))
            new.unlink(missing_ok=True)
            _made(keys).save(new)
            os.replace(new, key)
        return Wallet.load(key)
    except OSError as error:
        raise JournalError(f"cannot be made: {error.strerror or error}", file=str(key)) from None
    except InputError as error:
        raise JournalError(error.problem, advice="take it from a copy, or begin anew: --reset", file=str(key)) from None


def _clear(path: Path, unit: str) -> None:
    """Delete what the unit has there, and nothing else; the key is last, as by it the folder is known."""
    key = _key(path, unit).name
    for name in (*(f"{unit}.db{end}" for end in ("", "-wal", "-shm", "-journal")), f"{key}-new", key):
        with suppress(FileNotFoundError):
            (path / name).unlink()
