"""A process as it was at a moment of its journal, in memory: the journal is only read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError, JournalError

if TYPE_CHECKING:
    from ..journal import Progress
    from ..process import Process
    from ..sources import FileSource
    from ..spawning import Start
    from ..store import Store

__all__ = ["last_of", "moment", "open_to_read"]


def open_to_read(file: str) -> Store:
    """A journal that a process is in, for reading. Raises `JournalError` for any other file."""
    from ..store import Store

    store = Store.open(file, write=False, create=False)
    if store.birth is None:
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
    nonce: int | None = None,
    *,
    option: str = "nonce",
    progress: Progress | None = None,
    limits: Mapping[str, Any] | None = None,
    module: str | None = None,
    files: FileSource | None = None,
    start: Start | None = None,
    dialect: str | None = None,
) -> Process:
    """The process of a journal after message `nonce`, or as it is now.

    Raises `JournalError` for a journal that does not lead there, `InputError` where there is no such message, or where
    the process was started with something else than `start` and `dialect` say.
    """
    from ..birth import Birth, UnreadableError
    from ..disk import state_of
    from ..durable import check_known
    from ..process import Process

    with open_to_read(file) as store:
        stop = store.count if nonce is None else last_of(store, nonce, option) + 1
        try:
            modules = start.modules if start is not None else None
            again = Birth.again(store.birth or {}, limits=limits, module=module, modules=modules, files=files)
        except UnreadableError as error:
            raise JournalError(str(error), file=file) from None
        birth, outside = again
        check_known(store, ("dialect", dialect, birth.dialect))
        first = None if start is None else next((entry for entry in store.entries() if not entry.failed), None)
        if start is not None and first is not None:
            start.check(birth.environment, first, str(store.path))
        return Process._of(state_of(store, stop, birth, outside, progress))
