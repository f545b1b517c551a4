"""`ao-run serve --unit`: one unit on its own, and its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from .options import name_value

__all__ = ["asks_unit", "serve_unit", "unit_options"]

_F = TypeVar("_F", bound=Callable[..., Any])
_Ready = Callable[[dict[str, Any]], None]

_OPTIONS = (
    click.option("--unit", type=click.Choice(["su", "mu", "cu", "ur"]), help="Serve this unit alone, among others'."),
    click.option("--su", metavar="URL", help="mu, cu: who gives messages their places. ur: says whose a process is."),
    click.option("--cu", metavar="URL", help="mu: who evaluates."),
    click.option("--gateway", metavar="URL", help="su, mu, cu: where blocks, data, and what is elsewhere are found."),
    click.option("--uploader", metavar="URL", help="su: where what it takes goes on to. [the gateway]"),
    click.option("--routes", type=click.Choice(["cu", "mu"]), help="ur: whose requests it routes. [cu]"),
    click.option("--hosts", metavar="URL,URL", help="ur: where such units are; each process has one of them."),
    click.option(
        "--strategy",
        type=click.Choice(["proxy", "redirect"]),
        help="ur: whether it answers from the host, or sends clients there (307). [proxy]",
    ),
    click.option("--process-host", type=name_value, multiple=True, metavar="ID=URL", help="ur: the host of a process."),
    click.option(
        "--owner-host",
        type=name_value,
        multiple=True,
        metavar="ADDRESS=URL",
        help="ur: the host of an owner's processes.",
    ),
    click.option(
        "--from-module-host",
        type=name_value,
        multiple=True,
        metavar="ID=URL",
        help="ur: the host of what processes of a module have spawned.",
    ),
)
#: The options that each unit has, those of a whole network among them.
_OWN = {
    "cu": {"su", "gateway", "folder", "reset", "modules", "workers", "limits", "host", "names", "token"},
    "mu": {"su", "cu", "gateway", "folder", "reset", "host", "names", "token", "keys"},
    "su": {"gateway", "uploader", "folder", "reset", "host", "names", "token", "keys"},
    "ur": {"su", "routes", "hosts", "strategy", "process_host", "owner_host", "from_module_host"},
}
_WORDS = {"folder": "FOLDER", "modules": "--module", "names": "--name", "limits": "a limit"}


def unit_options(command: _F) -> _F:
    """Adds the options of single units."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asks_unit(given: Mapping[str, Any]) -> bool:
    """Whether one unit is wanted. Raises `click.UsageError` for options of one without `--unit`."""
    if given["unit"] is not None:
        return True
    for name, value in given.items():
        if value not in (None, ()):
            raise click.UsageError(f"{_said(name)} is for --unit")
    return False


def serve_unit(given: Mapping[str, Any], whole: Mapping[str, Any], ready: _Ready) -> None:
    """Serve it. `whole` are the options that whole networks have, too.

    Raises `click.UsageError` for an option that the unit does not have.
    """
    unit = given["unit"]
    for name, value in {**given, **whole}.items():
        # The token may be in the environment, for other commands.
        if name not in {"unit", "port", "token", *_OWN[unit]} and value not in (None, (), {}, False):
            raise click.UsageError(f"{_said(name)} is not for --unit {unit}")
    {"su": _scheduler, "mu": _messenger, "cu": _compute, "ur": _router}[unit](given, whole, ready)


def _compute(given: Mapping[str, Any], whole: Mapping[str, Any], ready: _Ready) -> None:
    from ..units import ComputeOptions, serve_compute

    serve_compute(ComputeOptions(**whole, su=given["su"], gateway=given["gateway"]), ready)


def _router(given: Mapping[str, Any], whole: Mapping[str, Any], ready: _Ready) -> None:
    from ..units import RouterOptions, serve_router

    hosts = tuple(filter(None, (given["hosts"] or "").split(",")))
    serve_router(
        RouterOptions(
            given["routes"] or "cu",
            hosts,
            whole["port"],
            given["strategy"] == "redirect",
            given["su"],
            dict(given["process_host"]),
            dict(given["owner_host"]),
            dict(given["from_module_host"]),
        ),
        ready,
    )


def _scheduler(given: Mapping[str, Any], whole: Mapping[str, Any], ready: _Ready) -> None:
    from ..units import SchedulerOptions, serve_scheduler

    serve_scheduler(SchedulerOptions(uploader=given["uploader"], **_shared(given, whole)), ready)


def _messenger(given: Mapping[str, Any], whole: Mapping[str, Any], ready: _Ready) -> None:
    from ..units import MessengerOptions, serve_messenger

    serve_messenger(MessengerOptions(su=given["su"], cu=given["cu"], **_shared(given, whole)), ready)


def _shared(given: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """What scheduler and messenger both have."""
    names = ("folder", "port", "reset", "host", "names", "token", "keys")
    return {"gateway": given["gateway"], **{name: whole[name] for name in names}}


def _said(name: str) -> str:
    """An option as people write it."""
    return _WORDS.get(name, f"--{name.replace('_', '-')}")
