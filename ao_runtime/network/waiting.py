"""`Waiting`: a folder of transactions whose data is still coming, and of the chunks that have come.

::

    ID.json            a transaction, without its data
    ROOT.SIZE.START    the bytes of a chunk: of which root and size of data, and where in it they begin

Each is on the disk before it is acknowledged. How much may be there is the caller's to say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError, JournalError
from ..models import from_json, to_json
from .folder import put_file
from .ids import from_id, to_id
from .item import Item
from .ledger import read_item, told_item

__all__ = ["Key", "Piece", "Waiting"]

__tracebackhide__ = True

_HEADER = re.compile(r"[A-Za-z0-9_-]{43}\.json\Z")
_CHUNK = re.compile(r"([A-Za-z0-9_-]{43})\.([1-9][0-9]{0,11})\.(0|[1-9][0-9]{0,11})\Z")

#: Root and size of a transaction's data.
Key = tuple[bytes, int]
#: Of which data a chunk is, where it begins there, and how many bytes it has.
Piece = tuple[Key, int, int]


class Waiting:
    """The files of a folder, which is made when the first one is written.

    Methods raise `JournalError` where the disk does not do what it is told to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> list[Item | Piece]:
        """What is there, in the order in which it came: transactions, and chunks.

        What a kill has left half-written is deleted. Raises `JournalError` for a transaction that is damaged.
        """
        if not self._path.is_dir():
            return []
        found: list[tuple[int, str, Item | Piece]] = []
        try:
            with os.scandir(self._path) as entries:
                for entry in entries:
                    told = _CHUNK.match(entry.name)
                    one: Item | Piece
                    if told is not None:
                        one = (from_id(told[1]), int(told[2])), int(told[3]), entry.stat().st_size
                    elif _HEADER.match(entry.name):
                        one = self._item(entry.name)
                    else:
                        if entry.name.endswith("-new"):
                            os.unlink(entry.path)
                        continue
                    found.append((entry.stat().st_mtime_ns, entry.name, one))
        except OSError as error:
            raise self._failed("read", error) from None
        return [one for _, _, one in sorted(found, key=lambda one: one[:2])]

    def add(self, item: Item) -> None:
        """Keep a transaction."""
        self._make()
        put_file(self._path / f"{item.id}.json", to_json(told_item(item)).encode())

    def put(self, key: Key, start: int, data: bytes) -> None:
        """Keep a chunk."""
        self._make()
        put_file(self._chunk(key, start), data)

    def read(self, key: Key, starts: Iterable[int]) -> bytes:
        """The bytes of chunks, one after the other."""
        try:
            return b"".join(self._chunk(key, start).read_bytes() for start in starts)
        except OSError as error:
            raise self._failed("read", error) from None

    def drop(self, ids: Iterable[str]) -> None:
        """Forget transactions."""
        self._unlink(self._path / f"{id}.json" for id in ids)

    def drop_chunks(self, key: Key, starts: Iterable[int]) -> None:
        """Forget chunks."""
        self._unlink(self._chunk(key, start) for start in starts)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _chunk(self, key: Key, start: int) -> Path:
        return self._path / f"{to_id(key[0])}.{key[1]}.{start}"

    def _item(self, name: str) -> Item:
        try:
            item = read_item(from_json((self._path / name).read_bytes()))
        except (InputError, ValueError, TypeError, KeyError):
            item = None
        if item is None or f"{item.id}.json" != name:
            raise JournalError("is damaged", advice="delete it: it is to be posted again", file=str(self._path / name))
        return item

    def _make(self) -> None:
        try:
            self._path.mkdir(exist_ok=True)
        except OSError as error:
            raise self._failed("made", error) from None

    def _unlink(self, paths: Iterable[Path]) -> None:
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed("deleted", error) from None

    def _failed(self, what: str, error: OSError) -> JournalError:
        return JournalError(f"could not be {what}: {error.strerror or error}", file=str(self._path))
