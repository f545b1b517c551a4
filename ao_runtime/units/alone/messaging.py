"""`AloneMessaging`: takes what wallets send, and carries what that sets off, without a network around it."""

from __future__ import annotations

from typing import Any

from ...errors import HttpError, JournalError, RefusedError
from ...items import DataItem, Wallet
from ...models import harmless
from ...network import check_item, item_of_signed, short
from ..access import Access
from ..answers import Refusal
from ..worker import LOG
from .carried import Carried, waiting
from .carrying import Carrying, PlaceError
from .database import Database
from .directory import Directory
from .effects import Effects
from .others import Others
from .ticks import Ticks, monitored
from .writer import Writer

__all__ = ["AloneMessaging"]


class AloneMessaging:
    """As `Messaging`, between a scheduler unit, a compute unit and a gateway.

    urls
        Of `su`, `cu` and `gateway`.
    hosts
        What a `Host` may say where something is asked for that nobody has signed.
    """

    def __init__(
        self, database: Database, wallet: Wallet, urls: dict[str, str], access: Access, hosts: frozenset[str]
    ) -> None:
        self._database = database
        self._wallet = wallet
        self._access = access
        self._hosts = hosts
        self._writer = Writer(database, lambda: None)
        self._others = Others(urls)
        self._directory = Directory(self._others)
        effects = Effects(wallet, self._directory)
        self._carrying = Carrying(self._writer, self._others, effects)
        self._ticks = Ticks(database.read(monitored), self._carrying, self._others, effects)

    @property
    def access(self) -> Access:
        """Who may do what nobody has signed for."""
        return self._access

    @property
    def hosts(self) -> frozenset[str]:
        """What the server is called."""
        return self._hosts

    @property
    def address(self) -> str:
        """The messenger's address."""
        return self._wallet.ao_address

    @property
    def gauges(self) -> dict[str, tuple[str, float]]:
        """What there is to measure."""
        carrying = self._carrying
        told = {
            "ao_pending": ("What is on its way.", carrying.waiting),
            "ao_delivered": ("What has arrived since the start.", carrying.delivered),
            "ao_lost": ("What could not be delivered since the start.", carrying.lost),
            "ao_monitored": ("Processes whose ticks are carried.", len(self._ticks)),
        }
        return {name: (words, float(value)) for name, (words, value) in told.items()}

    async def run(self) -> None:
        """Go on with what was on its way, and look at ticks, until it is cancelled."""
        self._carrying.begin(self._database.read(waiting), again=True)
        try:
            await self._ticks.run()
        finally:
            await self._carrying.close()
            await self._others.close()

    def close(self) -> None:
        """Write what waits to be written."""
        self._writer.close()

    # ── what wallets ask for ───────────────────────────────────────────────────────────────────────────────────

    async def take(self, item: DataItem) -> None:
        """Bring an item to the scheduler; it is kept here, and has its place there, when this returns."""
        one = item_of_signed(item)
        check_item(one)
        process = one.id if one.is_process else one.target
        if not one.is_process and await self._asked(self._directory.find(process)) is None:
            raise RefusedError(f"there is no process {short(process) or 'without an id'}", message=one.action)
        row = Carried("process" if one.is_process else "message", "", process, one.id, one.id, bytes(item))
        await self._asked(self._carrying.take(row))

    async def assign(self, process: str, message: str) -> str:
        """Have the scheduler assign it; the id of the assignment."""
        if await self._asked(self._directory.find(process)) is None:
            raise Refusal(500, f"Error: Process not found: {process}")
        placed = await self._asked(self._carrying.take(Carried("assignment", "", process, message, None)))
        return str(placed.message)

    async def monitor(self, process: str) -> None:
        """From now on carry what its ticks send."""
        if process in self._ticks:
            raise Refusal(500, "Process already being monitored")
        if await self._asked(self._directory.find(process)) is None:
            raise RefusedError(f"there is no process {short(process)}")
        await self._asked(self._ticks.begin(process))

    async def unmonitor(self, process: str) -> None:
        """No longer carry it."""
        if process not in self._ticks:
            raise Refusal(500, "Process monitor not found")
        await self._asked(self._ticks.end(process))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _asked(self, asked: Any) -> Any:
        """What comes of something that others are asked for, or that is kept here."""
        try:
            return await asked
        except PlaceError as error:
            raise Refusal(400, f"Error: {error.text}") from None
        except HttpError as error:
            LOG.warning("%s", harmless(str(error)))
            raise Refusal(502, f"the {error.unit} did not answer: {harmless(error.problem)}") from None
        except JournalError as error:
            LOG.error("%s", error)
            raise Refusal(400, "what this messenger keeps cannot be written now") from None
