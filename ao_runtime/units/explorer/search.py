"""Search by id, name, tag and wallet. What a request looks at has an end: there is a link to go on from there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ...network import Assignment, Network, is_id
from .messages import place_of
from .overview import PAGE
from .rows import ROOT, message_row, who
from .text import line, moment, preview
from .timeline import SCANNED, Timeline

__all__ = ["LONGEST", "search", "wallet"]

#: Characters of what is searched for.
LONGEST = 300
_NAMES = 50


def search(network: Network, timeline: Timeline, query: str, before: int | None) -> str | dict[str, Any]:
    """Where the page of what is searched for is, or what was found.

    An id leads to its page; `Name=Value` finds messages with that tag; anything else names of processes and wallets,
    and messages with that Action.
    """
    query = query.strip()
    if is_id(query):
        found = place_of(network, timeline, query)
        if found is not None:
            return found
        return _address(query)
    told: dict[str, Any] = {"query": line(query, LONGEST), "searched": bool(query)}
    told |= {"names": [], "messages": [], "older": None}
    if not query:
        return told
    name, sign, value = query.partition("=")
    if sign and name.strip():
        wanted = name.strip().encode("utf-8", "replace"), value.strip().encode("utf-8", "replace")
    else:
        if before is None:
            told["names"] = [who(network, address) for address in _named(network, query)]
        if not told["names"] and query.startswith("0x") and len(query) == 42:
            return _address(query)
        wanted = b"Action", query.encode("utf-8", "replace")

    def has(one: Assignment) -> bool:
        item = one.item
        return wanted[0] in item.names and wanted in zip(item.names, item.values, strict=False)

    return told | _found(network, timeline, before, has, f"{ROOT}/search?q={quote(query, safe='')}")


def wallet(network: Network, timeline: Timeline, address: str, before: int | None) -> dict[str, Any]:
    """Whoever has an address: what it sent, which processes are its own, and what was sent to it."""

    def sent(one: Assignment) -> bool:
        return address in (one.item.owner, one.item.sender)

    mail = network.storage.mail
    received = []
    for item in reversed(mail[-SCANNED:]):
        if item.target == address:
            received.append(
                {
                    "href": f"{ROOT}/item/{item.id}",
                    "sender": who(network, item.sender),
                    "action": line(item.action or "message", 60),
                    "data": line(preview(item.data[:400])["text"], 100),
                }
            )
            if len(received) == PAGE:
                break
    base = f"{ROOT}/wallet?address={quote(address, safe='')}"
    found = _found(network, timeline, before, sent, base)
    return found | {"who": who(network, address), "address": line(address, LONGEST), "mail": [] if before else received}


def _found(network: Network, timeline: Timeline, before: int | None, wanted: Any, base: str) -> dict[str, Any]:
    """A page of messages, and the link to those before them."""
    found, more = timeline.before(before, PAGE, wanted)
    return {
        "messages": [message_row(network, timeline, one) for one in found],
        "older": None if more is None else f"{base}&before={more}",
        "since": moment(found[-1].timestamp) if found else None,
    }


def _named(network: Network, query: str) -> list[str]:
    """Addresses whose name has a text in it, whatever its case; the whole name first."""
    wanted = query.casefold()
    found = [
        (name.casefold() != wanted, not name.casefold().startswith(wanted), name, address)
        for address, name in network.labels.read().items()
        if wanted in name.casefold()
    ]
    return [address for *_, address in sorted(found)[:_NAMES]]


def _address(address: str) -> str:
    return f"{ROOT}/wallet?address={quote(address, safe='')}"
