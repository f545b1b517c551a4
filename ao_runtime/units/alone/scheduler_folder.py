"""The folder of a scheduler that is alone, where its key and its places are.

::

    scheduler-key.json   the unit's key, a wallet: made at first, for its owner alone
    scheduler.db         what it took, the places that it gave, and what is still to be uploaded
    scheduler-lock       held by the one who writes
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ...errors import InputError, JournalError
from ...items import Wallet
from ...store import Lock
from .database import Database

__all__ = ["SchedulerFolder", "check_folder"]

_KEY, _DATABASE = "scheduler-key.json", "scheduler.db"


class SchedulerFolder:
    """Its files; without a path all of it is in memory, with a new key.

    Raises what `check_folder` raises; `JournalError` where another program has it, or it cannot be used.
    """

    def __init__(self, path: Path | None, *, reset: bool = False) -> None:
        self._lock: Lock | None = None
        if path is None:
            self.wallet = Wallet.generate("ed25519")
            self.database = Database(None)
            return
        check_folder(path, reset=reset)
        path = path.absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"cannot be made: {error.strerror or error}", file=str(path)) from None
        self._lock = Lock(path / "scheduler")
        try:
            if reset:
                _clear(path)
            self.wallet = _wallet(path)
            self.database = Database(path / _DATABASE)
        except BaseException:
            self._lock.release(whole=True)
            raise

    def close(self) -> None:
        """Let others have it."""
        self.database.close()
        if self._lock is not None:
            self._lock.release(whole=True)


def check_folder(path: Path, *, reset: bool) -> None:
    """Raises `InputError` for what is no folder, or holds a whole network; for `reset`, for one without a scheduler."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is no folder", field="folder")
    if (path / "network.json").exists():
        advice = "ao-run serve FOLDER serves it; a scheduler alone needs a folder of its own"
        raise InputError(f"{path} holds a whole network", field="folder", advice=advice)
    if reset and path.exists() and any(path.iterdir()) and not (path / _KEY).exists():
        raise InputError("holds no scheduler: nothing is deleted", field=str(path))


def _wallet(path: Path) -> Wallet:
    """The unit's key; made where nothing is there yet."""
    key, new = path / _KEY, path / f"{_KEY}-new"
    try:
        if not key.exists():
            if (path / _DATABASE).exists():
                raise InputError("is gone, and the places beside it are signed with it", file=str(key))
            new.unlink(missing_ok=True)
            Wallet.generate("ed25519").save(new)
            os.replace(new, key)
        return Wallet.load(key)
    except OSError as error:
        raise JournalError(f"cannot be made: {error.strerror or error}", file=str(key)) from None
    except InputError as error:
        raise JournalError(error.problem, advice="take it from a copy, or begin anew: --reset", file=str(key)) from None


def _clear(path: Path) -> None:
    """Delete what a scheduler has there, and nothing else; the key is last, as by it the folder is known."""
    for name in (*(_DATABASE + end for end in ("", "-wal", "-shm", "-journal")), f"{_KEY}-new", _KEY):
        with suppress(FileNotFoundError):
            (path / name).unlink()
