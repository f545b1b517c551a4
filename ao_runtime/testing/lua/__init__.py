"""Lua tests: they run inside of the VM of the process that they test, each in a state of its own.

- `finding`: which files, and which process each is about; `suite`: all of them, in an order, in one program or several
- `running` (`asking`, `literal`, `places`): a file in the VM; `harness.lua`, `pieces.lua`: what runs it there
- `last`: which failed the last time
- `outcome`, `reporting`: what came of it, as data, text, JSON and JUnit's XML
"""

from __future__ import annotations

from ..worlds import written
from .finding import ENDINGS, lua_files
from .last import last_failed, note_failed
from .outcome import Outcome, Problem
from .reporting import lua_dict, lua_junit, lua_problem, lua_report, lua_summary
from .suite import LuaOptions, LuaSuite, Unloadable, select_tests, shuffled_tests

__all__ = [
    "ENDINGS",
    "LuaOptions",
    "LuaSuite",
    "Outcome",
    "Problem",
    "Unloadable",
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
]
