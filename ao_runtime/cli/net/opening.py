"""How the commands open a network's folder, and the arguments and options that several of them have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..text import echo, style

if TYPE_CHECKING:
    from ...network import Network

__all__ = ["folder_argument", "isolate_option", "json_option", "process_argument", "reading", "writing"]

folder_argument = click.argument("folder", metavar="FOLDER")
process_argument = click.argument("process", metavar="PROCESS")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line, and nothing else.")
isolate_option = click.option(
    "--isolate", is_flag=True, help="Evaluate in child processes, whose limits hold against everything."
)


@contextmanager
def writing(folder: str, *, isolate: bool = False) -> Iterator[Network]:
    """The network in a folder, for one command that changes it.

    What was still on its way when the last one was killed is said on stderr: it is delivered with what comes now.
    """
    from ...network import Network

    with Network.open(folder, create=False, isolated=os.cpu_count() if isolate else None) as network:
        waits = len(network.pending)
        if waits:
            many = "messages are" if waits > 1 else "message is"
            echo(style(f"{waits} {many} on the way from before, and delivered now", dim=True), err=True)
        yield network


@contextmanager
def reading(folder: str) -> Iterator[Network]:
    """The network in a folder, for one command that looks into it, whoever writes there."""
    from ...network import Network

    with Network.open(folder, write=False) as network:
        yield network
