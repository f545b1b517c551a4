"""`Sdk`: ao-sdk's endpoints for Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..models import Result
from . import sdk_calls as calls
from .sdk_answers import SdkOutput, SdkProcess, SdkSent, SdkSpawned, SdkStatus, SdkTick
from .sdk_calls import Tags
from .session import Session
from .transport import Transport

if TYPE_CHECKING:
    from ..items import DataItem

__all__ = ["Sdk"]

__tracebackhide__ = True


class Sdk(Transport):
    """ao-sdk's endpoints on a network that `ao-run serve` serves, for threads.

    url
        The gateway's: `http://localhost:4000`.
    timeout
        Seconds to wait for an answer.
    retries
        How often a request is sent again where none came, if that is safe: reads, and signed items.

    The server signs, as its local user. All calls raise `HttpError` for what is refused and where nobody answers,
    `InputError` for what makes no sense. Processes and messages are given by their ids; times are milliseconds.
    """

    def __init__(self, url: str, *, timeout: float = 120.0, retries: int = 4) -> None:
        super().__init__(Session.of(None, {"mu": None, "cu": None, "gateway": url}, None, timeout, retries))

    def create(
        self,
        module: str | None = None,
        *,
        lua: str | None = None,
        scheduler: str | None = None,
        memory_limit: str | None = None,
        compute_limit: int | str | None = None,
        cron_interval: str | None = None,
        cron_tags: Mapping[str, str] | None = None,
        name: str | None = None,
        tags: Tags = None,
        data: str | None = None,
        on_boot: str | None = None,
        authority: list[str] | None = None,
    ) -> SdkSpawned:
        """Create a process of a module, or of the default one that boots with `lua`.

        `memory_limit` is a size (`64-mb`), `compute_limit` a number of instructions, `cron_interval` `10-minutes`.
        """
        given = {
            "scheduler": scheduler,
            "memory_limit": memory_limit,
            "compute_limit": compute_limit,
            "cron_interval": cron_interval,
            "cron_tags": None if cron_tags is None else dict(cron_tags),
            "name": name,
            "tags": tags,
            "data": data,
            "on_boot": on_boot,
            "authority": authority,
        }
        return self._run(calls.create(module, lua, given))

    def process(self, process: str) -> SdkProcess:
        """What a process is, and how far it has come."""
        return self._run(calls.process(process))

    def state(self, process: str, to: int | None = None) -> bytes:
        """The state of a process, now or at a time: what `Process.restore` takes."""
        return self._run(calls.state(process, to))

    def terminate(self, process: str) -> None:
        """End a process of the local user's, for good."""
        return self._run(calls.terminate(process))

    def send(
        self,
        to: str,
        data: str | bytes | None = None,
        *,
        action: str | None = None,
        tags: Tags = None,
        anchor: str | None = None,
        from_process: str | None = None,
        read_only: bool = False,
        wait: bool = False,
    ) -> SdkSent:
        """Send a message. With `read_only` nothing of it stays; with that or `wait` it comes back with its result."""
        given = {"action": action, "tags": tags, "anchor": anchor, "from_process": from_process}
        return self._run(calls.send(to, data, {**given, "read_only": read_only, "wait": wait}))

    def status(self, message: str, process: str | None = None) -> SdkStatus:
        """What became of a message, by its id or its assignment's."""
        return self._run(calls.status(message, process))

    def submit(self, item: DataItem | bytes) -> str:
        """Put a signed message or process in order; nothing that it sends is delivered. Its id."""
        return self._run(calls.submit(item))

    def assign(self, process: str, message: str, exclude: Iterable[str] = ()) -> str:
        """Put a known message in the order of another process; nothing is delivered. The assignment's id."""
        return self._run(calls.assign(process, message, exclude))

    def messages(
        self, process: str, *, after: int | str | None = None, to: int | str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """The messages of a process in a range of times or ids, `after` not with it, as a scheduler unit has them."""
        return self._run(calls.messages(process, after, to, limit))

    def message(self, process: str, message: str) -> dict[str, Any]:
        """One of them."""
        return self._run(calls.message(process, message))

    def compute(self, process: str, message: str = "latest") -> Result:
        """The result of a message; of the last one, if none is named."""
        return self._run(calls.compute(process, message))

    def output(self, process: str, message: str = "latest") -> SdkOutput | None:
        """What a message gave, in its parts; None where it was not evaluated yet."""
        return self._run(calls.output(process, message))

    def relay(self, message: str, target: str) -> str:
        """Relay a message to another process, and deliver what comes of it; the assignment's id."""
        return self._run(calls.relay(message, target))

    def monitor(self, process: str) -> None:
        """From now on deliver what a process's ticks send."""
        return self._run(calls.monitor(process, True))

    def unmonitor(self, process: str) -> None:
        """No longer deliver it."""
        return self._run(calls.monitor(process, False))

    def cron(
        self, process: str, *, after: int | str | None = None, to: int | str | None = None, limit: int = 500
    ) -> list[SdkTick]:
        """The ticks of a process in a range of times or cursors, `after` not with it; those that are due are there."""
        return self._run(calls.cron(process, after, to, limit))

    def tick(self, process: str, index: int = 0, *, push: bool = True) -> SdkTick:
        """Evaluate a tick of the Cron-Interval of that number now; with `push` what it sends is delivered."""
        return self._run(calls.tick(process, index, push))

    def info(self) -> dict[str, Any]:
        """What the network says of itself: its units, addresses and modules."""
        return self._run(calls.info())
