"""`serve_messenger`: a messenger unit on its own, among others' scheduler, compute unit and gateway."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ...errors import InputError
from ..access import Access, read_token
from ..listening import listen
from ..server import check_libraries
from .options import KeptOptions, port_of, unit_url

__all__ = ["MessengerOptions", "serve_messenger"]


@dataclass(kw_only=True)
class MessengerOptions(KeptOptions):
    """How a messenger is served: its folder has what is on its way, its gateway what is sent to wallets (POST /tx).

    su, cu
        URLs of the units that give places, and that evaluate. Nobody else is asked but these and the gateway.
    """

    su: str | None = None
    cu: str | None = None


def serve_messenger(options: MessengerOptions, ready: Callable[[dict[str, Any]], None]) -> None:
    """Serve it until SIGTERM or SIGINT comes; `ready` is told `urls`, `addresses`, `folder`, `pid`, and whom it asks.

    Raises `InputError` for options that make no sense and where libraries are missing, `NetworkError` for a port that
    is taken, `JournalError` for a folder that cannot be used.
    """
    check_libraries()
    asked = {"su": options.su, "cu": options.cu, "gateway": options.gateway}
    missing = [f"--{name}" for name, url in asked.items() if url is None]
    if missing:
        advice = "--su http://localhost:4003 --cu http://localhost:4004 --gateway http://localhost:4000"
        raise InputError(f"a messenger needs {', '.join(missing)}", field="unit", advice=advice)
    if options.reset and options.folder is None:
        raise InputError("there is nothing to delete: a messenger in memory is always new", field="--reset")
    urls = {name: unit_url(str(url), name) for name, url in asked.items()}
    token = read_token(options.token)
    from ..border import Border
    from ..messenger_unit import messenger_unit
    from ..metrics import Metrics
    from ..running import run
    from .app import Alone, started
    from .carried import SCHEMA
    from .messaging import AloneMessaging
    from .unit_folder import UnitFolder

    with ExitStack() as stack:
        listening = listen(port_of("mu", options.port), ("mu",), host=options.host, names=options.names)
        stack.callback(listening.close)
        folder = UnitFolder(options.folder, "messenger", SCHEMA, reset=options.reset, keys=options.keys)
        stack.callback(folder.close)
        access = Access(listening.is_exposed, token)
        messaging = AloneMessaging(folder.database, folder.wallet, urls, access, listening.hosts)
        stack.callback(messaging.close)
        metrics = Metrics()
        told = {
            "urls": listening.urls,
            "addresses": {"messenger": messaging.address},
            "folder": None if options.folder is None else str(options.folder),
            **urls,
            "pid": os.getpid(),
        }
        running: list[asyncio.Task[None]] = []

        def begin() -> None:
            running.append(started(messaging.run(), "carried"))
            ready(told)

        app = Alone(messenger_unit(messaging), lambda: metrics.text(messaging.gauges))
        run(Border(app, metrics), listening, begin, messaging.stop)
