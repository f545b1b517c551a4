"""The pytest item that runs now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["item_at_work", "items"]

#: Innermost last.
items: list[pytest.Item] = []


def item_at_work() -> pytest.Item | None:
    """The test that pytest runs now; None outside of one."""
    return items[-1] if items else None
