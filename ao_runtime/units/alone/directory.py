"""`Directory`: which processes a scheduler unit knows, and what their tags say."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from ...errors import InputError
from ...network import is_id
from .nodes import read_tags
from .others import Others

__all__ = ["Directory", "Known"]

#: Processes that are remembered: their tags never change.
_MOST = 10_000


class Known(NamedTuple):
    """What a messenger needs to know of a process; None where it has no such tag."""

    module: bytes | None
    scheduler: bytes | None


class Directory:
    """Asks the scheduler unit, once for each process. Raises `HttpError` where it does not answer, or wrongly."""

    def __init__(self, others: Others) -> None:
        self._others = others
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._address: str | None = None

    async def find(self, process: str) -> Known | None:
        """A process; None for whatever is none."""
        known = self._known.get(process)
        if known is not None:
            self._known.move_to_end(process)
            return known
        if not is_id(process):
            return None
        reply = await self._others.get("su", f"/processes/{process}")
        if reply.status in (400, 404):
            return None
        told = reply.object()
        try:
            tags = read_tags(told, "process")
        except InputError as error:
            raise reply.error(str(error)) from None
        first = {name: value.encode("utf-8", "replace") for name, value in reversed(tags)}
        found = self._known[process] = Known(first.get("Module"), first.get("Scheduler"))
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found

    async def address(self) -> str:
        """The scheduler's own address."""
        if self._address is None:
            reply = await self._others.get("su", "/")
            address = reply.object().get("address")
            if not is_id(address):
                raise reply.error("says no address")
            self._address = str(address)
        return self._address
