"""`ao-run net log --url URL`: the results of a process of a running network."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import click

from ...log import time_text
from ...text import document, echo, style, value
from ..opening import json_option, process_argument
from .asking import asked_options, connected, find

if TYPE_CHECKING:
    from ....client import Edge

__all__ = ["log"]


@click.command("log", short_help="The results of a process of a running network.")
@process_argument
@asked_options
@click.option("--last", metavar="N", type=click.IntRange(1, 1000), default=20, help="So many at most. [20]")
@json_option
def log(process: str, url: str, mu: str | None, cu: str | None, last: int, as_json: bool) -> int:
    """Show the last results of PROCESS, a line for each; as compute units tell them, those with an error are left out.

    With --json, of each: {"nonce", "timestamp", "tick", "cursor", "result"}.

    \b
    ao-run net log --url http://localhost:4000 Points --last 5
    """
    with connected(url, mu, cu) as client:
        page = client.results(find(client, process)["id"], sort="DESC", limit=last)
    rows = [(_place(edge.cursor), edge) for edge in reversed(page.edges)]
    if as_json:
        for place, edge in rows:
            document({**place, "cursor": edge.cursor, "result": edge.result.to_dict(gas=False)})
        return 0
    if rows:
        echo(style(f"{'message':9}  {'time':19}  result", dim=True))
    for place, edge in rows:
        name = f"#{place['nonce']}{'+' if place['tick'] else ''}" if place["nonce"] is not None else "?"
        when = "" if place["timestamp"] is None else time_text(place["timestamp"])
        echo(f"{value(name, 9):9}  {when:19}  {_summary(edge)}".rstrip())
    return 0


def _place(cursor: str) -> dict[str, Any]:
    """Where a cursor says that a result stands; nothing of cursors that are not as compute units make them."""
    nothing: dict[str, Any] = {"nonce": None, "timestamp": None, "tick": None}
    try:
        told = json.loads(base64.b64decode(cursor, validate=True))
        nonce, timestamp, tick = int(told["ordinate"]), int(told["timestamp"]), told.get("cron")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return nothing
    if not (0 <= nonce < 10**15 and 0 <= timestamp < 10**14):
        return nothing
    return {"nonce": nonce, "timestamp": timestamp, "tick": tick if isinstance(tick, str) else None}


def _summary(edge: Edge) -> str:
    result = edge.result
    sent = [
        f"→ {value(message.target, 43)} {value(message.action or '', 20)}".rstrip() for message in result.messages[:3]
    ]
    more = len(result.messages) - 3
    parts = [*sent, *([f"{more} more"] if more > 0 else [])]
    for what, count in (("spawn", len(result.spawns)), ("assignment", len(result.assignments))):
        parts += [f"{count} {what}{'s' if count > 1 else ''}"] if count else []
    return ", ".join(parts) if parts else value(result.text, 60)
