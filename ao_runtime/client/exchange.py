"""One request to a unit and its answer, without any HTTP; and pages of results."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import HttpError
from ..models import Result, harmless

__all__ = ["Ask", "Call", "Edge", "Page", "Reply"]

_T = TypeVar("_T")


@dataclass
class Ask:
    """A request.

    safe
        Whether it may be sent again where no answer came: a read, or an item, whose id is one however often it comes.
    """

    unit: str
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    kind: str | None = None
    safe: bool = True
    accept: str = "application/json"
    #: Bytes of the answer, where less than usual are enough.
    most: int | None = None


@dataclass
class Reply:
    """An answer; `again` is whether the request was sent more than once."""

    unit: str
    url: str
    status: int
    body: bytes
    again: bool = False

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def error(self, problem: str | None = None) -> HttpError:
        """The answer as an error."""
        words = problem or self._said() or "an empty answer"
        return HttpError(harmless(words[:500]), unit=self.unit, url=self.url, status=self.status, body=self.text)

    def json(self) -> Any:
        """The body as JSON. Raises `HttpError` for a status that is no success, and for what is no JSON."""
        if not 200 <= self.status < 300:
            raise self.error()
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self.error("the answer is no JSON") from None

    def object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises `HttpError` for anything else."""
        found = self.json()
        if not isinstance(found, dict):
            raise self.error("the answer is no JSON object")
        return found

    def _said(self) -> str:
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return self.text
        return str(told["error"]) if isinstance(told, dict) and isinstance(told.get("error"), str) else self.text


#: What a call is: it asks, is given replies, and returns what the caller wants.
Call = Generator[Ask, Reply, _T]


@dataclass(frozen=True)
class Edge:
    """A result on a page, and its cursor, with which the next page begins."""

    cursor: str
    result: Result


@dataclass(frozen=True)
class Page:
    """A page of results, and whether there are more."""

    edges: tuple[Edge, ...]
    more: bool

    @property
    def results(self) -> tuple[Result, ...]:
        """The results alone."""
        return tuple(edge.result for edge in self.edges)
