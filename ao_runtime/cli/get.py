"""`ao-run get`: a value of a process's state, without a message."""

from __future__ import annotations

import click

from .configured import ProjectOption, from_project

__all__ = ["get"]


@click.command("get", short_help="Show a value of a process's state.")
@click.argument("file", metavar="FILE")
@click.argument("path", metavar="PATH")
@click.option("--at", "nonce", metavar="N", type=click.IntRange(0), help="As it was after message N. [the last]")
@click.option(
    "--module", cls=ProjectOption, key="module", metavar="MODULE", help="The module, if it is not where it was."
)
def get(file: str, path: str, nonce: int | None, module: str | None) -> int:
    """Show the value at PATH in the process that FILE (what --state has kept) holds, as JSON.

    No message is evaluated for it, and the file is only read. Tables with the keys 1 to n are arrays, others objects;
    null is nothing. FILE may be a process's code (FILE.lua) as well: it is started, and not kept.

    \b
    ao-run get points.ao Balances.alice
    ao-run get points.ao 'Inbox[1].Data'
    ao-run get points.ao 'Records["shop.example"].Owner'
    """
    from ..models import to_json
    from ..process import Process
    from ..state import Options
    from .moment import moment
    from .progress import progress

    if file.endswith(".lua"):
        if nonce is not None:
            raise click.UsageError("--at is for a process that was kept")
        with Process.spawn(file, module=module) as process:
            value = process.get(path)
    else:
        with (
            progress("reading") as tell,
            # Which module a process that was kept has, it says itself.
            moment(
                file,
                Options(module=None if from_project("module") else module, files={}),
                nonce,
                name="--at",
                progress=tell,
            ) as process,
        ):
            value = process.get(path)
    click.echo(to_json(value, indent=2).encode())
    return 0
