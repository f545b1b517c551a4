"""`ao-run net get`: a value of a process's state."""

from __future__ import annotations

import click

from ..text import document
from .opening import folder_argument, json_option, process_argument, reading

__all__ = ["get"]


@click.command("get", short_help="Show a value of a process's state.")
@folder_argument
@process_argument
@click.argument("path", metavar="PATH")
@click.option("--at", "nonce", metavar="N", type=click.IntRange(0), help="As it was after message N. [the last]")
@json_option
def get(folder: str, process: str, path: str, nonce: int | None, as_json: bool) -> int:
    """Show the value at PATH in PROCESS as JSON, with names in place of ids. No message is evaluated for it.

    Names may stand in PATH, too: Balances.bob is what is there for the wallet bob, unless something has that very key.
    With --json: on one line, and ids as they are.

    \b
    ao-run net get town Points Balances.bob
    ao-run net get town Points 'Inbox[1].Data' --at 3
    """
    from ...models import to_json
    from ...network import looked_up, named

    with reading(folder) as network:
        found = network.process(process)
        value = looked_up(network, found.get if nonce is None else found.at(nonce).get, path)
        if as_json:
            document(value)
        else:
            click.echo(to_json(named(value, network.labels.read()), indent=2).encode())
    return 0
