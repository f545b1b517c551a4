"""`NetworkProcess`: one process of a network, as people use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError
from ..models import Message, Result, Waiting
from ..process import Process
from .client_items import named_message, named_values
from .core import Core
from .evaluation import Evaluation
from .sent import Sent

__all__ = ["NetworkProcess"]

__tracebackhide__ = True


class NetworkProcess:
    """A process of a network. `handle` and `eval` send as a wallet does; the others look, and change nothing."""

    __slots__ = ("_network", "id")

    def __init__(self, network: Core, id: str) -> None:
        self._network = network
        self.id = id

    @property
    def network(self) -> Core:
        """The network that it is in."""
        return self._network

    @property
    def address(self) -> str:
        """The id."""
        return self.id

    @property
    def name(self) -> str:
        """What people call it in this network: its tag Name, its file, or a part of its id."""
        return self._network.label(self.id)

    @property
    def owner(self) -> str:
        """The address of its owner: of a spawned one the messenger."""
        return self._process.owner

    @property
    def count(self) -> int:
        """How many messages it has had, its own among them."""
        return len(self._network.scheduler.schedule(self.id).assignments)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What it has evaluated, ticks too, in order."""
        return tuple(self._network.compute.unit(self.id).evaluations)

    @property
    def spawn_result(self) -> Result:
        """The result of its own message."""
        result = self.evaluations[0].result
        assert result is not None
        return result

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The handlers that wait inside of a message."""
        return self._process.waiting

    def handle(self, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Sent:
        """Send it a message: from the wallet that `From` names, by name or address, else from its owner."""
        return self._network.handle(self.id, message, **fields)

    def eval(self, code: str | bytes) -> Sent:
        """Have Lua code evaluated, as its owner's Eval."""
        given = self._process.eval_message(code)
        return self._network.handle(self.id, Owner=given["Owner"], Action="Eval", Data=code)

    def get(self, path: str) -> Any:
        """Look at a value of its state: `Process.get`."""
        return self._process.get(path)

    def outline(self, keys: Sequence[str | bytes | int | float | bool] = (), first: int = 0, most: int = 100) -> Any:
        """Look at one table of its state, at a cost that does not grow with what it holds: `Process.outline`."""
        return self._process.outline(keys, first, most)

    def dry_run(self, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> Result:
        """Evaluate a message of which nothing is to stay, and nothing is sent: `Process.dry_run`."""
        return self._process.dry_run(named_message(message), **named_values(fields))

    def monitor(self) -> None:
        """From now on what its cron ticks send is delivered; without that they are evaluated, and no more."""
        self._network.monitor(self.id, True)

    def unmonitor(self) -> None:
        """No longer deliver what its ticks send."""
        self._network.monitor(self.id, False)

    def at(self, nonce: int) -> Process:
        """A process of its own, out of the network, at the moment after message `nonce`.

        Raises `InputError` where there is no such message, and for one before the snapshot that the network was
        restored from.
        """
        numbers = self._network.compute.unit(self.id).nonces
        if isinstance(nonce, bool) or not isinstance(nonce, int) or not 0 <= nonce < len(numbers):
            raise InputError(
                f"there is no message {nonce!r}", field="nonce", advice=f"there are 0 to {len(numbers) - 1}"
            )
        return self._process.at(numbers[nonce])

    def fork(self) -> Process:
        """A process of its own, out of the network, as this one is now."""
        return self._process.fork()

    @property
    def _process(self) -> Process:
        return self._network.compute.process(self.id)

    def __str__(self) -> str:
        """The id."""
        return self.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NetworkProcess) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<process {self.name} {self.id}, {self.count} messages>"
