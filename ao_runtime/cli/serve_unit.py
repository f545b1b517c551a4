"""`ao-run serve --unit`: one unit on its own, and its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .options import name_value

__all__ = ["asks_unit", "serve_unit", "unit_options"]

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--unit", type=click.Choice(["ur"]), help="Serve this unit alone, in front of others' units."),
    click.option("--routes", type=click.Choice(["cu", "mu"]), help="ur: whose requests it routes. [cu]"),
    click.option("--hosts", metavar="URL,URL", help="ur: where such units are; each process has one of them."),
    click.option(
        "--strategy",
        type=click.Choice(["proxy", "redirect"]),
        help="ur: whether it answers from the host, or sends clients there (307). [proxy]",
    ),
    click.option("--su", metavar="URL", help="ur: the scheduler unit that says whose a process is."),
    click.option("--process-host", type=name_value, multiple=True, metavar="ID=URL", help="ur: the host of a process."),
    click.option(
        "--owner-host",
        type=name_value,
        multiple=True,
        metavar="ADDRESS=URL",
        help="ur: the host of an owner's processes.",
    ),
)


def unit_options(command: _F) -> _F:
    """Adds the options of single units."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asks_unit(given: dict[str, Any]) -> bool:
    """Whether one unit is wanted. Raises `click.UsageError` for options of one without `--unit`."""
    if given["unit"] is not None:
        return True
    for name, value in given.items():
        if value not in (None, ()):
            raise click.UsageError(f"--{name.replace('_', '-')} is for --unit")
    return False


def serve_unit(
    given: dict[str, Any], port: int | None, ready: Callable[[dict[str, Any]], None], *, whole: bool
) -> None:
    """Serve it. `whole` is whether there are options of a whole network, which it has nothing to do with."""
    if whole:
        raise click.UsageError(
            "FOLDER, --reset, --module, --workers, --host, --name and --keys are for a whole network, not for --unit ur"
        )
    from ..units import RouterOptions, serve_router

    hosts = tuple(filter(None, (given["hosts"] or "").split(",")))
    serve_router(
        RouterOptions(
            given["routes"] or "cu",
            hosts,
            port,
            given["strategy"] == "redirect",
            given["su"],
            dict(given["process_host"]),
            dict(given["owner_host"]),
        ),
        ready,
    )
