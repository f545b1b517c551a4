"""A process as it was at a moment of its journal, in memory: the journal is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError, JournalError

if TYPE_CHECKING:
    from ..process import Process, Start
    from ..state import Options, Progress
    from ..store import Store

__all__ = ["last_of", "moment", "open_to_read"]


def open_to_read(file: str) -> Store:
    """A journal that a process is in, for reading. Raises `JournalError` for any other file."""
    from ..store import Store

    store = Store.open(file, write=False, create=False)
    if store.genesis is None:
        store.close()
        raise JournalError("has not begun: no process is in it", file=file)
    return store


def last_of(store: Store, nonce: int, option: str) -> int:
    """`nonce`, if there is such a message. Raises `InputError` otherwise."""
    if not 0 <= nonce < store.count:
        known = f"there are 0 to {store.count - 1}" if store.count else "there is none yet"
        raise InputError(f"there is no message {nonce}", advice=known, field=option)
    return nonce


def moment(
    file: str,
    options: Options,
    nonce: int | None = None,
    *,
    name: str = "nonce",
    progress: Progress | None = None,
    start: Start | None = None,
) -> Process:
    """The process of a journal after message `nonce` (`name` is what the command calls it), or as it is now.

    Raises `JournalError` for a journal that does not lead there, `InputError` where there is no such message, or where
    the process was started with something else than `start` and the options say.
    """
    from ..process import Process, of_journal

    with open_to_read(file) as store:
        stop = store.count if nonce is None else last_of(store, nonce, name) + 1
        return Process._of(of_journal(store, stop, options, start, progress))
