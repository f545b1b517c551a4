"""Testing processes, and seeing why they do what they do.

- `sending`, `failing`, `state`, `approving`: the asserts; `happened`: what they say when they fail
- `plugin` (`worlds`, `starting`, `current`, `running`): the pytest plugin: fixtures, a state of its own for every test
- `lua`: Lua tests, for `ao-run test` and for pytest (`collecting`)
- `tracing`: what each handler did with a message, and which handler would take one
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later

if TYPE_CHECKING:
    from .approving import approves as approves
    from .failing import ao_fails as ao_fails
    from .happened import Unmet as Unmet
    from .lua import LuaOptions as LuaOptions
    from .lua import LuaSuite as LuaSuite
    from .lua import last_failed as last_failed
    from .lua import lua_dict as lua_dict
    from .lua import lua_files as lua_files
    from .lua import lua_junit as lua_junit
    from .lua import lua_problem as lua_problem
    from .lua import lua_report as lua_report
    from .lua import lua_summary as lua_summary
    from .lua import note_failed as note_failed
    from .lua import select_tests as select_tests
    from .lua import shuffled_tests as shuffled_tests
    from .lua import written as written
    from .sending import assert_nothing_sent as assert_nothing_sent
    from .sending import assert_sent as assert_sent
    from .state import assert_state as assert_state
    from .state import assert_waits as assert_waits
    from .tracing import LEVELS as LEVELS
    from .tracing import Trace as Trace
    from .tracing import Traced as Traced
    from .tracing import Why as Why
    from .tracing import trace as trace
    from .tracing import trace_html as trace_html
    from .tracing import trace_of as trace_of
    from .tracing import trace_text as trace_text
    from .tracing import trace_tree as trace_tree
    from .tracing import why as why
    from .tracing import why_html as why_html
    from .tracing import why_text as why_text

_ASSERTS = {
    "Unmet": ".happened",
    "ao_fails": ".failing",
    "approves": ".approving",
    "assert_nothing_sent": ".sending",
    "assert_sent": ".sending",
    "assert_state": ".state",
    "assert_waits": ".state",
}
_LUA = (
    "LuaOptions",
    "LuaSuite",
    "last_failed",
    "lua_dict",
    "lua_files",
    "lua_junit",
    "lua_problem",
    "lua_report",
    "lua_summary",
    "note_failed",
    "select_tests",
    "shuffled_tests",
    "written",
)
_TRACING = (
    "LEVELS",
    "Trace",
    "Traced",
    "Why",
    "trace",
    "trace_html",
    "trace_of",
    "trace_text",
    "trace_tree",
    "why",
    "why_html",
    "why_text",
)

__all__ = [*_ASSERTS, *_LUA, *_TRACING]

__getattr__ = later(__name__, {**_ASSERTS, **dict.fromkeys(_LUA, ".lua"), **dict.fromkeys(_TRACING, ".tracing")})
