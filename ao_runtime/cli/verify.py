"""`ao-run verify`: whether the messages of a journal still answer what they answered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import ProcessError
from .options import isolate_option, limit_options, limits_of
from .text import document, echo, harmless

if TYPE_CHECKING:
    from ..process import Replayed

__all__ = ["verify"]


@click.command("verify", short_help="Evaluate a journal again, and compare every result with the recorded one.")
@click.argument("file", metavar="FILE")
@click.option("--module", metavar="FILE.wasm", help="The published module, if it is not where it was.")
@limit_options
@isolate_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def verify(
    file: str,
    module: str | None,
    limit_instructions: int | None,
    limit_memory: int | None,
    limit_seconds: float | None,
    isolate: bool,
    as_json: bool,
) -> int:
    """Evaluate all messages of FILE (what --state has kept) in a new VM, and compare every result.

    The first one that is not as it was recorded is shown beside that, and the exit code is 1. With --json: {"messages",
    "compared", "same", "gas", "difference": null or {"nonce", "message", "recorded", "replayed"}}. Messages that had
    hit a limit on time or memory are not compared: that is of one machine. Nor is gas that was counted by an older
    rule ("gas": false).
    """
    from ..process import replay
    from .moment import open_to_read
    from .progress import progress

    limits = limits_of(limit_instructions, limit_memory, limit_seconds)
    compared = 0
    gas = True
    different: Replayed | None = None
    with open_to_read(file) as store, progress("verifying") as tell:
        count = store.count
        for replayed in replay(store, module=module, limits=limits, isolated=isolate, progress=tell):
            if not replayed.same:
                different = replayed
                break
            compared += replayed.result is not None
            gas = replayed.gas
    if as_json:
        _document(count, compared, different, gas=gas)
    elif different is None:
        left_out = f" ({count - compared} hit a limit on time or memory, and are not compared)"
        no_gas = "" if gas else "; their gas is not compared: it was counted by an older rule"
        echo(f"{count} messages, all as recorded{left_out if compared < count else ''}{no_gas}")
    else:
        _show(different)
    return 0 if different is None else ProcessError.exit_code


def _document(count: int, compared: int, different: Replayed | None, *, gas: bool) -> None:
    from ..models import wire_of

    difference = None
    if different is not None:
        recorded, now = _both(different)
        wire = wire_of(different.entry.packed)
        difference = {"nonce": different.entry.nonce, "message": wire, "recorded": recorded, "replayed": now}
    found = {"messages": count, "compared": compared, "same": different is None, "gas": gas, "difference": difference}
    document(found)


def _show(different: Replayed) -> None:
    import shutil

    from ..conformance import beside
    from ..models import wire_of
    from .show import name_of

    nonce = different.entry.nonce
    echo(harmless(f"── {nonce} · {name_of(wire_of(different.entry.packed))}"))
    echo("this result is not as it was recorded; all before it are")
    width = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 120
    for line in beside(("recorded", "now"), *_both(different), width):
        echo(harmless(line))


def _both(different: Replayed) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was recorded, and what came out now."""
    now = different.result
    return different.recorded.to_dict(gas=True), {} if now is None else now.to_dict(gas=True)
