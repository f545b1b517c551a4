"""`ao-run serve`: a whole network on this machine, for clients of the real one."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from ..errors import InputError
from .configured import ProjectOption
from .options import limit_options, limits_of
from .serve_unit import asks_unit, serve_unit, unit_options

__all__ = ["serve"]


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--port", type=int, help="The gateway's; the units have the next five. [4000; of a --unit its own]")
@click.option("--reset", is_flag=True, help="Delete the network that is in FOLDER, and begin a new one.")
@click.option(
    "--module",
    "modules",
    cls=ProjectOption,
    key="modules.*",
    multiple=True,
    metavar="ID=PATH",
    help="Evaluate processes of the module ID by a file .wasm, a folder with a process.lua, or a dialect.",
)
@click.option(
    "--workers", type=int, metavar="N", help="Child processes that evaluate; one for each processor if not given."
)
@click.option("--host", metavar="ADDRESS", help="Listen there as well, for other machines; 0.0.0.0 is everywhere.")
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="What the server is called there; may be repeated."
)
@click.option(
    "--token",
    metavar="TOKEN",
    envvar="AO_RUN_TOKEN",
    help="Needed for what changes something that nobody has signed for. [AO_RUN_TOKEN]",
)
@click.option(
    "--keys",
    type=click.Choice(["ed25519", "rsa"]),
    help="What the units sign with; made when the network is new. rsa takes some seconds then. [ed25519]",
)
@limit_options
@unit_options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of requests that went well.")
def serve(
    folder: Path | None,
    port: int | None,
    reset: bool,
    modules: tuple[str, ...],
    workers: int | None,
    host: str | None,
    names: tuple[str, ...],
    token: str | None,
    keys: str | None,
    limit_instructions: int | None,
    limit_memory: int | None,
    limit_seconds: float | None,
    quiet: bool,
    **unit: Any,
) -> None:
    """Serve a network over HTTP: scheduler, messenger, compute unit and gateway of ao on this machine.

    The network is kept in FOLDER, or in memory. What was written for the real network runs against it unchanged: the
    gateway listens on --port (4000), the uploader, mu, su, cu and ur on the five after it, and mu, su, cu and ur also
    under the gateway's, as http://localhost:4000/mu. A line of JSON on stdout says where everything is, as soon as it
    answers; what happens is told on stderr. SIGTERM and Ctrl-C end it: requests are answered, and what is on its way is
    kept.

    \b
    ao-run serve                          a network in memory
    ao-run serve my-network               one that is there again tomorrow
    ao-run serve --unit ur --hosts http://one:4004,http://two:4004
    ao-run serve my-scheduler --unit su --gateway http://one:4000
    """
    from ..units import Options
    from ..units import serve as serve_network

    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING if quiet else logging.INFO)
    # Every request to others' units would be a line.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if reset and folder is None:
        raise InputError("there is nothing to delete: a network in memory is always new", field="--reset")
    options: dict[str, Any] = {
        "folder": folder,
        "port": port,
        "reset": reset,
        "modules": dict(map(_module, modules)),
        "workers": workers,
        "limits": limits_of(limit_instructions, limit_memory, limit_seconds),
        "host": host,
        "names": names,
        "token": token,
        "keys": keys,
    }
    if asks_unit(unit):
        serve_unit(unit, options, ready)
    else:
        serve_network(Options(**options), ready)


def ready(told: dict[str, Any]) -> None:
    """Say on stdout where everything is."""
    click.echo(json.dumps(told))
    sys.stdout.flush()


def _module(given: str) -> tuple[str, str]:
    id, mark, what = given.partition("=")
    if not mark or not what:
        raise InputError(f"must be ID=PATH, found {given!r}", field="--module")
    return id, what
