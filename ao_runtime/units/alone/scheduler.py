"""`serve_scheduler`: a scheduler unit on its own, among others' messengers, compute units and gateway."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ...errors import HttpError, InputError, NetworkError
from ..access import Access, read_token
from ..listening import listen
from ..server import check_libraries
from .options import KeptOptions, port_of, unit_url

__all__ = ["SchedulerOptions", "serve_scheduler"]


@dataclass(kw_only=True)
class SchedulerOptions(KeptOptions):
    """How a scheduler is served: its gateway knows the chain's height, and what was not taken here.

    uploader
        Where what is taken goes on to; None is the gateway.
    """

    uploader: str | None = None


def serve_scheduler(options: SchedulerOptions, ready: Callable[[dict[str, Any]], None]) -> None:
    """Serve it until SIGTERM or SIGINT comes; `ready` is told `urls`, `addresses`, `gateway`, `folder` and `pid`.

    Raises `InputError` for options that make no sense and where libraries are missing, `NetworkError` for a port that
    is taken and for a gateway that does not answer, `JournalError` for a folder that cannot be used.
    """
    check_libraries()
    if options.gateway is None:
        raise InputError("a scheduler needs a gateway", field="gateway", advice="--gateway http://localhost:4000")
    if options.reset and options.folder is None:
        raise InputError("there is nothing to delete: a scheduler in memory is always new", field="--reset")
    urls = {"gateway": unit_url(options.gateway, "gateway")}
    urls["uploader"] = urls["gateway"] if options.uploader is None else unit_url(options.uploader, "uploader")
    token = read_token(options.token)
    from ..border import Border
    from ..metrics import Metrics
    from ..running import run
    from ..scheduler_unit import scheduler_unit
    from .app import Alone, started
    from .places import SCHEMA
    from .scheduling import AloneScheduling
    from .unit_folder import UnitFolder, check_folder

    with ExitStack() as stack:
        listening = listen(port_of("su", options.port), ("su",), host=options.host, names=options.names)
        stack.callback(listening.close)
        if options.folder is not None:
            check_folder(options.folder, "scheduler", reset=options.reset)
        # Before anything is made or deleted.
        height = asyncio.run(_height(urls))
        folder = UnitFolder(options.folder, "scheduler", SCHEMA, reset=options.reset, keys=options.keys)
        stack.callback(folder.close)
        access = Access(listening.is_exposed, token)
        scheduling = AloneScheduling(folder.database, folder.wallet, urls, height, access)
        stack.callback(scheduling.close)
        metrics = Metrics()
        told = {
            "urls": listening.urls,
            "addresses": {"scheduler": scheduling.address},
            "folder": None if options.folder is None else str(options.folder),
            "gateway": urls["gateway"],
            "pid": os.getpid(),
        }
        running: list[asyncio.Task[None]] = []

        def begin() -> None:
            running.append(started(scheduling.run(listening.urls["su"]), "uploaded"))
            ready(told)

        def text() -> str:
            own = {
                "ao_processes": ("Processes of the scheduler.", scheduling.processes),
                "ao_places": ("Places that were given.", scheduling.places),
                "ao_uploads": ("Places and what they are of that the uploader does not have yet.", scheduling.waiting),
                "ao_block_height": ("The height of the gateway's last block.", scheduling.height),
            }
            return metrics.text({name: (said, float(value)) for name, (said, value) in own.items()})

        run(Border(Alone(scheduler_unit(scheduling), text), metrics), listening, begin)


async def _height(urls: dict[str, str]) -> int:
    """The chain's height. Raises `NetworkError` where the gateway does not say it."""
    from .gateway import Gateway
    from .others import Others
    from .scheduling import GATEWAY_SECONDS

    async with Others({"gateway": urls["gateway"]}, retries=1) as others:
        try:
            return await Gateway(others, GATEWAY_SECONDS).height()
        except HttpError as error:
            raise NetworkError(
                f"the gateway says no block height: {error}", advice="--gateway names one that runs"
            ) from None
