"""What units read of a request: bodies within limits of size and time, ids, numbers and signed items."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request

from ..errors import ItemError
from ..items import DataItem
from ..models import shown
from ..network import is_id
from .answers import Refusal

__all__ = ["BODY", "SECONDS", "body_of", "check_item", "id_in", "item_of", "json_of", "number_in", "read_json"]

#: Bytes of a body.
BODY = 10 << 20
#: Bytes of an item that is checked on the spot.
_SMALL = 64 << 10
#: Seconds that a body may take.
SECONDS = 10.0


async def body_of(request: Request, most: int = BODY) -> bytes:
    """The body of a request. Raises a `Refusal`: 413 for one that is too long, 408 for one that does not come."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        raise _too_long(most)
    parts = bytearray()
    late = False
    task = asyncio.current_task()
    assert task is not None

    def end() -> None:
        nonlocal late
        late = True
        task.cancel()

    # Not by `asyncio.wait_for`: a task of its own for each body costs more than all the rest of the reading. None is
    # needed where the server has all of it.
    whole = request.scope.get("ao.whole")
    deadline = None if whole else asyncio.get_running_loop().call_later(SECONDS, end)
    try:
        more = True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise Refusal(400, "the body broke off", close=True)
            parts.extend(message.get("body", b""))
            if len(parts) > most:
                raise _too_long(most)
            more = message.get("more_body", False)
    except asyncio.CancelledError:
        if not late:
            raise
        if hasattr(task, "uncancel"):
            task.uncancel()
        raise Refusal(408, f"the body did not come within {SECONDS:g} seconds", close=True) from None
    finally:
        if deadline is not None:
            deadline.cancel()
    return bytes(parts)


def _too_long(most: int) -> Refusal:
    return Refusal(413, f"the body has more than {most} bytes")


async def json_of(request: Request, most: int = BODY) -> Any:
    """The body as JSON. Raises a `Refusal` (400) for anything else."""
    return read_json(await body_of(request, most))


def read_json(body: bytes) -> Any:
    """The JSON that bytes are. Raises a `Refusal` (400) for anything else."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        words = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refusal(400, f"the body is no JSON: {words}") from None


async def item_of(body: bytes) -> DataItem:
    """The signed item that a body is. Raises an `ItemError` for what is none, or not signed by its owner.

    Large ones are checked in a thread beside the event loop: a small one takes less time than the way there and back.
    """
    return _checked(body) if len(body) <= _SMALL else await asyncio.to_thread(_checked, body)


def check_item(item: DataItem) -> None:
    """Raises an `ItemError` for an item that is not signed by its owner, or whose target is no id."""
    item.check()
    if item.raw_target and not is_id(item.target):
        raise ItemError("is no id", field="target")


def _checked(body: bytes) -> DataItem:
    item = DataItem.parse(body)
    check_item(item)
    return item


def id_in(text: str | None, name: str) -> str:
    """An id that stands in a path or a query. Raises a `Refusal` (400) for anything else.

    Nothing else than an id ever reaches a file or a table.
    """
    if text is None or not is_id(text):
        found = "nothing" if text is None else shown(text)
        raise Refusal(400, f"{name} must be an id of 43 characters, found {found}")
    return text


def number_in(request: Request, name: str, default: int, most: int) -> int:
    """A number in the query, 0 or more; `most` at most. Raises a `Refusal` (400) for anything else."""
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise Refusal(400, f"{name} must be a number, found {shown(text)}")
    return min(int(text), most)


def _no_constant(name: str) -> Any:
    raise ValueError(f"there is no {name} in JSON")
