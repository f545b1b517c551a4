"""The ladder of verbosity, of every command that shows traces (docs/seeing.md)."""

from __future__ import annotations

__all__ = ["GLOBALS", "HANDLERS", "LEVELS", "MOST", "RAN"]

#: From which level on something is shown: handlers that ran; those that were asked; globals that changed; all.
RAN, HANDLERS, GLOBALS, MOST = 1, 2, 3, 4

#: What each level adds, from none on.
LEVELS = (
    "a line for each message: instructions, process, action, what it sends; an error with its line of Lua",
    "handlers that ran, with their instructions, what they printed and what they sent",
    "handlers that were asked and did not match, and why",
    "globals that changed",
    "every field that a pattern asks for, the code of patterns, the message's fields; nothing cut short",
)
