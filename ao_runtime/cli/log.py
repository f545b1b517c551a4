"""`ao-run log`: what a journal holds, a line for each message."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from ..models import place_in, wire_of
from .text import document, echo, harmless, plain, short, style, value

if TYPE_CHECKING:
    from ..models import Result
    from ..store import Entry, Store

__all__ = ["log", "padded", "time_text"]

#: Messages that are looked through for an Eval.
_LOOKED_THROUGH = 10_000


@click.command("log", short_help="Show the messages and results of a journal.")
@click.argument("file", metavar="FILE")
@click.option("--from-process", "sender", metavar="ADDRESS", help="Only messages from there.")
@click.option("--action", metavar="NAME", help="Only messages with this Action.")
@click.option("--errors", is_flag=True, help="Only messages that failed.")
@click.option("--since", metavar="N", type=click.IntRange(0), default=0, help="Only messages from number N on.")
@click.option("--to", "until", metavar="N", type=click.IntRange(0), help="Only messages up to number N.")
@click.option("--last", metavar="N", type=click.IntRange(1), help="Only the last N of them.")
@click.option("--json", "as_json", is_flag=True, help="Print messages and results as JSON, one a line.")
def log(
    file: str,
    sender: str | None,
    action: str | None,
    errors: bool,
    since: int,
    until: int | None,
    last: int | None,
    as_json: bool,
) -> int:
    """Show the messages of FILE (what --state has kept): number, time, sender, action, and what came of each.

    With --json: one object a line, {"nonce", "timestamp", "failed", "gas", "instructions", "message", "result"}.

    \b
    ao-run log points.ao --last 20
    ao-run log points.ao --errors --json | jq .result.Error
    ao-run log points.ao --action Transfer --from-process alice
    """
    from .moment import open_to_read

    with open_to_read(file) as store:
        stop = store.count if until is None else until + 1
        if last is not None and sender is None and action is None and not errors:
            since = max(since, min(stop, store.count) - last)
        found = _chosen(store, since, stop, sender, action, errors=errors)
        if last is not None:
            found = iter(deque(found, last))
        if as_json:
            for entry, wire in found:
                document(_described(entry, wire))
        else:
            for row in _rows(found, len(str(max(0, store.count - 1))), Files(store)):
                echo(row)
    return 0


def _chosen(
    store: Store, since: int, stop: int, sender: str | None, action: str | None, *, errors: bool
) -> Iterator[tuple[Entry, dict[str, Any]]]:
    for entry in store.entries(since, stop):
        if errors and not entry.failed:
            continue
        wire = wire_of(entry.packed)
        if sender is not None and wire.get("From") != sender:
            continue
        if action is not None and _action(wire) != action:
            continue
        yield entry, wire


def _action(wire: dict[str, Any], *names: str) -> Any:
    names = names or ("Action", "action")
    return next((tag["value"] for tag in wire["Tags"] if tag["name"] in names), None)


def _described(entry: Entry, wire: dict[str, Any]) -> dict[str, Any]:
    from ..models import from_json

    return {
        "nonce": entry.nonce,
        "timestamp": entry.timestamp,
        "failed": entry.failed,
        "gas": entry.gas,
        "instructions": entry.instructions,
        "message": wire,
        "result": from_json(entry.result),
    }


class Files:
    """The developer's files, by the chunks that errors name."""

    def __init__(self, store: Store) -> None:
        genesis = store.genesis or {}
        boot = genesis.get("boot_file")
        self._boot = boot if isinstance(boot, str) else None
        self._store = store

    # Both go through the journal, for errors that name a chunk.

    @cached_property
    def _read(self) -> set[str]:
        """The names of the modules that were read."""
        return {name for _, (kind, name, content) in self._store.reads() if kind == "module" and content is not None}

    @cached_property
    def _first_eval(self) -> int | None:
        """The number of the first Eval: its code has the same chunk name as the process's own."""
        entries = self._store.entries(0, min(self._store.count, _LOOKED_THROUGH))
        return next((entry.nonce for entry in entries if not entry.failed and b"Eval" in _values(entry)), None)

    def name(self, text: str, nonce: int) -> str:
        """An error's text, with files for the chunks that are known."""
        place = place_in(text)
        if place.chunk is None:
            return text
        module = place.chunk.removeprefix(".")
        file = f"{module.replace('.', '/')}.lua" if module in self._read else None
        if place.chunk == "aos" and (self._first_eval is None or self._first_eval > nonce):
            file = None if self._boot is None else os.path.basename(self._boot)
        return text if file is None else f"{file}:{place.line}: {place.message}"


def _values(entry: Entry) -> Any:
    return entry.packed if isinstance(entry.packed, bytes) else entry.packed[1]


def _rows(found: Iterable[tuple[Entry, dict[str, Any]]], width: int, files: Files) -> Iterator[str]:
    from ..models import Result, from_json

    yield style(f"{'#':>{width}}  {'time':19}  {'from':10}  {'action':18}  result", dim=True)
    for entry, wire in found:
        action = _action(wire) or _action(wire, "Type")
        cells = (
            f"{entry.nonce:>{width}}",
            f"{time_text(entry.timestamp):19}",
            padded(short(wire.get("From") or wire.get("Owner") or "?"), 10, "cyan"),
            padded("" if action is None else value(action, 18), 18, "yellow"),
            _summary(Result.of_wire(from_json(entry.result), entry.gas), entry.nonce, files),
        )
        yield "  ".join(cells).rstrip()


def padded(text: str, width: int, colour: str) -> str:
    """A text of that colour, and as wide as its column."""
    return style(text, fg=colour) + " " * (width - len(text))


def time_text(timestamp: int | None) -> str:
    """A time of the network's, which counts milliseconds; as a number where it is no time."""
    from datetime import datetime, timezone

    if timestamp is None:
        return ""
    try:
        moment = datetime.fromtimestamp(timestamp / 1000, tz=timezone.utc)
    except (OverflowError, ValueError, OSError):
        return str(timestamp)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment.year >= 1000 else str(timestamp)


def _summary(result: Result, nonce: int, files: Files) -> str:
    """What came of a message, in a few words: its error, or what was sent, or what was printed."""
    error = result.error
    if error is not None:
        words = [line for line in plain(error).split("\n") if line.strip()]
        told = files.name(words[-1].strip() if words else error, nonce)
        return style(f"error: {value(told, 80)}", fg="red")
    wire = result.to_dict()
    sent = [item for item in _list(wire.get("Messages")) if isinstance(item, dict)]
    parts = [f"→ {short(item.get('Target', '?'))} {_name(item)}".rstrip() for item in sent[:3]]
    if len(sent) > 3:
        parts.append(f"{len(sent) - 3} more")
    for name in ("Spawns", "Assignments"):
        count = len(_list(wire.get(name)))
        parts += [f"{count} {name.lower() if count > 1 else name[:-1].lower()}"] if count else []
    text = result.text
    if text and not parts:
        parts.append(value(harmless(text), 60))
    return ", ".join(parts)


def _name(item: dict[str, Any]) -> str:
    tags = [tag for tag in _list(item.get("Tags")) if isinstance(tag, dict)]
    return next((value(tag.get("value"), 20) for tag in tags if tag.get("name") == "Action"), "")


def _list(items: Any) -> list[Any]:
    return items if isinstance(items, list) else []
