"""The state of a host as bytes: the content of its databases, and what their connections keep besides."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from .connections import CREATE, READONLY, READWRITE, connect, guard
from .registry import Database, Registry
from .settings import set_changes, set_settings, settings

if TYPE_CHECKING:
    import apsw

_MAGIC = b"ao-sqlite-1"
_USUAL = READWRITE | CREATE
#: What is said of a database: handle, last rowid, changes of the last statement, of all, whether it is read only.
_COUNTS = struct.Struct("<Qqqqq")
#: Where a statement has changed more rows, that cannot be saved.
_MOST_CHANGES = 100_000
#: Operations of SQLite between two looks at the time, and what makes the trusted side look (LARGE in `limits/gas.lua`).
_OPERATIONS, _WORK = 10_000, 4000
#: More changes and handles than there ever are.
_MOST_NUMBERS = 1 << 60


def save(registry: Registry, handles: set[int]) -> bytes | None:
    """Return the content of all databases, or None while it cannot be saved: then only the history can bring it back.

    `handles` are those of the databases that are still held.

    That is so while a transaction or a statement is open, with temporary tables, and with functions or hooks
    of Lua's.
    """
    parts: list[bytes] = [_MAGIC, struct.pack("<QQ", registry.steady.state, _next_handle(registry))]
    for handle, database in registry.databases.items():
        if handle not in handles:
            continue
        connection = database.connection
        temporary = next(connection.execute("SELECT count(*) FROM sqlite_temp_schema"))[0]
        if connection.in_transaction or database.cursors or database.functions or database.hooks:
            return None
        if database.backups or temporary:
            return None
        path = database.path.encode()
        body = b"" if database.path else _content(connection)
        if connection.changes() > _MOST_CHANGES:
            return None
        total = connection.total_changes() + database.earlier
        counts = (connection.last_insert_rowid(), connection.changes(), total, int(connection.readonly("main")))
        parts.append(_COUNTS.pack(handle, *counts) + path + b"\0" + settings(connection) + b"\0" + body)
    parts.append(b"")
    for path_text, keeper in registry.files.items():
        parts.append(path_text.encode() + b"\0" + _content(keeper))
    return b"".join(struct.pack("<Q", len(part)) + part for part in parts)


def _next_handle(registry: Registry) -> int:
    number = next(registry.handles)
    registry.handles = count(number)
    return number


def load(registry: Registry, state: bytes) -> None:
    """Bring back what `save` gave. Raises `ValueError` where it is none of ours."""
    parts = list(_parts(state))
    if len(parts) < 3 or parts[0] != _MAGIC or b"" not in parts:
        raise ValueError("not a saved state of databases")
    registry.close_all()
    registry.steady.state, first = struct.unpack("<QQ", parts[1])
    if first > _MOST_NUMBERS:
        raise ValueError("not a saved state of databases")
    split = parts.index(b"")
    for part in parts[split + 1 :]:
        path, _, body = part.partition(b"\0")
        name = path.decode()
        registry.files[name] = keeper = connect(registry, name, _USUAL)
        if body:
            _fill(registry, keeper, body)
        _look(registry)
    for part in parts[2:split]:
        handle, rowid, changes, total, readonly = _COUNTS.unpack_from(part)
        path, kept, body = part[_COUNTS.size :].split(b"\0", 2)
        usual = 0 <= changes <= min(total, _MOST_CHANGES) and total < _MOST_NUMBERS
        if not usual or not 0 < handle < first or handle in registry.databases:
            raise ValueError("not a saved state of databases")
        connection = connect(registry, path.decode(), READONLY if readonly else _USUAL)
        if body:
            connection.deserialize("main", body)
            _check(registry, connection)
        database = Database(connection, path.decode())
        set_changes(connection, changes)
        database.earlier = total - connection.total_changes()
        guard(registry, database)
        set_settings(connection, kept)
        connection.set_last_insert_rowid(rowid)
        registry.databases[handle] = database
        _look(registry)
    registry.handles = count(first)


def _look(registry: Registry) -> bool:
    """Whether the time is over, in which a state may be taken over: `ValueError` then."""
    if registry.lua.tick(_WORK):
        raise ValueError("takes too long")
    return False


def _check(registry: Registry, connection: apsw.Connection) -> None:
    import apsw

    connection.set_progress_handler(lambda: _look(registry), _OPERATIONS)
    try:
        found = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    except apsw.Error:
        found = []
    finally:
        connection.set_progress_handler(None)
    if found != ["ok"]:
        raise ValueError("the content of a database is damaged")


def _fill(registry: Registry, keeper: apsw.Connection, body: bytes) -> None:
    import apsw

    source = apsw.Connection(":memory:")
    source.deserialize("main", body)
    _check(registry, source)
    with keeper.backup("main", source, "main") as backup:
        backup.step(-1)
    source.close()


def _content(connection: apsw.Connection) -> bytes:
    """The database as bytes, without what SQLite counts for other programs: a database brought back counts anew."""
    body = bytearray(connection.serialize("main"))
    if body:
        body[24:28] = body[92:96] = body[96:100] = bytes(4)
    return bytes(body)


def _parts(state: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(state):
        if at + 8 > len(state):
            raise ValueError("not a saved state of databases")
        (size,) = struct.unpack_from("<Q", state, at)
        at += 8
        if at + size > len(state):
            raise ValueError("not a saved state of databases")
        yield state[at : at + size]
        at += size
