"""Lua tests as pytest's: the same files, each test an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .lua import LuaOptions, LuaSuite, Outcome, Unloadable, lua_problem, lua_report

__all__ = ["LuaFile"]

__tracebackhide__ = True

_SUITE = pytest.StashKey[LuaSuite]()


class _Failed(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.name)
        self.outcome = outcome


class LuaFile(pytest.File):
    """A file of Lua tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its tests. Raises `CollectError` where it cannot be loaded."""
        found = _suite(self.config).tests(self.path)
        if isinstance(found, Unloadable):
            raise self.CollectError("\n".join(lua_problem(found.problem)))
        for test in found.tests:
            yield LuaItem.from_parent(self, name=test.name)


class LuaItem(pytest.Item):
    """A Lua test."""

    def runtest(self) -> None:
        """Run it."""
        outcome = _suite(self.config).run_one(self.path, self.name)
        if outcome.status == "pending":
            reason = outcome.problem.message if outcome.problem is not None else ""
            pytest.skip(reason or "pending")
        if outcome.printed:
            self.add_report_section("call", "printed", outcome.printed)
        if outcome.status == "failed":
            raise _Failed(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What `ao-run test` says."""
        if isinstance(excinfo.value, _Failed):
            # pytest shows itself what it printed.
            return "\n".join(lua_report(excinfo.value.outcome._replace(printed="")))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it is."""
        return self.path, None, self.name


def _suite(config: pytest.Config) -> LuaSuite:
    known = config.stash.get(_SUITE, None)
    if known is None:
        known = config.stash[_SUITE] = LuaSuite([], LuaOptions())
        config.add_cleanup(known.close)
    return known
