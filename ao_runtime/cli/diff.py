"""`ao-run diff`: how the globals of a process differ between two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .options import isolate_option, limit_options, limits_of

if TYPE_CHECKING:
    from ..process import Graph
    from ..state import Options

__all__ = ["diff"]


@click.command("diff", short_help="Show how the globals differ between two moments of a journal.")
@click.argument("file", metavar="FILE")
@click.argument("one", metavar="N", type=click.IntRange(0))
@click.argument("other", metavar="M", type=click.IntRange(0))
@click.option("--module", metavar="FOLDER", help="The folder given to --module, if it is not where it was.")
@limit_options
@isolate_option
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON, one a line.")
def diff(
    file: str,
    one: int,
    other: int,
    module: str | None,
    limit_instructions: int | None,
    limit_memory: int | None,
    limit_seconds: float | None,
    isolate: bool,
    as_json: bool,
) -> int:
    """Show how the globals of a process differ: after message N, and after message M of FILE (what --state has kept).

    A tree: + is only there after M, - only after N, ~ is another value, both are shown. Tables are looked into, and
    functions too: their upvalues stand below them. Handlers have their names for keys. What belongs to the runtime
    (ao.outbox, what was printed, …) is left out. With --json: {"path", "change": "added", "removed" or "changed",
    "before", "after"}, where a path is the list of keys.

    \b
    ao-run diff points.ao 10 20
    """
    from ..process import own_differences
    from ..state import Options
    from .tree import json_lines, lines

    limits = limits_of(limit_instructions, limit_memory, limit_seconds)
    options = Options(module=module, files={}, limits=limits, isolated=isolate)
    before = _at(file, one, options, "N")
    after = _at(file, other, options, "M")
    found = own_differences(before, after)
    for line in (json_lines if as_json else lines)(found, before, after):
        click.echo(line.encode()) if as_json else _echo(line)
    if not found and not as_json:
        _echo("no differences")
    return 0


def _echo(line: str) -> None:
    from .text import echo

    echo(line)


def _at(file: str, nonce: int, options: Options, name: str) -> Graph:
    from ..process import Graph
    from .moment import moment
    from .progress import progress

    with (
        progress(f"going to message {nonce}") as tell,
        moment(file, options, nonce, name=name, progress=tell) as process,
    ):
        if process._state.genesis.wasm is not None:
            raise InputError("a published module cannot be looked into", advice="ao-run log shows its results")
        return Graph(process._state.ask(_look))


def _look(engine: Any) -> bytes:
    return engine.look()  # type: ignore[no-any-return]
