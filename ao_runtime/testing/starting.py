"""The network that a project's tests begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..network import Network

__all__ = ["network_of_project"]

__tracebackhide__ = True


def network_of_project(folder: Path) -> Network:
    """An empty network of the dialect, and with the modules, that the project in `folder` names.

    Raises `InputError` for a project's file that makes no sense.
    """
    from ..network import Network
    from ..projects import configure

    known = configure(folder)
    return Network(dialect=known.dialect if known.is_given("dialect") else None, modules=known.modules or None)
