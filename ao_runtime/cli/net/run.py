"""`ao-run net run`: a scenario, played in a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ...errors import ProcessError
from ..configured import configuration
from ..seeing import show_tree, verbosity_option
from ..text import document, echo, harmless, style
from .opening import isolate_option, json_option
from .telling import code_of

if TYPE_CHECKING:
    from ...conformance import Played
    from ...network import Network

__all__ = ["run"]


@click.command("run", short_help="Play a scenario: processes, steps, and what is expected of them.")
@click.argument("words", metavar="[FOLDER] SCENARIO", nargs=-1)
@click.option("--memory", is_flag=True, help="In memory, with no FOLDER: nothing of it stays.")
@isolate_option
@verbosity_option
@json_option
def run(words: tuple[str, ...], memory: bool, isolate: bool, verbosity: int, as_json: bool) -> int:
    """Play the scenario in SCENARIO (JSON: docs/conformance.md) in FOLDER, which is made if there is none.

    Prints what each step set off, and at the end which expectations are not met: what was expected, and what is there.
    The exit code is 1 then, and where a message fails of which that was not expected. -v to -vvvv show what handlers
    did, as ao-run trace does. With --json, an object for each step: {"at", "kind", "trees", "expectations", "unmet"}.

    \b
    ao-run net run --memory token-scenario.json
    ao-run net run town token-scenario.json
    """
    if len(words) != (1 if memory else 2):
        raise click.UsageError("give FOLDER and SCENARIO, or --memory and SCENARIO")
    from ...conformance import Scenario, play, read_scenario

    found = read_scenario(words[-1])
    scenario = found.in_network() if isinstance(found, Scenario) else found
    steps = expectations = worst = 0
    unmet: list[str] = []
    with _network(None if memory else words[0], isolate=isolate) as network:
        for played in play(scenario, network):
            steps += played.kind != "spawn"
            expectations += played.expectations
            unmet += map(str, played.unmet)
            if not played.failed_as_expected:
                worst = max(worst, *map(code_of, played.trees), 0)
            _show(played, network, verbosity, as_json=as_json)
    if not as_json:
        for text in unmet:
            echo(style(harmless(f"✗ {text}"), fg="red"))
        met = "all met" if not unmet else f"{len(unmet)} not met"
        echo(f"{steps} steps, {expectations} expectations{f': {met}' if expectations else ''}")
    return max(worst, ProcessError.exit_code if unmet else 0)


@contextmanager
def _network(folder: str | None, *, isolate: bool) -> Iterator[Network]:
    import os

    from ...network import Network

    isolated = os.cpu_count() if isolate else None
    if folder is not None:
        with Network.open(folder, isolated=isolated) as network:
            yield network
        return
    found = configuration()
    given: dict[str, Any] = {"dialect": found.dialect} if found.is_given("dialect") else {}
    if found.is_given("limits"):
        given["limits"] = found.limits
    with Network(isolated=isolated, modules=found.modules or None, **given) as network:
        yield network


def _show(played: Played, network: Network, verbosity: int, *, as_json: bool) -> None:
    if as_json:
        document(played.to_dict())
        return
    for tree in played.trees:
        show_tree(network, tree, verbosity)
