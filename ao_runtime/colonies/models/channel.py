"""What goes through the channels of a process."""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar

from ...errors import InputError
from .base import Wire

__all__ = ["ChannelEntry"]


class ChannelEntry(Wire):
    """One message in a channel.

    `payload` is base64. `msgtype` (`type` on the wire) is "data", "end", "error", or whatever its sender has written.
    `sequence` is the sender's own count, and `inreplyto` one of another sender's. `error` is set where the server says
    that a subscriber was too slow, and that entries are missing.
    """

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"inreplyto", "error"})

    sequence: int = 0
    inreplyto: int = 0
    timestamp: str = ""
    senderid: str = ""
    payload: str = ""
    msgtype: str = ""
    error: str = ""

    def payload_bytes(self) -> bytes:
        """The payload; InputError if it is no base64."""
        try:
            return base64.b64decode(self.payload, validate=True)
        except (binascii.Error, ValueError):
            raise InputError("is no base64", field="payload") from None

    def payload_as_string(self) -> str:
        """The payload as text: UTF-8, with U+FFFD in place of what is none."""
        return self.payload_bytes().decode(errors="replace")

    @property
    def data(self) -> str:
        """The payload as text."""
        return self.payload_as_string()
