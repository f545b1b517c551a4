"""Functions of Lua's that SQLite calls: user-defined functions, aggregates, collations, hooks."""

from __future__ import annotations

import weakref
from typing import Any

from .codes import OK
from .errors import CallbackError
from .lua import NUMBER
from .registry import Part
from .values import plain
from .watching import INTERVAL, watch


class Functions(Part):
    """What Lua may define in a database; `function` is the number that Lua knows a function of its own by."""

    COMMANDS = ("function", "aggregate", "collation", "hook")

    def function(self, handle: int, name: bytes, arguments: int, function: int) -> Any:
        """Define a function of SQL."""
        ask = self.lua.asker()

        def scalar(*values: Any) -> Any:
            return ask(function, 0, 0, values)

        database = self._databases[handle]
        database.connection.create_scalar_function(name.decode(), scalar, arguments)
        database.functions += 1
        return OK

    def aggregate(self, handle: int, name: bytes, arguments: int, function: int) -> Any:
        """Define an aggregate."""
        ask = self.lua.asker()
        failures: dict[int, Exception] = {}

        # The last function is called after a step that has failed, too: so the failure waits for it.
        def step(instance: int, *values: Any) -> None:
            if instance not in failures:
                try:
                    ask(function, 1, instance, values)
                except CallbackError as failure:
                    failures[instance] = failure

        def final(instance: int) -> Any:
            try:
                value = ask(function, 2, instance, ())
            except CallbackError:
                # the first failure counts
                if instance not in failures:
                    raise
            if instance in failures:
                raise failures.pop(instance)
            return value

        database = self._databases[handle]
        instances = self._registry.handles
        database.connection.create_aggregate_function(name.decode(), lambda: (next(instances), step, final), arguments)
        database.functions += 1
        return OK

    def collation(self, handle: int, name: bytes, function: int) -> Any:
        """Define a collation."""
        ask = self.lua.asker()

        def compare(one: str, two: str) -> int:
            return int(ask(function, 0, 0, (one, two)) or 0)

        database = self._databases[handle]
        database.connection.create_collation(name.decode(), compare)
        database.functions += 1
        return OK

    def hook(self, handle: int, kind: bytes, function: int | None, steps: int) -> Any:
        """Set a hook of the kind, or take it away: the Lua function gets what SQLite tells."""
        import apsw

        database = self._databases[handle]
        connection = database.connection
        name = kind.decode()

        reference = weakref.ref(self.lua)

        def call(*values: Any) -> Any:
            lua = reference()
            given = plain(values)
            if lua is None or not lua.make_room(given):
                return False
            answer = lua.call(function, 0, 0, *given)
            return isinstance(answer, tuple) and answer[0] == NUMBER and bool(answer[1])

        if name == "update":
            connection.set_update_hook(None if function is None else call)
        elif name == "commit":
            connection.set_commit_hook(None if function is None else call)
        elif name == "rollback":
            connection.set_rollback_hook(None if function is None else call)
        elif name == "trace":
            if function is None:
                connection.trace_v2(0, None)
            else:
                connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: call(event["sql"]))
        elif name == "progress":
            if function is None or steps < 1:
                watch(self._registry, database)
            else:
                # one handler for both: it looks as often as the process wants to
                watch(self._registry, database, call, min(steps, INTERVAL))
        (database.hooks.discard if function is None else database.hooks.add)(name)
        return OK
