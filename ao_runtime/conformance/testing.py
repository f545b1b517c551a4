"""A test for your own process: it behaves on our Lua as on a published module.

::

    from ao_runtime.conformance.testing import ConformanceTest

    class TestToken(ConformanceTest):
        process = "token.lua"
        messages = [{"From": "alice", "Action": "Balance"}]
        module = "aos2_0_6.wasm"
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from .comparison import compare
from .report import describe, table
from .scenario import Scenario
from .sides import OurLua, Published, Recorded, Side

__all__ = ["MODULE_VARIABLE", "ConformanceTest"]

#: Names the published module where a test class does not.
MODULE_VARIABLE = "AO_RUNTIME_MODULE"


class ConformanceTest:
    """Checks that a process answers its messages with our Lua as with a published module, or as recorded.

    A subclass, whose name begins with `Test`, says which process (`process`, a Lua file, or `code`, its text), which
    `messages` (as `Process.handle` takes them; the process's own message comes before them by itself), and what to
    compare with: `module`, a file of WebAssembly (or the environment variable AO_RUNTIME_MODULE), or `recorded`, a
    file of recorded answers. Without any of them the test is skipped.
    """

    process: ClassVar[str | Path | None] = None
    code: ClassVar[str | bytes | None] = None
    messages: ClassVar[Sequence[Mapping[str, Any]]] = ()
    environment: ClassVar[Mapping[str, Any] | None] = None
    dialect: ClassVar[str] = "2.0.6"
    module: ClassVar[str | Path | None] = None
    recorded: ClassVar[str | Path | None] = None

    def scenario(self) -> Scenario:
        """The messages and the process they go to; override it for anything unusual."""
        if self.recorded is not None and self.process is None and self.code is None and not self.messages:
            return Scenario.read(self.recorded)
        return Scenario.of(
            self.process,
            self.messages,
            code=self.code,
            name=type(self).__name__,
            environment=self.environment,
            dialect=self.dialect,
        )

    def reference(self) -> Side | None:
        """What our Lua is compared with; None where there is nothing."""
        if self.recorded is not None:
            return Recorded(self.recorded)
        module = self.module or os.environ.get(MODULE_VARIABLE)
        return Published(module) if module else None

    def test_same_on_both_engines(self) -> None:
        """Every message has one result on both sides, but for the differences that docs/differences.md explains."""
        import pytest

        side = self.reference()
        if side is None:
            pytest.skip(f"no module to compare with: set {type(self).__name__}.module or {MODULE_VARIABLE}")
        comparison = compare(self.scenario(), OurLua(self.dialect), side)
        if not comparison.same:
            lines = [line for found in comparison.unexplained for line in describe(comparison, found)]
            pytest.fail("\n".join([*lines, *table([comparison])]), pytrace=False)
