"""`Hub`: what all units of a server have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from ..items import DataItem, Wallet
from ..network import UNIT_WALLETS, Evaluation, Network, SignedMaker, Steps, Waiting
from .access import Access
from .chain import Chain
from .metrics import Metrics
from .reply import Reply
from .uploads import Uploads
from .weave import Weave
from .worker import Worker

__all__ = ["Hub"]

_T = TypeVar("_T")
#: The name of the local user's wallet.
_USER = UNIT_WALLETS["user"]


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
    access: Access = field(default_factory=Access)
    #: Set when the server is told to stop: answers that have no end have one then.
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        network = self.network
        self.chain = Chain(network, self.urls, self.worker.lanes.is_evaluated)
        #: Where the data of the chain's own transactions lies.
        self.weave = Weave(network)
        files = None if network.keeper is None else Waiting(network.keeper.waiting)
        #: Transactions whose data is still coming.
        self.uploads = Uploads(files, lambda id: network.storage.item(id) is not None, self.weave.has)
        # What waits for the disk is in nobody's way but that of other uploads.
        self._uploading = ThreadPoolExecutor(1, "ao-uploads")
        self.worker.wait(self._store_what_waited)
        maker = self.network.maker
        #: Who signs what the user of this machine asks for without a signature: a key of this network's own.
        self.user: Wallet | None = maker.wallet(_USER) if isinstance(maker, SignedMaker) else None
        if self.user is not None:
            self.network.labels.add(self.user.ao_address, _USER)

    def _store_what_waited(self) -> None:
        """A kill may have come between the last chunk and its answer."""
        self.weave.update()
        for key, items in self.uploads.complete():
            self.weave.store(items)
            self.uploads.end(key, items)

    async def call(self, job: Callable[[], _T]) -> _T:
        """Do something with the network that takes no time, in its own thread."""
        reply: Reply[_T] = Reply()
        self.worker.submit(job, reply)
        return await reply

    async def upload(self, job: Callable[[], _T]) -> _T:
        """Do something with `uploads`, which may wait for the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._uploading, job)

    async def beside(self, process: str, job: Callable[[], _T]) -> _T:
        """Do something with one process that may take long, between its messages; others go on meanwhile."""
        reply: Reply[_T] = Reply()
        self.worker.beside(process, job, reply)
        return await reply

    async def take(self, process: str, steps: Callable[[], Steps[_T]]) -> _T:
        """Do something in steps that begins with an evaluation of `process`."""
        reply: Reply[_T] = Reply()
        self.worker.take(process, steps, reply)
        return await reply

    async def receive(self, item: DataItem) -> Evaluation:
        """Bring a signed item to the network (`Network.receive`)."""
        return await self.take(item.target or item.id, lambda: self.network.receiving(item))

    async def evaluated(self, process: str, message: str) -> None:
        """Wait until a message, by its id or its assignment's, was evaluated; not at all where there is none."""
        reply: Reply[None] = Reply()
        self.worker.evaluated(process, message, reply)
        await reply

    async def tick(self, process: str) -> None:
        """Evaluate the ticks of a process that are due, and deliver what they send where it is monitored."""
        reply: Reply[None] = Reply()
        self.worker.tick(process, reply)
        await reply

    async def tick_now(self, process: str, index: int, push: bool) -> Evaluation:
        """Evaluate a tick out of turn, and deliver what it sends if that is wanted (`Messenger.tick_now`)."""
        reply: Reply[Evaluation] = Reply()
        self.worker.tick_now(process, index, push, reply)
        return await reply

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
        return self.network.maker.address(UNIT_WALLETS["compute"])

    def key(self, address: str) -> str:
        """The public key of one of the network's own units; nothing for anybody else's."""
        maker = self.network.maker
        return (maker.public_key(address) or "") if isinstance(maker, SignedMaker) else ""
