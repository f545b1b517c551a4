"""`ao-run net backup`: a copy of a network's folder."""

from __future__ import annotations

import click

from ..text import document, echo, harmless
from .opening import folder_argument, json_option

__all__ = ["backup"]


@click.command("backup", short_help="Copy the folder, also while somebody writes there.")
@folder_argument
@click.argument("target", metavar="TARGET")
@json_option
def backup(folder: str, target: str, as_json: bool) -> int:
    """Copy the network in FOLDER to TARGET, a new folder, as it is at one moment; whoever writes there waits for it.

    TARGET is a network as well, which can be opened. With --json: {"folder", "target", "processes"}.

    \b
    ao-run net backup town town-backup
    """
    from ...network import Network
    from ..progress import progress

    with progress("copying") as tell:
        count = Network.backup(folder, target, tell)
    if as_json:
        document({"folder": folder, "target": target, "processes": count})
    else:
        echo(harmless(f"{target}: {count} process{'es' if count != 1 else ''}"))
    return 0
