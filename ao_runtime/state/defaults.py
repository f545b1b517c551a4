"""What a caller leaves out of a message, filled in: always the same for the same calls.

==============  =====================================================================================
``Id``          43 characters from SHA-256 of the process's id and the number of the message
``From``        the process that sent it (the tag `From-Process`), else the message's `Owner`, else the process's owner
``Owner``       the message's `From`
``Target``      the process's id
``Module``      the module's id, if the environment names one
``Timestamp``   1 700 000 000 000 for the first message, then one millisecond more than the last message's
``Block-Height``  1 000 000 for the first message, then the last message's
==============  =====================================================================================

A message in the network's form has all that it needs, and is handed on as it is.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from copy import copy
from hashlib import sha256
from typing import Any

from ..models import is_complete

__all__ = ["FIRST_BLOCK_HEIGHT", "FIRST_TIMESTAMP", "Defaults", "made_id"]

FIRST_TIMESTAMP = 1_700_000_000_000
FIRST_BLOCK_HEIGHT = 1_000_000


def made_id(*parts: object) -> str:
    """43 characters that look like a network's id, made from `parts`; the same for the same parts."""
    digest = sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


class Defaults:
    """Fills in messages to one process; knows how many there were, and what the last one said of time."""

    def __init__(self, process_id: str, owner: str, module: str | None) -> None:
        self._id = process_id
        self._owner = owner
        self._module = module
        self._count = 0
        self._timestamp: Any = FIRST_TIMESTAMP - 1
        self._height: Any = FIRST_BLOCK_HEIGHT

    def put(self, count: int, timestamp: Any, height: Any) -> None:
        """Go on after so many messages, the last of which had this Timestamp and this Block-Height."""
        self._count = count
        self._timestamp = timestamp
        self._height = height

    def fill(self, wire: dict[str, Any]) -> None:
        """Fill in what is missing in `wire`, in place. None is missing too.

        To a message in the network's form nothing is added; but a process's own message has the module among its tags
        on the network, and modules rely on it.
        """
        if is_complete(wire):
            if wire.get("Id") == self._id and self._module is not None and wire.get("Module") is None:
                wire["Module"] = self._module
            self.saw(wire["Timestamp"], wire["Block-Height"])
            return
        count = self._count = self._count + 1
        get = wire.get
        sender = get("From")
        if sender is None:
            # As a compute unit does: what a process sent is from that process, whoever brought it.
            sender = wire["From"] = _from_process(wire) or get("Owner") or self._owner
        if get("Owner") is None:
            wire["Owner"] = sender
        if get("Id") is None:
            wire["Id"] = made_id(self._id, count)
        if get("Target") is None:
            wire["Target"] = self._id
        if self._module is not None and get("Module") is None:
            wire["Module"] = self._module
        height = get("Block-Height")
        if height is None:
            wire["Block-Height"] = self._height
        else:
            self._height = height
        timestamp = get("Timestamp")
        if timestamp is None:
            timestamp = wire["Timestamp"] = _after(self._timestamp)
        self._timestamp = timestamp

    def fill_unscheduled(self, wire: dict[str, Any]) -> None:
        """Fill in a message that is not scheduled: its time is by default that of the last one. Notes nothing."""
        other = copy(self)
        if wire.get("Timestamp") is None and self._count:
            wire["Timestamp"] = self._timestamp
        other.fill(wire)

    def saw(self, timestamp: Any, height: Any) -> None:
        """Note a message in which nothing was missing."""
        self._count += 1
        self._timestamp = timestamp
        self._height = height

    def was_at(self, timestamp: Any, height: Any) -> None:
        """Note the time of the last message, which is another one than it was given."""
        self._timestamp = timestamp
        self._height = height


def _from_process(wire: dict[str, Any]) -> str | None:
    for tag in wire.get("Tags") or ():
        if tag.get("name") == "From-Process":
            value = tag.get("value")
            return value if isinstance(value, str) and value else None
    return None


def _after(timestamp: Any) -> int:
    """One millisecond after `timestamp`, which a caller may have given as digits."""
    try:
        return int(timestamp) + 1
    except (TypeError, ValueError, OverflowError):
        return FIRST_TIMESTAMP
