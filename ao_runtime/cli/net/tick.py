"""`ao-run net tick`: the clock goes on, and cron with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..seeing import show_tree, verbosity_option
from ..text import document, echo
from .opening import folder_argument, isolate_option, json_option, writing
from .telling import code_of, described, tree_of

if TYPE_CHECKING:
    from ...network import Evaluation, Network

__all__ = ["tick"]


@click.command("tick", short_help="Let time go by, and evaluate the cron ticks that are due.")
@folder_argument
@click.option("--advance", metavar="TIME", help="So much time goes by: 90s, 1h30m, 500ms.")
@click.option("--set", "moment", metavar="TIME", help="It is that time: 2026-11-26T12:00Z, or milliseconds since 1970.")
@click.option("--mine", metavar="N", type=click.IntRange(1), help="So many blocks come to the chain.")
@isolate_option
@verbosity_option
@json_option
def tick(
    folder: str,
    advance: str | None,
    moment: str | None,
    mine: int | None,
    isolate: bool,
    verbosity: int,
    as_json: bool,
) -> int:
    """Let time go by in FOLDER, evaluate the cron ticks of monitored processes that are due then, and deliver.

    A clock that stands still goes on by this command only; of the machine's clock it evaluates what is due by now.
    Prints the time, the block, and a tree for each tick. With --json: {"now", "height", "ticks"}, where a tick is as
    what ao-run net send prints.

    \b
    ao-run net tick town --advance 90s
    ao-run net tick town --mine 3
    """
    if advance is not None and moment is not None:
        raise click.UsageError("--advance and --set: give one of them")
    with writing(folder, isolate=isolate) as network:
        # What is monitored was polled at the end of the last command; the rest counts when its messages come.
        before = {id: len(network.compute.unit(id).evaluations) for id in network.messenger.monitored}
        if advance is not None:
            network.clock.advance(advance)
        if moment is not None:
            network.clock.set(int(moment) if moment.isdecimal() else moment)
        if mine is not None:
            network.clock.mine(mine)
        network.tick()
        trees = [tree_of(network, one) for one in _ticks(network, before)]
        if as_json:
            clock = {"now": network.clock.now, "height": network.clock.height}
            document({**clock, "ticks": [described(tree) for tree in trees]})
        else:
            from ..log import time_text

            echo(f"it is {time_text(network.clock.now)}, block {network.clock.height}")
            for tree in trees:
                show_tree(network, tree, verbosity)
        return max(map(code_of, trees), default=0)


def _ticks(network: Network, before: dict[str, int]) -> list[Evaluation]:
    """The ticks that were evaluated since, in the order of time."""
    found = [
        one
        for id, count in before.items()
        for one in network.compute.unit(id).evaluations[count:]
        if one.tick is not None
    ]
    return sorted(found, key=lambda one: one.timestamp)
