"""`ao-run net process --url URL`: the processes of a running network, and whether their ticks are delivered."""

from __future__ import annotations

from typing import Any

import click

from ...text import document, echo, harmless, style, value
from ..opening import json_option
from .asking import Asked, asked_options, connected, find, processes, required, signer_option

__all__ = ["process"]


@click.command("process", short_help="List the processes of a running network, or show one.")
@click.argument("process", metavar="[PROCESS]", required=False)
@asked_options
@signer_option
@click.option("--monitor", is_flag=True, help="From now on deliver what its cron ticks send.")
@click.option("--unmonitor", is_flag=True, help="No longer deliver what its cron ticks send.")
@json_option
def process(
    process: str | None,
    url: str,
    mu: str | None,
    cu: str | None,
    sender: str | None,
    monitor: bool,
    unmonitor: bool,
    as_json: bool,
) -> int:
    """List the processes of the network at URL, the newest first (1000 at most); of PROCESS, show all its tags.

    With --json, of each: {"id", "name", "owner", "module", "tags"}.

    \b
    ao-run net process --url http://localhost:4000
    ao-run net process --url http://localhost:4000 clock --monitor --from wallet.json
    """
    if monitor and unmonitor:
        raise click.UsageError("--monitor and --unmonitor: give one of them")
    changes = monitor or unmonitor
    if changes and process is None:
        raise click.UsageError("which PROCESS?")
    wallet = required(sender) if changes else None
    with connected(url, mu, cu, wallet) as client:
        if process is None:
            _list(processes(client), as_json=as_json)
            return 0
        one = find(client, process)
        if monitor:
            client.monitor(one["id"])
        if unmonitor:
            client.unmonitor(one["id"])
    if as_json:
        document(_described(one))
    else:
        rows = [("id", one["id"]), ("owner", one["owner"]), *((tag["name"], tag["value"]) for tag in one["tags"])]
        wide = max(len(value(name)) for name, _ in rows)
        for name, text in rows:
            echo(f"{style(value(name).ljust(wide), dim=True)}  {harmless(text)}")
    return 0


def _list(found: list[Asked], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            document(_described(one))
        return
    rows = [(value(one.tag("Name") or ""), one["id"], value(one["owner"], 43)) for one in found]
    wide = max((len(row[0]) for row in rows), default=4)
    if rows:
        echo(style(f"{'name':{wide}}  {'id':43}  owner", dim=True))
    for name, id, owner in rows:
        echo(f"{name:{wide}}  {id}  {owner}")


def _described(one: Asked) -> dict[str, Any]:
    named = {"name": one.tag("Name"), "owner": one["owner"], "module": one.tag("Module")}
    return {"id": one["id"], **named, "tags": one["tags"]}
