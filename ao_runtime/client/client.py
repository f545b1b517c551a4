"""`connect` and `Client`: ao Connect for Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..models import Message, Result
from . import calls
from .exchange import Page
from .session import Session
from .transport import Transport

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["Client", "connect"]

__tracebackhide__ = True


def connect(
    url: str | None = None,
    *,
    mu: str | None = None,
    cu: str | None = None,
    gateway: str | None = None,
    wallet: Wallet | None = None,
    timeout: float = 60.0,
    retries: int = 4,
) -> Client:
    """A client of a network.

    url
        Of a network that `ao-run serve` serves: `http://localhost:4000`. Its units are under it.
    mu, cu, gateway
        Of a unit each, on any network; nobody else is ever asked, and no proxy.
    wallet
        Who signs, where a call names nobody.
    timeout
        Seconds to wait for an answer.
    retries
        How often a request is sent again where none came, if that is safe: reads, and items, whose ids are one however
        often they come. Waits are 0.2 seconds and twice as long each time.

    Nothing is asked before the first call. Raises `InputError` for what makes no sense.
    """
    return Client(Session.of(url, {"mu": mu, "cu": cu, "gateway": gateway}, wallet, timeout, retries))


class Client(Transport):
    """A client of a network, for threads. `connect` makes one; close it, or use it as a context manager.

    All calls raise `HttpError` for what a unit refuses and where none answers, `InputError` for what makes no sense.
    Processes and messages are given by their ids.
    """

    def spawn(
        self,
        data: str | bytes | None = None,
        *,
        module: str | None = None,
        scheduler: str | None = None,
        authority: str | None = None,
        tags: Any = None,
        wallet: Wallet | None = None,
    ) -> str:
        """Start a process; its id.

        `module` is aos 2.0.6 if it is not given; `scheduler`, and `authority`, whose messages the process trusts, are
        what the gateway says of the network, or legacynet's. Code in `data` runs at the start with the tag
        `On-Boot=Data`.
        """
        signer = self._session.signer(wallet)
        return self._run(calls.spawn(signer, module, scheduler, authority, data, tags))

    def message(
        self,
        process: str,
        message: Mapping[str, Any] | Message | None = None,
        *,
        wallet: Wallet | None = None,
        **fields: Any,
    ) -> str:
        """Send a message to a process, in any shape that `Process.handle` takes; its id."""
        return self._run(calls.message(self._session.signer(wallet), process, message, fields))

    def result(self, process: str, message: str) -> Result:
        """The result of a message, by its id or its assignment's; of a process's own id that of its boot."""
        return self._run(calls.result(process, message))

    def results(
        self,
        process: str,
        *,
        from_: str | None = None,
        to: str | None = None,
        sort: str = "ASC",
        limit: int = 25,
    ) -> Page:
        """A page of a process's results, without errors. `from_` and `to` are cursors; the first is left out."""
        return self._run(calls.results(process, from_, to, sort, limit))

    def dryrun(
        self,
        process: str,
        message: Mapping[str, Any] | Message | None = None,
        *,
        wallet: Wallet | None = None,
        **fields: Any,
    ) -> Result:
        """Evaluate a message of which nothing stays. Its `Owner` is the wallet's address if none is given."""
        return self._run(calls.dry_run(wallet or self._session.wallet, process, message, fields))

    def assign(self, process: str, message: str, *, base_layer: bool = False, exclude: Iterable[str] = ()) -> str:
        """Have a known message evaluated by another process too; the assignment's id."""
        return self._run(calls.assign(process, message, base_layer, tuple(exclude)))

    def monitor(self, process: str, *, wallet: Wallet | None = None) -> str:
        """From now on deliver what a process's cron ticks send; the id of the item that says so."""
        return self._run(calls.monitor(self._session.signer(wallet), process, True))

    def unmonitor(self, process: str, *, wallet: Wallet | None = None) -> str:
        """No longer deliver it."""
        return self._run(calls.monitor(self._session.signer(wallet), process, False))
