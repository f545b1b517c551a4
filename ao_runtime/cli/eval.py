"""`ao-run eval`: Lua code, evaluated as the owner's Eval message."""

from __future__ import annotations

from typing import Any

import click

from .options import Asked, process_options

__all__ = ["evaluate"]


@click.command("eval", short_help="Evaluate Lua code in a process, as its owner's Eval message.")
@click.argument("code", metavar="CODE")
@process_options
def evaluate(code: str, **options: Any) -> int:
    """Evaluate CODE (Lua, or - for standard input) in a process, as an Eval message of its owner.

    \b
    ao-run eval 'return 1 + 1'
    ao-run eval -p token.lua 'return Balances'
    ao-run eval -p token.lua 'Send({Target = "bob", Data = "hi"})'
    """
    from .documents import stdin
    from .run import EvalCode, run

    if code == "-":
        return run([EvalCode(stdin())], Asked.now(**options))
    return run([EvalCode(code)], Asked.now(**options))
