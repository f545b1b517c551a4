"""What each call of `Sdk` asks of which endpoint, and what it makes of the answer (spec: ao-sdk)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InputError
from ..items import DataItem
from ..models import Result, shown
from ..network import is_id
from .exchange import Ask, Call
from .sdk_answers import SdkOutput, SdkProcess, SdkSent, SdkSpawned, SdkStatus, SdkTick, read, read_result

__all__ = [
    "assign",
    "compute",
    "create",
    "cron",
    "info",
    "message",
    "messages",
    "monitor",
    "output",
    "process",
    "relay",
    "send",
    "state",
    "status",
    "submit",
    "terminate",
    "tick",
]

_JSON = "application/json"
_BINARY = "application/octet-stream"
Tags = Mapping[str, str] | Iterable[Mapping[str, str]] | None


def create(module: str | None, lua: str | None, given: dict[str, Any]) -> Call[SdkSpawned]:
    """Create a process."""
    if (module is None) == (lua is None):
        raise InputError("is a module's id or lua: give one of them", field="module")
    body = {"module": {"lua": lua} if module is None else _id(module, "module"), **_told(given)}
    reply = yield _post("/process", body)
    return read(SdkSpawned, reply.json(), reply)


def process(id: str) -> Call[SdkProcess]:
    """What a process is."""
    reply = yield Ask("gateway", "GET", f"/process/{_id(id, 'process')}")
    return read(SdkProcess, reply.json(), reply)


def state(id: str, to: int | None) -> Call[bytes]:
    """Its state as bytes."""
    query = {} if to is None else {"to": str(to)}
    reply = yield Ask("gateway", "GET", f"/process/{_id(id, 'process')}", query, accept=_BINARY)
    if reply.status != 200:
        raise reply.error()
    return reply.body


def terminate(id: str) -> Call[None]:
    """End a process."""
    (yield Ask("gateway", "DELETE", f"/process/{_id(id, 'process')}", {}, b"{}", _JSON)).json()


def send(to: str, data: str | bytes | None, given: dict[str, Any]) -> Call[SdkSent]:
    """Send a message."""
    body: dict[str, Any] = {"to": _id(to, "to"), **_told(given)}
    if isinstance(data, bytes):
        body["data_base64"] = b64encode(data).decode()
    elif data is not None:
        body["data"] = data
    reply = yield _post("/message", body)
    return read(SdkSent, reply.json(), reply)


def status(id: str, process: str | None) -> Call[SdkStatus]:
    """What became of a message."""
    query = {} if process is None else {"process-id": _id(process, "process")}
    reply = yield Ask("gateway", "GET", f"/message/{_id(id, 'message')}", query)
    return read(SdkStatus, reply.json(), reply)


def submit(item: DataItem | bytes) -> Call[str]:
    """Put a signed item in order: the same one again is no other one."""
    reply = yield Ask("gateway", "POST", "/scheduler", {}, bytes(item), _BINARY)
    if reply.again and reply.status == 409:
        return DataItem.parse(bytes(item)).id
    return _text(reply.object(), "id", reply)


def assign(process: str, message: str, exclude: Iterable[str]) -> Call[str]:
    """Put a known message in another process's order."""
    body: dict[str, Any] = {"process-id": _id(process, "process"), "assign": _id(message, "message")}
    reply = yield _post("/scheduler", body | ({"exclude": [*exclude]} if exclude else {}))
    return _text(reply.object(), "id", reply)


def messages(process: str, after: int | str | None, to: int | str | None, limit: int) -> Call[list[dict[str, Any]]]:
    """A range of a process's messages."""
    reply = yield Ask("gateway", "GET", f"/scheduler/{_id(process, 'process')}", _range(after, to, limit))
    found = reply.json()
    if not isinstance(found, list):
        raise reply.error("the answer is no list")
    return found


def message(process: str, id: str) -> Call[dict[str, Any]]:
    """One of them."""
    query = {"process-id": _id(process, "process")}
    return (yield Ask("gateway", "GET", f"/scheduler/{_id(id, 'message')}", query)).object()


def compute(process: str, id: str) -> Call[Result]:
    """The result of a message."""
    reply = yield Ask("gateway", "POST", f"/compute/{_id(process, 'process')}/message/{_latest(id)}", {}, b"", _JSON)
    return read_result(reply.object().get("result"), reply)


def output(process: str, id: str) -> Call[SdkOutput | None]:
    """What a message gave; None where it was not evaluated yet."""
    reply = yield Ask("gateway", "GET", f"/compute/{_id(process, 'process')}/message/{_latest(id)}")
    told = reply.json()
    return None if reply.status == 202 else read(SdkOutput, told, reply)


def relay(id: str, target: str) -> Call[str]:
    """Relay a message to another process; the assignment's id."""
    reply = yield _post("/messenger", {"message_id": _id(id, "message"), "target_process": _id(target, "target")})
    return _text(reply.object(), "id", reply)


def monitor(id: str, begin: bool) -> Call[None]:
    """Deliver what a process's ticks send, or no longer."""
    path = f"/messenger/monitor/{_id(id, 'process')}"
    reply = yield Ask("gateway", "POST" if begin else "DELETE", path, {}, b"{}", _JSON)
    if not (reply.again and not begin and reply.status == 404):
        reply.json()


def cron(process: str, after: int | str | None, to: int | str | None, limit: int) -> Call[list[SdkTick]]:
    """The ticks of a range."""
    reply = yield Ask("gateway", "GET", f"/cron/{_id(process, 'process')}", _range(after, to, limit))
    found = reply.json()
    if not isinstance(found, list):
        raise reply.error("the answer is no list")
    return [read(SdkTick, one, reply) for one in found]


def tick(process: str, index: int, push: bool) -> Call[SdkTick]:
    """A tick now."""
    reply = yield _post(f"/cron/{_id(process, 'process')}", {"index": index, "push": push})
    return read(SdkTick, reply.json(), reply)


def info() -> Call[dict[str, Any]]:
    """What the network says of itself."""
    return (yield Ask("gateway", "GET", "/info")).object()


# ── parts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _post(path: str, body: dict[str, Any]) -> Ask:
    """What the server signs is another one each time: it is not sent again where no answer came."""
    try:
        content = json.dumps(body).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"holds what is no JSON: {error}", field="request") from None
    return Ask("gateway", "POST", path, {}, content, _JSON, safe=False)


def _told(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, without what was not; tags as a list."""
    told = {name: value for name, value in given.items() if value is not None}
    if "tags" in told and not isinstance(told["tags"], Mapping):
        told["tags"] = [dict(tag) for tag in told["tags"]]
    return told


def _range(after: int | str | None, to: int | str | None, limit: int) -> dict[str, str]:
    found = {"from": after, "to": to, "limit": limit}
    return {name: str(value) for name, value in found.items() if value is not None}


def _latest(id: str) -> str:
    return id if id == "latest" else _id(id, "message")


def _text(told: dict[str, Any], name: str, reply: Any) -> str:
    found = told.get(name)
    if not isinstance(found, str):
        raise reply.error(f"the answer has no {name}")
    return found


def _id(text: Any, field: str) -> str:
    """Nothing but an id becomes part of a URL."""
    if not is_id(text):
        raise InputError(f"must be an id of 43 characters, found {shown(text)}", field=field)
    return str(text)
