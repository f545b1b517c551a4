"""`ao-run module`: what a published module is."""

from __future__ import annotations

import click

from .text import echo

__all__ = ["module"]


@click.command("module", short_help="Say which aos and which dialect a published module speaks.")
@click.argument("file", metavar="FILE.wasm")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")
def module(file: str, as_json: bool) -> int:
    """Say which aos a published module is, which dialect of our Lua plays that, and in which format it is.

    \b
    ao-run module sqlite.wasm
    """
    import json

    from ..state import spoken
    from ..wasm import WasmModule

    read = WasmModule.read(file)
    said = spoken(file)
    if as_json:
        described = {
            "aos": None if said is None else said.version,
            "dialect": None if said is None else said.dialect,
            "exact": said is not None and said.exact,
            "format": read.format,
            "sha256": read.sha256,
        }
        click.echo(json.dumps(described))
        return 0
    if said is None:
        echo("aos      none that it tells of: its own messages and results")
    else:
        nearest = "" if said.exact else " (the nearest: this version was not compared)"
        echo(f"aos      {said.version}")
        echo(f"dialect  {said.dialect}{nearest}")
    echo(f"format   {read.format}")
    echo(f"sha256   {read.sha256}")
    return 0
