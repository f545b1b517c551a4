"""A host as Lua uses it: functions by name."""

from __future__ import annotations

import struct
from typing import Any

from ao_runtime.vm.sqlite import SqliteHost


class Caller:
    """A host and its functions, with one open database."""

    def __init__(self, **options: Any) -> None:
        """Open a database in memory."""
        self.host = SqliteHost(**options)
        self.functions = self.host.functions()
        self.handle = self("open", b":memory:", 6)[1]

    def __call__(self, name: str, *arguments: Any) -> Any:
        """Call the function of that name."""
        return self.functions[f"sqlite.{name}"](*arguments)

    def exec(self, sql: bytes) -> Any:
        """Run SQL."""
        return self("exec", self.handle, sql)

    def save(self, *more: int) -> Any:
        """The state of the database, and of more of them."""
        return self("save", struct.pack(f"<{1 + len(more)}Q", self.handle, *more))

    def rows(self, sql: bytes, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found = []
        answer = self("start", self.handle, sql, None, *values)
        number = answer[1] if answer[0] == 100 else None
        answer = (100, *answer[2:]) if number is not None else answer
        while answer[0] == 100:
            found.append(answer[1:])
            answer = self("next", number)
        assert answer == (101,)
        return found
