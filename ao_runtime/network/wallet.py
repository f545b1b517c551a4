"""`NetworkWallet`: somebody who is no process: sends, and has an inbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..models import Message
from .core import Core
from .sent import Sent

__all__ = ["NetworkWallet"]

__tracebackhide__ = True


class NetworkWallet:
    """A wallet of a network: a name for people, and an address of 43 characters. `Network.wallet` makes them."""

    __slots__ = ("_network", "address", "name")

    def __init__(self, network: Core, name: str, address: str) -> None:
        self._network = network
        self.name = name
        self.address = address

    @property
    def id(self) -> str:
        """The address."""
        return self.address

    def send(self, to: Any, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Sent:
        """Send a message to a process: it is evaluated, and all that follows from it, unless `net.auto` is off.

        `to` is a process, or its id or name. The message is given as to `Process.handle`; processes and wallets among
        the values stand for their ids. On the network it is as the client's: with SDK, Data-Protocol, Variant and Type
        after its own tags, and a space for no data.

        Raises `RefusedError` where there is no such process, and for what a messenger or scheduler refuses;
        `InputError` for a message that makes no sense; `EndlessChainError` where what follows does not end.
        """
        return self._network.send(self.address, to, message, **fields)

    def assign(self, message: Any, to: Any) -> Sent:
        """Have a message that is known (by its id, or a `Sent`) evaluated by another process too."""
        return self._network.assign(message, to)

    @property
    def inbox(self) -> list[Message]:
        """The messages that were sent to this address, in the order in which they came."""
        return self._network.mail(self.address)

    def __str__(self) -> str:
        """The address."""
        return self.address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NetworkWallet) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"<wallet {self.name} {self.address}>"
