"""`Asking`: what a messenger asks a scheduler, a compute unit and a gateway, of whom none is believed blindly."""

from __future__ import annotations

from typing import Any

from ...client import Ask, Reply
from ...errors import HttpError
from ...network import is_id
from .carried import Carried
from .others import Others

__all__ = ["Asking", "PlaceError", "may_pass"]

#: Refusals that may pass.
_PASSING = {408, 425, 429, 500, 502, 503, 504}


class PlaceError(Exception):
    """The scheduler, or of mail the gateway, has refused something; `text` is what it said."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def may_pass(error: HttpError) -> bool:
    """Whether another attempt may help: not where somebody says that it is the request that is wrong."""
    return error.status is None or not 400 <= error.status < 500 or error.status in _PASSING


class Asking:
    """Asks once. Raises `HttpError` where nobody answers, where a refusal may pass, and for an answer that is none."""

    def __init__(self, others: Others) -> None:
        self._others = others

    async def place(self, row: Carried, *, doubtful: bool) -> Carried:
        """Have something placed by the scheduler, or mail kept by the gateway: the row as it is then.

        `doubtful` is whether the scheduler may have had it before: that it is there already is as good then. Raises
        `PlaceError` for a refusal.
        """
        if row.kind == "mail":
            _taken(await self._others.send("gateway", row.raw, "/tx"))
            return row
        if row.kind == "assignment":
            return await self._assign(row, doubtful)
        reply = await self._others.send("su", row.raw)
        there = reply.status == 400 and "already exists" in reply.text and (reply.again or doubtful)
        if not there and _taken(reply).object().get("id") != row.message:
            # Somebody says yes who has not understood what it was.
            raise reply.error("names another message than the one that was sent")
        return row._replace(placed=True)

    async def result(self, process: str, message: str) -> dict[str, Any]:
        """The result of a message, whose form nobody has looked at."""
        reply = await self._others.get("cu", f"/result/{message}", process_id=process)
        told = reply.object()
        if told.keys().isdisjoint(("Messages", "Output", "Error")):
            raise reply.error(None if "error" in told else "is no result")
        return told

    async def _assign(self, row: Carried, doubtful: bool) -> Carried:
        id = await self._assigned(row) if doubtful else None
        if id is None:
            query = {"process-id": row.process, "assign": row.message}
            # Each that arrives is another one: it is not sent again where no answer came.
            reply = await self._others.ask(Ask("su", "POST", "", query, safe=False))
            id = _taken(reply).object().get("id")
            if not is_id(id):
                raise reply.error("gives an assignment no id")
        # A wallet's assignment is what all is for that follows; a process's is for nothing (correction 8).
        return row._replace(placed=True, message=str(id), pushed_for=None if row.sender else str(id))

    async def _assigned(self, row: Carried) -> str | None:
        """The id of an assignment that the scheduler has."""
        reply = await self._others.get("su", f"/{row.message}", process_id=row.process)
        if reply.status in (400, 404):
            return None
        assignment = reply.object().get("assignment")
        id = assignment.get("id") if isinstance(assignment, dict) else None
        return str(id) if is_id(id) else None


def _taken(reply: Reply) -> Reply:
    """An answer that says yes. Raises `PlaceError` for a refusal, `HttpError` for one that may pass."""
    if 200 <= reply.status < 300:
        return reply
    error = reply.error()
    if may_pass(error):
        raise error
    raise PlaceError(f"{reply.status}: {reply.text[:1000]}")
