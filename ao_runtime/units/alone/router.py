"""`serve_router`: a router on its own, in front of others' units."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import InputError
from ...models import shown
from ...network import is_id
from ..listening import listen
from ..routing import Routing
from ..server import check_libraries
from .options import port_of, unit_url

__all__ = ["RouterOptions", "serve_router"]


@dataclass
class RouterOptions:
    """How requests are routed.

    unit
        Whose routes the router has: "cu" or "mu".
    hosts
        URLs of such units.
    port
        None is the router's own, 4005; 0 any that is free.
    redirect
        Whether clients are sent to the host by 307; else they are answered from there.
    su
        The URL of the scheduler unit that knows whose a process is: needed for `owners` and `from_modules`.
    processes, owners, from_modules
        Hosts of processes, by their ids, by the addresses of their owners, and by the modules of those that have
        spawned them.
    """

    unit: str
    hosts: tuple[str, ...]
    port: int | None = None
    redirect: bool = False
    su: str | None = None
    processes: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    from_modules: Mapping[str, str] = field(default_factory=dict)


def serve_router(options: RouterOptions, ready: Callable[[dict[str, Any]], None]) -> None:
    """Route until SIGTERM or SIGINT comes; `ready` is told `urls`, `hosts` and `pid` as soon as somebody listens.

    Raises `InputError` for options that make no sense and where libraries are missing, `NetworkError` for a port that
    is taken.
    """
    check_libraries()
    routing = _routing(options)
    from ..border import Border
    from ..metrics import Metrics
    from ..router import Router
    from ..running import run
    from .app import Alone

    listening = listen(port_of("ur", options.port), ("ur",))
    try:
        metrics = Metrics()
        router = Router(options.unit, routing, redirect=options.redirect, su=options.su and unit_url(options.su, "su"))
        told = {"urls": listening.urls, "hosts": [*routing.hosts], "pid": os.getpid()}
        run(Border(Alone(router.app(), lambda: metrics.text({})), metrics), listening, lambda: ready(told))
    finally:
        listening.close()


def _routing(options: RouterOptions) -> Routing:
    if options.unit not in ("cu", "mu"):
        raise InputError(f"must be cu or mu, found {shown(options.unit)}", field="routes")
    if not options.hosts:
        raise InputError("a router needs hosts", field="hosts", advice="--hosts http://one:4004,http://two:4004")
    for name, given in (("owner-host", options.owners), ("from-module-host", options.from_modules)):
        if given and options.su is None:
            raise InputError("whose a process is is asked at a scheduler unit", field=name, advice="--su URL")
    maps: list[dict[str, str]] = []
    for name, given in (
        ("process-host", options.processes),
        ("owner-host", options.owners),
        ("from-module-host", options.from_modules),
    ):
        found = {}
        for id, url in given.items():
            if name != "owner-host" and not is_id(id):
                raise InputError(f"must be an id of 43 characters, found {shown(id)}", field=name)
            found[id] = unit_url(url, name)
        maps.append(found)
    return Routing(tuple(unit_url(one, "hosts") for one in options.hosts), *maps)
