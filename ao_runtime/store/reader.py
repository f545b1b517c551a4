"""What a journal holds, read from its file: no row is believed that is not what was written."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ..errors import InputError, JournalError
from ..models import from_json
from . import snapshots
from .connection import COPY, reading
from .entry import (
    DIGEST,
    JOB,
    LARGEST,
    Damaged,
    Entry,
    Read,
    check_row,
    entry_digest,
    from_row,
    read_digest,
    read_from_row,
)
from .lock import Mark, lock_file

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Head", "Reader", "root_of"]

__tracebackhide__ = True


def _limited(column: str, most: int = LARGEST) -> str:
    """A column of SQL whose bytes are looked at only if they are not too many; NULL stands for what is."""
    return f"CASE WHEN length({column}) <= {most} THEN {column} END"


_SELECT = (
    f"SELECT nonce, {_limited('message')}, instructions, timestamp, {_limited('result')}, gas, failed, digest,"
    f" {_limited('place')}, {_limited('origin')} FROM entries WHERE nonce >= ? AND nonce < ? ORDER BY nonce LIMIT ?"
)
_SELECT_READS = (
    f"SELECT position, nonce, {_limited('kind')}, {_limited('name')}, {_limited('content')}, digest, content IS NULL"
    " FROM reads WHERE position >= ? ORDER BY position LIMIT 2"
)
_SELECT_JOB = (
    f"SELECT position, nonce, {_limited('content')}, digest FROM reads"
    " WHERE kind = ? AND name = ? AND position < ? ORDER BY position LIMIT 1"
)
#: Rows are read so many bytes at a time.
_BATCH = 1 << 20


class Head(NamedTuple):
    """How far the journal has come: what the next rows are chained to."""

    entries: int
    digest: bytes
    reads: int
    reads_digest: bytes


class Reader:
    """The reading half of a `Store`, on a connection that somebody else has opened."""

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self.path = file
        self._connection: sqlite3.Connection | None = connection
        # Why it cannot be used any more.
        self._closed = "has been closed"
        self._genesis: dict[str, Any] | None = None
        self._root = b""
        self._head = Head(0, b"", 0, b"")
        with reading(file):
            self._load()

    @property
    def closed(self) -> bool:
        """Whether it cannot be used any more."""
        return self._connection is None

    @property
    def genesis(self) -> dict[str, Any] | None:
        """How the process was started; None as long as `begin` has not said."""
        return self._genesis

    @property
    def count(self) -> int:
        """The number of messages."""
        return self._head.entries

    def entries(self, first: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """The messages from `first` on and before `stop`, each checked against all before it.

        Raises `JournalError` with the number of the row that is damaged.
        """
        stop = self.count if stop is None else min(stop, self.count)
        first = max(0, first)
        if first >= stop:
            return
        digest = self._digest_of(first)
        reads = self._reads(first)
        read = next(reads, None)
        most = 4
        while first < stop:
            with reading(self.path):
                rows = self._use().execute(_SELECT, (first, stop, most)).fetchall()
            if not rows:
                self._damaged("entries", first)
            size = 0
            for *columns, kept, place, origin in rows:
                try:
                    row = check_row(columns)
                    if type(place) not in (bytes, type(None)) or type(origin) not in (bytes, type(None)):
                        raise Damaged
                    mine: list[Read] = []
                    while read is not None and read[0] <= first:
                        mine.append(read[1])
                        read = next(reads, None)
                    digest = entry_digest(digest, row, mine, place, origin)
                    if row[0] != first or digest != kept:
                        raise Damaged
                    entry = from_row(row, mine)
                    entry.place, entry.origin = place, origin
                except Damaged:
                    self._damaged("entries", first)
                yield entry
                first += 1
                size += len(row[1]) + len(row[4])
            most = max(1, min(256, _BATCH * len(rows) // (size + 1), 4 * most))
        if first == self.count and (digest != self._head.digest or read is not None):
            self._damaged("head", first)

    def reads(self, stop: int | None = None) -> Iterator[tuple[int, Read]]:
        """What the messages before `stop` read from outside, each with the message's number; no jobs."""
        stop = self.count if stop is None else min(stop, self.count)
        for nonce, read in self._reads(0):
            if nonce >= stop:
                return
            if read[0] != JOB:
                yield nonce, read

    def job(self, name: str) -> tuple[int, bytes] | None:
        """The first message that the job of that name has brought, and what was kept of the job; None if it has not.

        Raises `JournalError` where what is there is not what was written.
        """
        key = JOB.encode(), name.encode("utf-8", "surrogatepass"), self._head.reads
        with reading(self.path):
            found = self._use().execute(_SELECT_JOB, key).fetchone()
        if found is None:
            return None
        position, nonce, content, kept = found
        digest = self._root
        if position:
            with reading(self.path):
                before = self._use().execute("SELECT digest FROM reads WHERE position = ?", (position - 1,)).fetchone()
            if before is None or type(before[0]) is not bytes:
                self._damaged("reads", position)
            digest = before[0]
        if type(nonce) is not int or type(content) is not bytes:
            self._damaged("reads", position)
        try:
            whole = read_digest(digest, nonce, (JOB, name, content)) == kept
        except struct.error:
            whole = False
        if not whole:
            self._damaged("reads", position)
        return nonce, content

    def history(self, count: int) -> bytes:
        """The digest of the first `count` messages and of how the process was started, as it stands in the file.

        Raises `JournalError` where there are not so many.
        """
        if not 0 <= count <= self.count:
            raise JournalError(f"holds {self.count} messages, not {count}", file=str(self.path))
        return self._digest_of(count)

    def snapshot_counts(self) -> list[int]:
        """After how many messages there are snapshots, in order. Whether they are whole is not looked at."""
        with reading(self.path):
            rows = self._use().execute("SELECT count FROM snapshots ORDER BY count LIMIT 9999").fetchall()
        return [count for (count,) in rows if type(count) is int and 0 <= count <= self.count]

    def snapshot(self, most: int | None = None) -> tuple[int, bytes] | None:
        """The newest whole snapshot after no more than `most` messages: after how many, and the state."""
        most = self.count if most is None else min(most, self.count)
        while most >= 0:
            with reading(self.path):
                found = self._use().execute("SELECT max(count) FROM snapshots WHERE count <= ?", (most,)).fetchone()[0]
            if type(found) is not int or not 0 <= found <= most:
                return None
            state = self._state(found)
            if state is not None:
                return found, state
            most = found - 1
        return None

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _use(self) -> sqlite3.Connection:
        if self._connection is None:
            raise JournalError(self._closed, advice="open it again", file=str(self.path))
        return self._connection

    def _load(self) -> None:
        """Read what stands at the beginning and the end, and see that it goes together."""
        connection = self._use()
        connection.execute("BEGIN")
        try:
            births = connection.execute(f"SELECT {_limited('process')}, digest FROM birth LIMIT 2").fetchall()
            heads = connection.execute("SELECT entries, digest, reads, reads_digest FROM head LIMIT 2").fetchall()
            last = connection.execute("SELECT max(nonce) FROM entries").fetchone()[0]
            last_read = connection.execute("SELECT max(position) FROM reads").fetchone()[0]
            count = 0 if last is None else last + 1
            digests = connection.execute("SELECT digest FROM entries WHERE nonce = ?", (last,)).fetchall()
        finally:
            connection.execute("ROLLBACK")
        if not births and not heads and not count and last_read is None:
            return
        if len(births) != 1 or len(heads) != 1:
            self._damaged("birth")
        data, self._root = births[0]
        if type(data) is not bytes or type(self._root) is not bytes or self._root != root_of(data):
            self._damaged("birth")
        try:
            birth = from_json(data)
        except (InputError, ValueError):
            self._damaged("birth")
        if not isinstance(birth, dict):
            self._damaged("birth")
        self._genesis = birth
        head = Head(*heads[0])
        tail = digests[0][0] if digests else self._root
        reads = 0 if last_read is None else last_read + 1
        if (head.entries, head.digest, head.reads) != (count, tail, reads) or min(count, reads) < 0:
            self._damaged("head", count)
        if type(tail) is not bytes or type(head.reads_digest) is not bytes:
            self._damaged("head", count)
        self._head = head

    def _check(self, mark: Mark) -> None:
        """See that all is there that a writer had acknowledged before it was killed."""
        lock = lock_file(self.path).name
        if mark.entries > self.count:
            raise JournalError(
                f"holds {self.count} messages, and {mark.entries} were acknowledged: its -wal file was lost or torn, or"
                " it is an older copy",
                advice=f"put the right files back, or delete {lock} to go on with what is there",
                file=str(self.path),
            )
        if mark.entries > 0 and self._digest_of(mark.entries) != mark.digest:
            raise JournalError(
                f"is another journal than the one that {lock} belongs to",
                advice=f"put the right file back, or delete {lock} to go on with this one",
                file=str(self.path),
            )

    def _digest_of(self, count: int) -> bytes:
        """The digest of the first `count` messages, as it stands in the file."""
        if count == self.count:
            return self._head.digest
        if count == 0:
            return self._root
        with reading(self.path):
            rows = self._use().execute("SELECT digest FROM entries WHERE nonce = ?", (count - 1,)).fetchall()
        if not rows or type(rows[0][0]) is not bytes:
            self._damaged("entries", count - 1)
        digest: bytes = rows[0][0]
        return digest

    def _reads(self, first: int) -> Iterator[tuple[int, Read]]:
        """What was read from outside from message `first` on, each checked against all before it."""
        position, digest = 0, self._root
        if first:
            with reading(self.path):
                row = self._use().execute("SELECT max(position) FROM reads WHERE nonce < ?", (first,)).fetchone()
                if row[0] is not None:
                    before = self._use().execute("SELECT digest FROM reads WHERE position = ?", row).fetchall()
                    if type(row[0]) is not int or len(before) != 1 or type(before[0][0]) is not bytes:
                        self._damaged("reads", row[0])
                    position, digest = row[0] + 1, before[0][0]
        while position < self._head.reads:
            with reading(self.path):
                rows = self._use().execute(_SELECT_READS, (position,)).fetchall()
            if not rows:
                self._damaged("reads", position)
            for found, nonce, kind, name, content, kept, absent in rows:
                if position == self._head.reads:
                    break  # a writer has added it since
                try:
                    read = read_from_row(kind, name, content)
                    if type(nonce) is not int or found != position or (content is None) != bool(absent):
                        raise Damaged
                    digest = read_digest(digest, nonce, read)
                    if digest != kept:
                        raise Damaged
                except (Damaged, OverflowError):
                    self._damaged("reads", position)
                yield nonce, read
                position += 1
        if digest != self._head.reads_digest:
            self._damaged("reads", position)

    def _state(self, count: int) -> bytes | None:
        """The state of a snapshot; None where it is damaged."""
        columns = f"size, packed, {_limited('state', snapshots.LARGEST)}, digest"
        try:
            with reading(self.path):
                rows = self._use().execute(f"SELECT {columns} FROM snapshots WHERE count = ?", (count,)).fetchall()
                ((size, packed, data, kept),) = rows
                if type(size) is not int or packed not in (0, 1) or type(data) is not bytes:
                    return None
                if snapshots.digest(self._digest_of(count), count, size, bool(packed), data) != kept:
                    return None
                return snapshots.unpack(data, size, bool(packed))
        except (JournalError, ValueError):
            if self._connection is None:
                raise
            return None

    def _damaged(self, table: str, row: int | None = None) -> NoReturn:
        where = table if row is None else f"{table}, row {row}"
        raise JournalError(f"is damaged at {where}", advice=COPY, file=str(self.path))


def root_of(birth: bytes) -> bytes:
    """What the first message is chained to."""
    return blake2b(b"birth of a process\n" + birth, digest_size=DIGEST).digest()
