"""What is printed of a message that was sent to a running network, and the exit code that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import show
from ...text import document

if TYPE_CHECKING:
    from ....models import Result

__all__ = ["tell"]


def tell(result: Result, message: str, process: str, wire: dict[str, Any], *, as_json: bool) -> int:
    """Print a result: a table for people, `{"id", "process", "result"}` for programs; the exit code."""
    if as_json:
        document({"id": message, "process": process, "result": result.to_dict(gas=True)})
    else:
        show.for_people(result, wire, number=None, limits=None)
    return show.exit_code(result)
