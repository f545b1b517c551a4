"""How far long work has come: a bar on stderr, if that is a terminal; else nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..state import Progress

__all__ = ["progress"]


#: Whether there is a bar already: two on one line would be none.
_shown = False


def _gone() -> None:
    global _shown
    _shown = False


@contextmanager
def progress(label: str) -> Iterator[Progress | None]:
    """What is to be told how much of how much is done; None where nobody would see it."""
    global _shown
    if _shown or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    _shown = True
    with ExitStack() as stack:
        stack.callback(_gone)
        bar = None

        def tell(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(click.progressbar(length=total, label=label, file=sys.stderr))
            bar.update(done - bar.pos)

        yield tell
