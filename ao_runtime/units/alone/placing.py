"""`Placing`: gives places in the order of each process; the rules are those of `network.Scheduler`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from ...errors import RefusedError
from ...items import DataItem, Wallet
from ...network import Assignment, Item, from_id, next_link, short, to_id
from .places import is_message, process_number, stub

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Placing"]

#: Processes whose last place is remembered; that of others is read again.
_REMEMBERED = 10_000


class _Head(NamedTuple):
    """The last place of a process, whose number is `process`."""

    process: int
    nonce: int
    timestamp: int
    digest: bytes
    chain: bytes


class Placing:
    """Gives places, in the writer's thread and within its transaction. What is refused has changed nothing.

    now
        The time in milliseconds since 1970, and the height of the last block.
    """

    def __init__(self, wallet: Wallet, now: Callable[[], tuple[int, int]]) -> None:
        self._wallet = wallet
        self._now = now
        self._heads: OrderedDict[str, _Head] = OrderedDict()

    def forget(self) -> None:
        """Forget the last places: what was given did not come to be, and the database knows what did."""
        self._heads.clear()

    def place(self, connection: sqlite3.Connection, item: Item) -> Assignment:
        """Give a message its place in the order of the process that it is for; a process begins one of its own.

        Raises `RefusedError` for what was there already, and for a message to no process.
        """
        if is_message(connection, item.id):
            raise RefusedError("Message already exists", message=short(item.id))
        if item.is_process:
            cursor = connection.execute("INSERT INTO processes (id) VALUES (?)", (from_id(item.id),))
            assert cursor.lastrowid is not None
            return self._put(connection, item.id, cursor.lastrowid, None, item, ())
        head = self._head(connection, item.target)
        if head is None:
            raise RefusedError(f"there is no process {short(item.target) or 'without an id'}", message=item.action)
        return self._put(connection, item.target, head.process, head, item, ())

    def assign(
        self, connection: sqlite3.Connection, process: str, message: str, exclude: tuple[str, ...]
    ) -> Assignment:
        """Give a message that is known another place. Raises `RefusedError` where there is no such process."""
        head = self._head(connection, process)
        if head is None:
            raise RefusedError("Message or Process not found")
        return self._put(connection, process, head.process, head, stub(message), exclude)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _head(self, connection: sqlite3.Connection, process: str) -> _Head | None:
        found = self._heads.get(process)
        if found is not None:
            self._heads.move_to_end(process)
            return found
        number = process_number(connection, process) if process else None
        if number is None:
            return None
        sql = "SELECT nonce, timestamp, digest, chain FROM places WHERE process = ? ORDER BY nonce DESC LIMIT 1"
        return _Head(number, *connection.execute(sql, (number,)).fetchone())

    def _put(
        self,
        connection: sqlite3.Connection,
        process: str,
        number: int,
        head: _Head | None,
        item: Item,
        exclude: tuple[str, ...],
    ) -> Assignment:
        timestamp, height = self._now()
        if head is None:
            nonce, chain = 0, sha256(from_id(process)).digest()
        else:
            nonce, chain = head.nonce + 1, next_link(head.digest, head.chain)
            timestamp = max(timestamp, head.timestamp + 1)
        one = Assignment(process, nonce, timestamp, height, to_id(chain), item, self._wallet.ao_address)
        one.elsewhere, one.exclude = item.raw is None, exclude
        made = DataItem.create(tags=[(tag["name"], tag["value"]) for tag in one.tags], wallet=self._wallet)
        one.digest, one.signature = made.raw_id, made.signature
        row = (number, nonce, timestamp, height, chain, from_id(item.id), one.digest)
        cursor = connection.execute(
            "INSERT INTO places (process, nonce, timestamp, height, chain, message, digest, exclude, sealed, raw)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, ",".join(exclude), bytes(made), item.raw),
        )
        connection.execute("INSERT INTO uploads VALUES (?)", (cursor.lastrowid,))
        self._heads[process] = _Head(number, nonce, timestamp, one.digest, chain)
        if len(self._heads) > _REMEMBERED:
            self._heads.popitem(last=False)
        return one
