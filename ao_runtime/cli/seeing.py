"""What the commands that show traces have in common: the ladder of `-v`, and how traces are printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import LimitError, ProcessError
from .text import document, echo

if TYPE_CHECKING:
    from ..network import Network, Tree
    from ..testing import Trace

__all__ = ["exit_code", "html_option", "show_trace", "show_tree", "verbosity_option", "write_page"]

_F = TypeVar("_F", bound=Callable[..., Any])

#: `-v` to `-vvvv`: how much of a trace is shown (docs/seeing.md).
verbosity_option: Callable[[_F], _F] = click.option(
    "-v", "verbosity", count=True, help="Show more: -v handlers, -vv why not, -vvv globals, -vvvv all."
)
html_option: Callable[[_F], _F] = click.option(
    "--html", "page", metavar="FILE", help="Write a page there, with all that is known."
)


def exit_code(traces: Sequence[Trace]) -> int:
    """The exit code: that of the worst message."""
    failed = [one for trace in traces for one in trace.messages if one.error is not None]
    if any(one.limit is not None for one in failed):
        return LimitError.exit_code
    return ProcessError.exit_code if failed else 0


def show_trace(trace: Trace, verbosity: int, *, as_json: bool) -> None:
    """Print a trace: as text with what the level shows, as JSON with all that is known."""
    if as_json:
        document(trace.to_dict())
        return
    from ..testing import trace_text

    echo(trace_text(trace, verbosity))


def show_tree(network: Network, tree: Tree, verbosity: int) -> None:
    """Print what came of a message in a network: a line for each message; with a level, what handlers did."""
    if verbosity == 0:
        echo(str(tree))
        return
    from ..testing import trace_text, trace_tree

    echo(trace_text(trace_tree(network, tree.root), verbosity))


def write_page(file: str, page: str) -> None:
    """Write a page. Raises `OSError` where that cannot be done, which the command tells of."""
    Path(file).write_text(page, encoding="utf-8")
