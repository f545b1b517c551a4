"""`ao-run net … --url URL`: the commands that work on a running network, over HTTP, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

__all__ = ["COMMANDS", "LOCAL_ONLY", "asks_url", "online_command"]

#: Each command's file here, which has a click command of that name; `eval` is Python's own word.
COMMANDS = {
    "spawn": "spawn",
    "send": "send",
    "eval": "evaluate",
    "get": "get",
    "process": "process",
    "log": "log",
}
#: Why a command has no --url.
LOCAL_ONLY = {
    "init": "ao-run serve FOLDER makes the network that it serves",
    "tree": "units do not tell which message set off which; ao-run net tree FOLDER reads it from the network's folder",
    "tick": "time goes by there by itself; ao-run net process --url URL PROCESS --monitor has ticks delivered",
    "run": "a scenario has a clock and a network of its own: ao-run net run --memory SCENARIO",
    "verify": "evaluating all of it again needs the journals: ao-run net verify FOLDER, where the network is kept",
    "backup": "files are copied where they are: ao-run net backup FOLDER TARGET, also while it is served",
}


def asks_url(args: Sequence[str]) -> bool:
    """Whether `--url` is among the words of a command, before a `--`."""
    words = args[: args.index("--")] if "--" in args else args
    return any(word == "--url" or word.startswith("--url=") for word in words)


def online_command(name: str) -> click.Command:
    """The command for a running network. Raises `click.UsageError` for one that makes no sense there."""
    if name not in COMMANDS:
        raise click.UsageError(f"ao-run net {name} has no --url: {LOCAL_ONLY[name]}")
    found: click.Command = getattr(import_module(f".{name}", __package__), COMMANDS[name])
    return found
