"""What SQLite takes from the machine it runs on, taken from the process: chance, time, place, version."""

from __future__ import annotations

import struct
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .errors import CallbackError
from .in_bytes import PLACE, REPLACED, place_of

if TYPE_CHECKING:
    import apsw

#: What the network's SQLite says of itself; ours may be a later one.
VERSION = "3.45.3"
SOURCE = "2024-04-15 13:34:05 8653b758870e6ef0c98d46b3ace27849054af85da891eb121e9aaa537f1e8355"

_MASK = (1 << 64) - 1
#: Bytes of a text that is gone over without a look at the limits, and how many are gone over in an instruction's time.
_SMALL, _BYTES = 1024, 8
#: Words of random bytes between two looks at the limits, and what one of them counts in instructions.
_AT_ONCE, _WORD = 1024, 100


class Steady:
    """Functions that answer the same in every run; for all databases of a process.

    `clock` gives the message's time in milliseconds, `tick` counts work and answers true at a limit, `longest` is the
    greatest length of a value. `state` is that of the generator of numbers.
    """

    def __init__(self) -> None:
        self.state = 0
        self.longest = 1_000_000_000
        self.clock: Callable[[], Any] = lambda: 0
        self.tick: Callable[[int], Any] = lambda _n: None
        self._helper: apsw.Connection | None = None

    def _weak(self, name: str) -> Callable[..., Any]:
        # SQLite holds what it is given, out of sight of Python's garbage collector.
        function = getattr(type(self), name)
        reference = weakref.ref(self)

        def call(*arguments: Any) -> Any:
            steady = reference()
            if steady is None:
                raise CallbackError(b"interrupted")
            return function(steady, *arguments)

        return call

    def close(self) -> None:
        """Close what was opened."""
        if self._helper is not None:
            self._helper.close(True)
            self._helper = None

    def settle(self, connection: apsw.Connection) -> None:
        """Replace what depends on the machine: chance, time, place, version."""
        connection.create_scalar_function("random", self._weak("_number"), 0)
        connection.create_scalar_function("randomblob", self._weak("_noise"), 1)
        connection.create_scalar_function("instr", self._weak("_place"), 2, deterministic=True)
        connection.create_scalar_function("replace", self._weak("_replaced"), 3, deterministic=True)
        connection.create_scalar_function("sqlite_version", lambda *_: VERSION, 0, deterministic=True)
        connection.create_scalar_function("sqlite_source_id", lambda *_: SOURCE, 0, deterministic=True)
        for name in ("date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"):
            least = 1 if name == "strftime" else 2 if name == "timediff" else 0
            function = self._date(name, least)
            if name == "timediff":
                connection.create_scalar_function(name, function, 2, deterministic=True)
            else:
                connection.create_scalar_function(name, function, -1, deterministic=True)
        for name in ("date", "time", "timestamp"):
            function = self._date("datetime" if name == "timestamp" else name, 0)
            connection.create_scalar_function(f"current_{name}", function, 0, deterministic=True)

    def settle_bytes(self, connection: apsw.Connection) -> None:
        """Give a connection the functions of statements in other words (`in_bytes`)."""
        connection.create_scalar_function(PLACE, self._weak("_place_in_bytes"), 4, deterministic=True)
        connection.create_scalar_function(REPLACED, self._weak("_replaced_in_bytes"), 3, deterministic=True)

    def _number(self) -> int:
        """The next number of a generator (splitmix64) that starts the same in every process."""
        self.state = state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ state >> 27) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
        return state - (1 << 64) if state >> 63 else state

    def _noise(self, size: Any) -> bytes:
        try:
            size = max(1, int(size or 0))
        except (TypeError, ValueError):
            size = 1
        self._fits(size)
        words = (size + 7) // 8
        parts = []
        for at in range(0, words, _AT_ONCE):
            count = min(_AT_ONCE, words - at)
            if self.tick(count * _WORD):
                raise CallbackError(b"interrupted")
            parts.append(struct.pack(f"<{count}q", *(self._number() for _ in range(count))))
        return b"".join(parts)[:size]

    # SQLite's own look for a long text at every place of a long one, and nothing ends them.

    def _place(self, where: Any, what: Any) -> int | None:
        """instr(X, Y) of values that Python can be given."""
        if where is None or what is None:
            return None
        kind, other = ("blob" if isinstance(value, bytes) else "text" for value in (where, what))
        return self._place_in_bytes(kind, self._bytes(where), other, self._bytes(what))

    def _place_in_bytes(self, kind: str, where: bytes | None, other: str, what: bytes | None) -> int | None:
        """The same of values as bytes, and what they are."""
        if where is None or what is None:
            return None
        self._work(len(where) + len(what))
        return place_of(where, what, text=not kind == other == "blob")

    def _replaced(self, *values: Any) -> str | None:
        """replace(X, Y, Z) of such values. Raises `UnicodeDecodeError` where that is no UTF-8."""
        found = self._replaced_in_bytes(*(None if value is None else self._bytes(value) for value in values))
        return None if found is None else found.decode()

    def _replaced_in_bytes(self, text: bytes | None, old: bytes | None, new: bytes | None) -> bytes | None:
        """replace(X, Y, Z): X with Z for every Y, as SQLite has it."""
        if text is None or old is None:
            return None
        if old[:1] in (b"", b"\0"):
            return text
        if new is None:
            return None
        self._work(len(text) + len(old))
        count = text.count(old) if len(new) > len(old) else 0
        length = len(text) + count * (len(new) - len(old))
        self._fits(length)
        self._work(length)
        return text.replace(old, new)

    def _fits(self, size: int) -> None:
        """Raise SQLite's error where a value of so many bytes is too long."""
        if size > self.longest:
            import apsw

            raise apsw.TooBigError("string or blob too big")

    def _work(self, size: int) -> None:
        """Count the work on so many bytes. Raises `CallbackError` where a limit is reached."""
        if size > _SMALL and self.tick(size // _BYTES):
            raise CallbackError(b"interrupted")

    def _bytes(self, value: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        return (value if isinstance(value, str) else str(self.ask("SELECT CAST(? AS TEXT)", (value,)))).encode()

    def _now(self) -> str:
        """The message's time, as SQLite reads it."""
        from datetime import datetime, timedelta

        try:
            moment = datetime(1970, 1, 1) + timedelta(milliseconds=int(self.clock()))
        except (OverflowError, TypeError, ValueError):
            moment = datetime(1970, 1, 1)
        return moment.isoformat(" ", "milliseconds")

    def _date(self, name: str, least: int) -> Callable[..., Any]:
        """The function of dates, with the message's time for 'now' and Greenwich for the local time."""
        host = weakref.ref(self)
        start = 1 if name == "strftime" else 0
        stop = 2 if name == "timediff" else start + 1

        def date(*values: Any) -> Any:
            owner = host()
            if owner is None or len(values) < least:
                raise CallbackError(f"wrong number of arguments to function {name}()".encode())
            given = list(values) if len(values) > start else [*values, "now"]
            for i in range(start, stop):
                if isinstance(given[i], str) and given[i].lower() == "now":
                    given[i] = owner._now()
            given[stop:] = [v for v in given[stop:] if not (isinstance(v, str) and v.lower() in ("localtime", "utc"))]
            return owner.ask(f"SELECT {name}({','.join('?' * len(given))})", given)

        return date

    def ask(self, sql: str, values: Sequence[Any]) -> Any:
        """What plain SQLite, without any of our functions, makes of values."""
        if self._helper is None:
            import apsw

            self._helper = apsw.Connection(":memory:")
            number = getattr(apsw, "SQLITE_DBCONFIG_FP_DIGITS", None)
            if number is not None:
                self._helper.config(number, 15)
        for row in self._helper.execute(sql, values):
            return row[0]
        return None
