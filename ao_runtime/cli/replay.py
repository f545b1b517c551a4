"""`ao-run replay`: the messages of a journal evaluated again, and what they answer."""

from __future__ import annotations

import click

from .options import isolate_option, limit_options, limits_of

__all__ = ["replay"]


@click.command("replay", short_help="Evaluate the messages of a journal again.")
@click.argument("file", metavar="FILE")
@click.option("--from", "first", metavar="N", type=int, default=0, help="Show results from message N on. [0]")
@click.option("--to", "last", metavar="N", type=int, help="Stop after message N. [the last]")
@click.option("--module", metavar="FILE.wasm", help="The published module, if it is not where it was.")
@limit_options
@isolate_option
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON, one a line, and nothing else.")
def replay(
    file: str,
    first: int,
    last: int | None,
    module: str | None,
    limit_instructions: int | None,
    limit_memory: int | None,
    limit_seconds: float | None,
    isolate: bool,
    as_json: bool,
) -> int:
    """Evaluate the messages of FILE (what --state has kept) again, and show what they answer, as handle does.

    What the process read from outside is what it read then; the journal is left as it is.

    \b
    ao-run replay points.ao
    ao-run replay points.ao --from 1000 --to 1010
    """
    from ..models import wire_of
    from ..process import replay as again
    from . import show
    from .moment import last_of, open_to_read
    from .progress import progress

    limits = limits_of(limit_instructions, limit_memory, limit_seconds)
    worst = 0
    with open_to_read(file) as store, progress("replaying") as tell:
        stop = store.count if last is None else last_of(store, last, "--to") + 1
        last_of(store, first, "--from")
        for replayed in again(store, first, stop, module=module, limits=limits, isolated=isolate, progress=tell):
            result = replayed.recorded if replayed.result is None else replayed.result
            if as_json:
                show.json_line(result)
            else:
                show.for_people(result, wire_of(replayed.entry.packed), number=str(replayed.entry.nonce), limits=None)
            worst = max(worst, show.exit_code(result))
    return worst
