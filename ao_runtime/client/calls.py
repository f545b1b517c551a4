"""What each call asks of which unit, as `@permaweb/aoconnect` does, and what it makes of the answers (spec: units)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AoError, HttpError, InputError
from ..items import DataItem
from ..models import Message, Result, read_message, shown
from ..network import AOS, KNOWN_MESSENGERS, is_id
from .exchange import Ask, Call, Edge, Page, Reply

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["assign", "dry_run", "graphql", "message", "monitor", "result", "results", "spawn"]

#: legacynet's scheduler.
_SCHEDULER = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
_OWN = ("Data-Protocol", "Variant", "Type")
_ITEM = "application/octet-stream"
_MODULE = """query ($transactionIds: [ID!]!) {
  transactions(ids: $transactionIds) { edges { node { tags { name value } } } }
}"""


def spawn(
    wallet: Wallet,
    module: str | None,
    scheduler: str | None,
    authority: str | None,
    data: str | bytes | None,
    tags: Any,
) -> Call[str]:
    """Start a process; its id. What is not given is what the network says of itself, or legacynet's."""
    own = [(tag["name"], tag["value"]) for tag in read_message({"Tags": tags or []})["Tags"]]
    own = [(name, value) for name, value in own if name not in _OWN]
    named = {name for name, _ in own}
    if scheduler is None or (authority is None and "Authority" not in named):
        known = yield from _addresses()
        scheduler = scheduler or known["su"]
        authority = authority or known["mu"]
    module = _id(module or AOS, "module")
    yield from _module(module)
    if "Authority" not in named:
        own.append(("Authority", _id(authority, "authority")))
    if not data and "Content-Type" not in named:
        own.append(("Content-Type", "text/plain"))
    own += [("SDK", "aoconnect"), ("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Process")]
    own += [("Module", module), ("Scheduler", _id(scheduler, "scheduler")), ("Timestamp", f"{time.time_ns() // 10**6}")]
    return (yield from _sent(DataItem.create(data or " ", tags=own, wallet=wallet)))


def message(
    wallet: Wallet, process: str, given: Mapping[str, Any] | Message | None, fields: Mapping[str, Any]
) -> Call[str]:
    """Send a message to a process; its id."""
    wire = read_message(given, fields)
    wire["Target"] = _id(process, "process")
    return (yield from _sent(DataItem.of(wire, wallet)))


def result(process: str, id: str) -> Call[Result]:
    """The result of a message."""
    path = f"/result/{_id(id, 'message')}"
    return _result((yield Ask("cu", "GET", path, {"process-id": _id(process, "process")})))


def results(process: str, after: str | None, last: str | None, sort: str, limit: int) -> Call[Page]:
    """A page of a process's results."""
    if sort not in ("ASC", "DESC"):
        raise InputError(f"must be ASC or DESC, found {shown(sort)}", field="sort")
    given = {"from": after, "to": last, "sort": sort, "limit": str(limit)}
    query = {name: value for name, value in given.items() if value is not None}
    reply = yield Ask("cu", "GET", f"/results/{_id(process, 'process')}", query)
    told = reply.object()
    edges, info = told.get("edges"), told.get("pageInfo")
    if not isinstance(edges, list) or not all(isinstance(edge, dict) for edge in edges):
        raise reply.error("the answer has no edges")
    found = tuple(Edge(str(edge.get("cursor", "")), _read(edge.get("node"), reply)) for edge in edges)
    return Page(found, bool(info.get("hasNextPage")) if isinstance(info, dict) else len(found) >= limit)


def dry_run(
    wallet: Wallet | None, process: str, given: Mapping[str, Any] | Message | None, fields: Mapping[str, Any]
) -> Call[Result]:
    """Evaluate a message of which nothing stays."""
    wire = read_message(given, fields)
    owner = "1234" if wallet is None else wallet.ao_address
    tags = [tag for tag in wire.get("Tags", ()) if tag["name"] not in _OWN]
    tags += [{"name": name, "value": value} for name, value in zip(_OWN, ("ao", "ao.TN.1", "Message"), strict=True)]
    body: dict[str, Any] = {"Id": "1234", "Owner": owner, "Anchor": "0", "Data": "1234"}
    body |= {name: value for name, value in wire.items() if value is not None}
    body |= {"Target": _id(process, "process"), "Tags": tags}
    content = json.dumps(body, default=_text).encode("utf-8", "replace")
    return _result((yield Ask("cu", "POST", "/dry-run", {"process-id": process}, content, "application/json")))


