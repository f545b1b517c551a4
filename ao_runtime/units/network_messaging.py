"""The messenger of a whole network, as its messenger unit asks for it."""

from __future__ import annotations

from ..items import DataItem
from ..network import Evaluation, Steps
from .access import Access
from .answers import Refusal
from .hub import Hub

__all__ = ["NetworkMessaging"]


class NetworkMessaging:
    """What is taken is evaluated at once; what it sends is on its way then."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._network = hub.network

    @property
    def access(self) -> Access:
        """The server's."""
        return self._hub.access

    @property
    def hosts(self) -> frozenset[str]:
        """What the server is called."""
        return self._hub.hosts

    async def take(self, item: DataItem) -> None:
        """Bring an item; it was evaluated when this returns."""
        await self._hub.receive(item)

    async def assign(self, process: str, message: str) -> str:
        """Evaluate it there, too; the assignment's id."""

        def assigning() -> Steps[Evaluation]:
            if process not in self._network.scheduler:
                raise Refusal(500, f"Error: Process not found: {process}")
            return self._network.messenger.assigning(process, message)

        found = (await self._hub.take(process, assigning)).assignment
        assert found is not None
        return found.id

    async def monitor(self, process: str) -> None:
        """From now on deliver what its ticks send."""

        def begin() -> None:
            if process in self._network.messenger.monitored:
                raise Refusal(500, "Process already being monitored")
            if process in self._network.scheduler.terminated:
                raise Refusal(410, f"the process {process} was terminated")
            self._network.monitor(process, True)

        await self._hub.call(begin)

    async def unmonitor(self, process: str) -> None:
        """No longer deliver them."""

        def end() -> None:
            if process not in self._network.messenger.monitored:
                raise Refusal(500, "Process monitor not found")
            self._network.monitor(process, False)

        await self._hub.call(end)
