"""`ao-run net eval`: Lua code in a process of a network, as its owner's Eval."""

from __future__ import annotations

import click

from ..seeing import verbosity_option
from ..text import echo, harmless
from .opening import folder_argument, isolate_option, json_option, process_argument, writing
from .telling import tell

__all__ = ["evaluate"]


@click.command("eval", short_help="Evaluate Lua code in a process, as its owner's Eval message.")
@folder_argument
@process_argument
@click.argument("code", metavar="CODE")
@isolate_option
@verbosity_option
@json_option
def evaluate(folder: str, process: str, code: str, isolate: bool, verbosity: int, as_json: bool) -> int:
    """Evaluate CODE (Lua, or - for standard input) in PROCESS, as an Eval message of its owner.

    What it gives is printed, and the tree of what it set off. With -v and --json as ao-run net send.

    \b
    ao-run net eval town Points 'return Balances'
    ao-run net eval town Points - < upgrade.lua
    """
    from ...models import text as text_of
    from ..documents import stdin

    text = text_of(stdin()) if code == "-" else code
    with writing(folder, isolate=isolate) as network:
        sent = network.process(process).eval(text)
        if not as_json and sent.text:
            echo(harmless(sent.text))
        return tell(sent.tree, as_json=as_json, network=network, verbosity=verbosity)
