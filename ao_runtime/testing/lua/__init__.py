"""Lua tests: they run inside of the VM of the process that they test, each in a state of its own.

- `finding`: which files, and which process each is about; `suite`: all of them, in an order, in one program or several
- `running` (`asking`, `literal`, `places`): a file in the VM; `harness.lua`, `pieces.lua`: what runs it there
- `last`: which failed the last time
- `outcome`, `reporting`: what came of it, as data, text, JSON and JUnit's XML
"""

from __future__ import annotations

from ..worlds import written
from .finding import ENDINGS, files_in
from .last import last_failed, note_failed
from .outcome import Outcome, Problem
from .reporting import junit, problem_lines, report_lines, summary, to_dict
from .suite import Options, Suite, Unloadable, select, shuffled

__all__ = [
    "ENDINGS",
    "Options",
    "Outcome",
    "Problem",
    "Suite",
    "Unloadable",
    "files_in",
    "junit",
    "last_failed",
    "note_failed",
    "problem_lines",
    "report_lines",
    "select",
    "shuffled",
    "summary",
    "to_dict",
    "written",
]
