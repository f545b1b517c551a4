"""What a scheduler unit asks of whoever gives the places: a whole network, or a scheduler that is alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from starlette.responses import Response

from ..items import DataItem
from ..network import Assignment
from .access import Access
from .nodes import Keys

__all__ = ["Places", "Scheduling"]


class Places(Protocol):
    """The order of each process. All of it None where there is no such process."""

    def first(self, process: str) -> Assignment | None:
        """The place of a process's own item."""

    def last(self, process: str) -> Assignment | None:
        """The place that was given last."""

    def find(self, process: str, id: str) -> Assignment | None:
        """The place of a message, by its id or that of its assignment."""

    def page(
        self, process: str, after: int, last: int, limit: int, *, by_nonce: bool
    ) -> tuple[list[Assignment], bool] | None:
        """Places behind `after` up to `last`, timestamps or nonces, `limit` at most; and whether there are more."""


class Scheduling(Keys, Protocol):
    """Gives places, and shows them."""

    @property
    def address(self) -> str:
        """The scheduler's address."""

    @property
    def access(self) -> Access:
        """Who may do what nobody has signed for."""

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""

    @property
    def height(self) -> int:
        """The height of the chain's last block."""

    async def take(self, item: DataItem) -> Assignment:
        """Give a signed item, whose signature was checked, its place: it is kept when this returns.

        Raises `RefusedError` for what has none.
        """

    async def assign(self, process: str, message: str, exclude: tuple[str, ...]) -> Assignment:
        """Give a message that is known a place in another process's order, without the fields of `exclude`.

        Raises `RefusedError` where one of them is not known.
        """

    async def answer(self, read: Callable[[Places], Any]) -> Response:
        """What is read of the places, as JSON. It may raise a `Refusal`."""
