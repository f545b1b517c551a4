"""`ao-run net log`: what a network's processes have evaluated, and what wallets got."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ...errors import RefusedError
from ..log import padded, time_text
from ..text import document, echo, style, value
from .opening import folder_argument, json_option, reading

if TYPE_CHECKING:
    from ...network import Evaluation, Item, Network

__all__ = ["log"]

_MOST_SENT = 3


@click.command("log", short_help="Show the messages of all processes, of one, or of a wallet.")
@folder_argument
@click.argument("process", metavar="[PROCESS]", required=False)
@click.option("--from-process", "sender", metavar="NAME", help="Only messages from there; a wallet's, too.")
@click.option("--action", metavar="NAME", help="Only messages with this Action.")
@click.option("--errors", is_flag=True, help="Only messages that failed.")
@click.option("--since", metavar="N", type=click.IntRange(0), default=0, help="Only messages from number N on.")
@click.option("--to", "until", metavar="N", type=click.IntRange(0), help="Only messages up to number N.")
@click.option("--last", metavar="N", type=click.IntRange(1), help="Only the last N of them.")
@json_option
def log(
    folder: str,
    process: str | None,
    sender: str | None,
    action: str | None,
    errors: bool,
    since: int,
    until: int | None,
    last: int | None,
    as_json: bool,
) -> int:
    """Show what the processes in FOLDER have evaluated, in the order of time, or PROCESS alone: message, time, sender,
    action, and what came of each. A message is called as ao-run net tree wants it: Points#3. Of a wallet, show what
    was sent to it.

    With --json: one object a line, {"id", "process", "name", "nonce", "timestamp", "tick", "from", "action", "message",
    "result"}; of a wallet {"id", "from", "action", "message"}.

    \b
    ao-run net log town --last 20
    ao-run net log town Points --errors
    ao-run net log town bob
    """
    with reading(folder) as network:
        wanted = None if sender is None else network.find(sender)
        if process is not None and network.find(process) not in network.scheduler:
            found = [
                item
                for item in _mail(network, process)
                if wanted in (None, item.sender) and action in (None, item.action) and not errors
            ]
            found = found[since : None if until is None else until + 1]
            for item in found[-last if last else 0 :]:
                _show_mail(network, item, as_json=as_json)
            return 0
        rows = [
            one
            for one in _evaluations(network, process, since, until)
            if wanted in (None, None if one.item is None else one.item.sender)
            and action in (None, _action(one))
            and not (errors and (one.result is None or one.result.ok))
        ]
        _show(network, rows[-last if last else 0 :], as_json=as_json)
    return 0


def _evaluations(network: Network, process: str | None, since: int, until: int | None) -> Iterator[Evaluation]:
    """What a process has evaluated between two of its numbers, or all of them between two numbers of that list."""
    if process is not None:
        for one in network.compute.unit(network.found(process)).evaluations:
            if since <= one.nonce and (until is None or one.nonce <= until):
                yield one
        return
    network.scheduler.read_all()
    order = {id: number for number, id in enumerate(network.scheduler.processes)}
    all_of_them = [one for id in order for one in network.compute.unit(id).evaluations]
    all_of_them.sort(key=lambda one: (one.timestamp, order[one.process], one.number))
    yield from all_of_them[since : None if until is None else until + 1]


def _mail(network: Network, name: str) -> list[Item]:
    """What was sent to a wallet. Raises `RefusedError` for a name that nobody has."""
    address = network.find(name)
    found = [item for item in network.storage.mail if item.target == address]
    if not found and name not in network.wallet_addresses and address not in network.wallet_addresses.values():
        raise RefusedError(f"there is no process or wallet {name}", advice="ao-run net process lists the processes")
    return found


def _action(one: Evaluation) -> str | None:
    return None if one.item is None else one.item.action


def _show(network: Network, rows: list[Evaluation], *, as_json: bool) -> None:
    if as_json:
        for one in rows:
            document(_described(network, one))
        return
    names = [_name(network, one) for one in rows]
    wide = max(map(len, names), default=7)
    if rows:
        echo(style(f"{'message':{wide}}  {'time':19}  {'from':10}  {'action':18}  result", dim=True))
    for name, one in zip(names, rows, strict=True):
        sender = "" if one.item is None else value(network.label(one.item.sender), 10)
        what = "tick" if one.item is None else _action(one) or ("Process" if one.nonce == 0 else "")
        cells = (
            f"{name:{wide}}",
            f"{time_text(one.timestamp):19}",
            padded(sender, 10, "cyan"),
            padded(value(what, 18), 18, "yellow"),
            _summary(network, one),
        )
        echo("  ".join(cells).rstrip())


def _name(network: Network, one: Evaluation) -> str:
    mark = "" if one.tick is None else "+"
    return f"{value(network.label(one.process), 20)}#{one.nonce}{mark}"


def _summary(network: Network, one: Evaluation) -> str:
    """What came of a message, in a few words: its error, or what was sent, or what was printed."""
    result = one.result
    if one.skipped or result is None:
        return "was there already" if one.skipped else ""
    if not result.ok:
        from ...models import message_in, place_in

        place = place_in(message_in(result.error or ""))
        text = place.message if place.line is None else f"{place.chunk}:{place.line}: {place.message}"
        return style(f"error: {value(text, 80)}", fg="red")
    sent = [
        f"→ {value(network.label(str(message.target)), 20)} {value(message.action or '', 20)}".rstrip()
        for message in result.messages[:_MOST_SENT]
    ]
    more = len(result.messages) - _MOST_SENT
    parts = [*sent, *([f"{more} more"] if more > 0 else [])]
    for what, count in (("spawn", len(result.spawns)), ("assignment", len(result.assignments))):
        parts += [f"{count} {what}{'s' if count > 1 else ''}"] if count else []
    return ", ".join(parts) if parts else value(result.text, 60)


def _described(network: Network, one: Evaluation) -> dict[str, Any]:
    from ...network import wire_of

    return {
        "id": None if one.item is None else one.item.id,
        "process": one.process,
        "name": network.label(one.process),
        "nonce": one.nonce,
        "timestamp": one.timestamp,
        "tick": None if one.tick is None else one.tick.cron.name,
        "from": None if one.item is None else network.label(one.item.sender),
        "action": _action(one),
        "message": None if one.assignment is None else wire_of(one.assignment),
        "result": None if one.result is None else one.result.to_dict(gas=True),
    }


def _show_mail(network: Network, item: Item, *, as_json: bool) -> None:
    from ...network import QUIET_TAGS

    if as_json:
        told = {"id": item.id, "from": network.label(item.sender), "action": item.action}
        document({**told, "message": item.message().to_wire()})
        return
    tags = [
        f"{value(tag.name)}={value(network.label(str(tag.value)))}" for tag in item.tags if tag.name not in QUIET_TAGS
    ]
    data = item.data.decode("utf-8", "replace").strip()
    parts = [*tags, *([f"Data={value(data)}"] if data else [])]
    echo(f"{padded(value(network.label(item.sender), 20), 20, 'cyan')}  {value(item.action or '')}({', '.join(parts)})")
