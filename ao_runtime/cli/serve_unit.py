"""`ao-run serve --unit`: one unit on its own, and its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .options import name_value

__all__ = ["asks_unit", "serve_unit", "unit_options"]

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--unit", type=click.Choice(["ur", "su"]), help="Serve this unit alone, among others' units."),
    click.option("--gateway", metavar="URL", help="su: the gateway that knows the block height, and other items."),
    click.option("--uploader", metavar="URL", help="su: where what it takes goes on to. [the gateway]"),
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


#: The options of a whole network that units take as well, and their own ones.
_SHARED: dict[str, tuple[str, ...]] = {"ur": (), "su": ("folder", "reset", "host", "name")}
_OWN: dict[str, tuple[str, ...]] = {
    "ur": ("routes", "hosts", "strategy", "su", "process_host", "owner_host"),
    "su": ("gateway", "uploader"),
}


def serve_unit(
    given: dict[str, Any],
    port: int | None,
    token: str | None,
    whole: dict[str, Any],
    ready: Callable[[dict[str, Any]], None],
) -> None:
    """Serve it. `whole` are the options of a whole network, of which not every unit takes all.

    Raises `click.UsageError` for an option that the unit has nothing to do with.
    """
    unit = given["unit"]
    for options, taken, whose in (
        (whole, _SHARED[unit], "a whole network"),
        (given, ("unit", *_OWN[unit]), "another unit"),
    ):
        for name, value in options.items():
            if value not in (None, False, ()) and name not in taken:
                shown = "FOLDER" if name == "folder" else f"--{name.replace('_', '-')}"
                raise click.UsageError(f"{shown} is for {whose}, not for --unit {unit}")
    {"ur": _serve_router, "su": _serve_scheduler}[unit](given, port, token, whole, ready)


def _serve_router(
    given: dict[str, Any],
    port: int | None,
    _token: str | None,
    _whole: dict[str, Any],
    ready: Callable[[dict[str, Any]], None],
) -> None:
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


def _serve_scheduler(
    given: dict[str, Any],
    port: int | None,
    token: str | None,
    whole: dict[str, Any],
    ready: Callable[[dict[str, Any]], None],
) -> None:
    from ..units import SchedulerOptions, serve_scheduler

    options = SchedulerOptions(
        given["gateway"],
        given["uploader"],
        whole["folder"],
        port,
        whole["reset"],
        whole["host"],
        whole["name"],
        token,
    )
    serve_scheduler(options, ready)
