"""What a messenger unit asks of whoever carries messages: a whole network, or a messenger that is alone."""

from __future__ import annotations

from typing import Protocol

from ..items import DataItem
from .border import Guarded

__all__ = ["Messaging"]


class Messaging(Guarded, Protocol):
    """Takes what wallets send. All of it may raise a `Refusal`, and `RefusedError` or `InputError`, which are 400."""

    async def take(self, item: DataItem) -> None:
        """Bring a signed item, whose signature was checked: it has its place, and is kept, when this returns."""

    async def assign(self, process: str, message: str) -> str:
        """Have a known message evaluated by a process; the id of the assignment."""

    async def monitor(self, process: str) -> None:
        """From now on deliver what the ticks of a process send."""

    async def unmonitor(self, process: str) -> None:
        """No longer deliver them."""
