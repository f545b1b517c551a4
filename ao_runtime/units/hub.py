"""`Hub`: what all units of a server have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ..items import DataItem, Wallet
from ..network import Evaluation, Network, SignedMaker
from .chain import Chain
from .metrics import Metrics
from .worker import Worker

__all__ = ["Hub"]

_T = TypeVar("_T")
#: The name of the local user's wallet.
_USER = "local user"


@dataclass
class Hub:
    """The network of a server, and how it is known outside."""

    network: Network
    worker: Worker
    #: Where each unit is reached: `{"gateway": "http://localhost:4000", …}`, without a slash at the end.
    urls: dict[str, str]
    #: What a `Host` may say where a route changes something that nobody has signed: `localhost:4000`, …
    hosts: frozenset[str]
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.chain = Chain(self.network, self.urls)
        maker = self.network.maker
        #: Who signs what the user of this machine asks for without a signature: a key of this network's own.
        self.user: Wallet | None = maker.wallet(_USER) if isinstance(maker, SignedMaker) else None
        if self.user is not None:
            self.network.labels.add(self.user.ao_address, _USER)

    async def call(self, job: Callable[[], _T]) -> _T:
        """Do something with the network, in its own thread; the event loop goes on meanwhile."""
        return await asyncio.wrap_future(self.worker.submit(job))

    async def receive(self, item: DataItem) -> Evaluation:
        """Bring a signed item to the network (`Network.receive`)."""
        return await asyncio.wrap_future(self.worker.receive(item))

    @property
    def scheduler(self) -> str:
        """The scheduler's address."""
        return self.network.scheduler.address

    @property
    def messenger(self) -> str:
        """The messenger's address."""
        return self.network.messenger.address

    @property
    def compute(self) -> str:
        """The compute unit's address."""
        return self.network.maker.address("compute unit of the network")

    def key(self, address: str) -> str:
        """The public key of one of the network's own units; nothing for anybody else's."""
        maker = self.network.maker
        return (maker.public_key(address) or "") if isinstance(maker, SignedMaker) else ""
