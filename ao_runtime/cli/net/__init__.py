"""`ao-run net`: the commands for a network in a folder, a file for each."""

from __future__ import annotations

from importlib import import_module

import click

from ..strict import strict
from ..text import harmless
from .online import asks_url, online_command

__all__ = ["net"]

#: Each command's file, which has a click command of that name, in the order in which they are learnt; `eval` is
#: Python's own word.
_COMMANDS = {
    "init": "init",
    "spawn": "spawn",
    "send": "send",
    "eval": "evaluate",
    "get": "get",
    "process": "process",
    "log": "log",
    "tree": "tree",
    "tick": "tick",
    "run": "run",
    "verify": "verify",
    "backup": "backup",
}


class _Commands(click.Group):
    """Commands that are read when they are asked for: each in its own file."""

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order in which they are learnt."""
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, from its file."""
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f".{name}", __package__), _COMMANDS[name])
        return strict(command)

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; for a name that is none, the one that is near."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name.lower(), _COMMANDS, 1)
            advice = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(_COMMANDS)}"
            context.fail(f"No such command {harmless(name)!r}: {advice}")
        if asks_url(args[1:]):
            return name, strict(online_command(name)), args[1:]
        return super().resolve_command(context, args)


@click.group("net", cls=_Commands, short_help="A whole network in a folder: spawn, send, look, verify.")
def net() -> None:
    """Work with a network in a FOLDER: processes, wallets, a clock, and every message delivered.

    Each command opens the folder, does one thing, prints what came of it, and leaves it on the disk. Wallets and
    processes are called by their names; an id does as well. With --url in place of FOLDER, spawn, send, eval, get,
    process and log work on a running network (ao-run serve): ao-run net send --url http://localhost:4000 --help

    \b
    ao-run net init town --wallet alice --wallet bob
    ao-run net spawn town token.lua --owner alice --name Points
    ao-run net send town Points --from alice Action=Transfer Recipient=bob Quantity=250
    ao-run net get town Points Balances.bob
    """