def assign(process: str, id: str, base_layer: bool, exclude: tuple[str, ...]) -> Call[str]:
    """Have a known message evaluated by another process; the assignment's id."""
    query = {"process-id": _id(process, "process"), "assign": _id(id, "message")}
    if base_layer:
        query["base-layer"] = ""
    if exclude:
        query["exclude"] = ",".join(exclude)
    # Each one that arrives is another one: it is not sent again where no answer came.
    reply = yield Ask("mu", "POST", "", query, b"", _ITEM, safe=False)
    found = reply.object().get("id")
    if not isinstance(found, str):
        raise reply.error("the answer has no id")
    return found


def monitor(wallet: Wallet, process: str, begin: bool) -> Call[str]:
    """Begin or end to deliver what a process's ticks send; the id of the item that says so."""
    item = DataItem.create(" ", target=_id(process, "process"), wallet=wallet)
    reply = yield Ask("mu", "POST" if begin else "DELETE", f"/monitor/{process}", {}, bytes(item), _ITEM)
    done = "already being monitored" if begin else "monitor not found"
    if not 200 <= reply.status < 300 and not (reply.again and done in reply.text):
        raise reply.error()
    return item.id


def graphql(query: str, variables: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """What the gateway answers to a query: its `data`."""
    content = json.dumps({"query": query, "variables": dict(variables)}).encode()
    reply = yield Ask("gateway", "POST", "/graphql", {}, content, "application/json")
    told = reply.object()
    errors, data = told.get("errors"), told.get("data")
    if errors or not isinstance(data, dict):
        words = (
            errors[0].get("message") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
        )
        raise reply.error(str(words or "the answer has no data"))
    return data


# ── parts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sent(item: DataItem) -> Call[str]:
    """An item to the messenger: the same one again is no other one."""
    reply = yield Ask("mu", "POST", "", {}, bytes(item), _ITEM)
    if not (reply.again and "already exists" in reply.text):
        reply.json()
    return item.id


def _module(id: str) -> Call[None]:
    """Raises `HttpError` where the gateway knows no such module: a process of it would never answer."""
    content = json.dumps({"query": _MODULE, "variables": {"transactionIds": [id]}}).encode()
    reply = yield Ask("gateway", "POST", "/graphql", {}, content, "application/json")
    try:
        edges = reply.object()["data"]["transactions"]["edges"]
        tags = {tag["name"]: tag["value"] for edge in edges for tag in reversed(edge["node"]["tags"])}
    except (KeyError, TypeError):
        raise reply.error("the answer has no transactions") from None
    if tags.get("Type") != "Module":
        raise reply.error(f"there is no module {id}")


def _addresses() -> Call[dict[str, str]]:
    """Scheduler and messenger of the network: as our gateway says, else legacynet's."""
    legacynet = {"su": _SCHEDULER, "mu": KNOWN_MESSENGERS[0]}
    try:
        told = (yield Ask("gateway", "GET", "/info")).object().get("addresses")
    except HttpError:
        return legacynet
    if not isinstance(told, dict):
        return legacynet
    return legacynet | {name: one for name, one in told.items() if is_id(one)}


def _result(reply: Reply) -> Result:
    """A compute unit answers errors of its own with any status, and JSON in it."""
    told = reply.object()
    if "error" in told and "Output" not in told and "Error" not in told:
        raise reply.error()
    return _read(told, reply)


def _read(told: Any, reply: Reply) -> Result:
    if not isinstance(told, dict):
        raise reply.error("the answer is no result")
    try:
        # An error comes with empty lists, which a result of ours has not.
        error = told.get("Error")
        return Result({"Error": error, "GasUsed": told.get("GasUsed", 0)} if error else told)
    except AoError as problem:
        raise reply.error(f"the answer is no result: {problem}") from None


def _id(text: Any, field: str) -> str:
    """Nothing but an id becomes part of a URL."""
    found = getattr(text, "id", text)
    if not is_id(found):
        raise InputError(f"must be an id of 43 characters, found {shown(found)}", field=field)
    return str(found)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise InputError(f"holds what is no JSON: a {type(value).__name__}", field="message")
