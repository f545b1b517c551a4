"""`ao-run net process`: which processes there are, and what is known of one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from ..text import document, echo, harmless, style
from .opening import folder_argument, json_option, reading, writing

if TYPE_CHECKING:
    from ...models import Waiting
    from ...network import Network, NetworkProcess

__all__ = ["process"]


@click.command("process", short_help="List the processes, or show one.")
@folder_argument
@click.argument("process", metavar="[PROCESS]", required=False)
@click.option("--monitor", is_flag=True, help="From now on deliver what its cron ticks send.")
@click.option("--unmonitor", is_flag=True, help="No longer deliver what its cron ticks send.")
@json_option
def process(folder: str, process: str | None, monitor: bool, unmonitor: bool, as_json: bool) -> int:
    """List the processes in FOLDER; of PROCESS, show id, owner, module, messages, who waits, cron.

    With --json, of each: {"id", "name", "owner", "module", "messages", "waiting", "cron", "monitored", "tags"}.

    \b
    ao-run net process town
    ao-run net process town Points
    ao-run net process town clock --monitor
    """
    if monitor and unmonitor:
        raise click.UsageError("--monitor and --unmonitor: give one of them")
    if (monitor or unmonitor) and process is None:
        raise click.UsageError("which PROCESS?")
    opened: AbstractContextManager[Network] = writing(folder) if monitor or unmonitor else reading(folder)
    with opened as network:
        if process is None:
            _list(network, as_json=as_json)
            return 0
        one = network.process(process)
        if monitor:
            one.monitor()
        if unmonitor:
            one.unmonitor()
        if as_json:
            document(_described(network, one))
        else:
            _show(network, one)
    return 0


def _list(network: Network, *, as_json: bool) -> None:
    if as_json:
        for one in network.processes:
            document(_described(network, one))
        return
    rows = [(harmless(one.name), one.id, one.count, harmless(network.label(one.owner))) for one in network.processes]
    wide = max((len(row[0]) for row in rows), default=4)
    if rows:
        echo(style(f"{'name':{wide}}  {'id':43}  messages  owner", dim=True))
    for name, id, count, owner in rows:
        echo(f"{name:{wide}}  {id}  {count:8}  {owner}")


def _described(network: Network, one: NetworkProcess) -> dict[str, Any]:
    item = network.scheduler.schedule(one.id).item
    module = item.tag(b"Module")
    return {
        "id": one.id,
        "name": one.name,
        "owner": one.owner,
        "module": None if module is None else module.decode("utf-8", "replace"),
        "messages": one.count,
        "waiting": [waiting.to_dict() for waiting in one.waiting],
        "cron": [{"every": cron.every, "unit": _unit(cron.blocks)} for cron in network.compute.unit(one.id).crons],
        "monitored": one.id in network.messenger.monitored,
        "tags": item.tags.to_list(),
    }


def _show(network: Network, one: NetworkProcess) -> None:
    told = _described(network, one)
    crons = [f"every {cron['every']} {cron['unit']}" for cron in told["cron"]]
    rows = [
        ("name", told["name"]),
        ("id", told["id"]),
        ("owner", network.label(told["owner"])),
        ("module", told["module"] or "?"),
        ("messages", str(told["messages"])),
        *(("waits", _waits(network, waiting)) for waiting in one.waiting),
        *(("cron", cron) for cron in crons),
        ("monitored", "yes" if told["monitored"] else "no"),
    ]
    for name, text in rows:
        echo(f"{style(f'{name:9}', dim=True)}  {harmless(text)}")


def _waits(network: Network, waiting: Waiting) -> str:
    from ...network import named

    shown = waiting._replace(pattern=named(waiting.pattern, network.labels.read()))
    return f"for {shown}, since message {waiting.since}"


def _unit(blocks: bool) -> str:
    return "blocks" if blocks else "seconds"
