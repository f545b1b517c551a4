"""`ao-run net tree`: a message and all that it set off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import RefusedError
from ..seeing import show_tree, verbosity_option
from ..text import document
from .opening import folder_argument, json_option, reading
from .telling import described, tree_of

if TYPE_CHECKING:
    from ...network import Evaluation, Network

__all__ = ["found", "tree"]


@click.command("tree", short_help="Show a message and all that it set off.")
@folder_argument
@click.argument("message", metavar="MESSAGE")
@click.option("--root", is_flag=True, help="From the wallet's message, or the tick, that it comes of.")
@verbosity_option
@json_option
def tree(folder: str, message: str, root: bool, verbosity: int, as_json: bool) -> int:
    """Show MESSAGE and all that it set off, a line for each message.

    MESSAGE is an id, or the process and the number there, as ao-run net log has it: Points#3. -v to -vvvv show what
    handlers did, as ao-run trace does. With --json: {"id",
    "process", "name", "nonce", "result", "failure", "tree"}.

    \b
    ao-run net tree town Points#3
    ao-run net tree town 6N852gAtCYwZr5lcRJBPOrCQ1FUFlwVZxaLNyHL0agE --root
    """
    with reading(folder) as network:
        assert network.keeper is not None
        network.keeper.link()
        one = found(network, message)
        while root and one.cause is not None:
            one = one.cause.origin
        shown = tree_of(network, one)
        if as_json:
            document(described(shown))
        else:
            show_tree(network, shown, verbosity)
    return 0


def found(network: Network, message: str) -> Evaluation:
    """The evaluation that is meant. Raises `RefusedError` where there is none."""
    name, sign, number = message.rpartition("#")
    if sign and number.isdecimal():
        unit = network.compute.unit(network.found(name))
        if int(number) >= len(unit.nonces):
            raise RefusedError(
                f"there is no message {number}", process=name, advice=f"there are 0 to {len(unit.nonces) - 1}"
            )
        return unit.evaluations[unit.nonces[int(number)]]
    for id in network.scheduler.processes:
        if network.scheduler.find(id, message) is not None:
            return network.compute.result(id, message)
    if any(item.id == message for item in network.storage.mail):
        raise RefusedError("is a message to a wallet: nobody has evaluated it", message=message)
    raise RefusedError(
        f"there is no message {message}", advice="an id, or a process and a number: Points#3; ao-run net log has them"
    )
