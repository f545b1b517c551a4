"""`serve_compute`: a compute unit on its own: it evaluates what others' scheduler unit has put in order."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from ...errors import InputError
from ...isolation import Pool
from ...network import Network
from ..access import Access, read_token
from ..listening import Listening, listen
from ..server import APART, Options, check_libraries, open_network, workers_of
from ..worker import Worker
from .options import port_of, unit_url

__all__ = ["ComputeOptions", "serve_compute"]


@dataclass
class ComputeOptions(Options):
    """As those of a whole network; the folder keeps what was evaluated.

    su, gateway
        URLs of the units that it asks, and of nobody else.
    """

    su: str | None = None
    gateway: str | None = None


def serve_compute(options: ComputeOptions, ready: Callable[[dict[str, Any]], None]) -> None:
    """Serve a compute unit until SIGTERM or SIGINT comes.

    `ready` is told `urls`, `addresses`, `modules`, `folder`, `su`, `gateway` and `pid` as soon as somebody listens.
    Raises as `serve` does.
    """
    check_libraries()
    if options.su is None or options.gateway is None:
        raise InputError("a compute unit needs a scheduler unit and a gateway", field="unit", advice="--su, --gateway")
    options = replace(options, su=unit_url(options.su, "su"), gateway=unit_url(options.gateway, "gateway"))
    workers = workers_of(options.workers)
    with ExitStack() as stack:
        token = read_token(options.token)
        listening = listen(port_of("cu", options.port), ("cu",), host=options.host, names=options.names)
        stack.callback(listening.close)
        pool = stack.enter_context(Pool(workers, apart=APART * workers)) if workers else None
        network = open_network(options, pool, options.su)
        stack.callback(network.close)
        _serve(network, listening, Access(listening.is_exposed, token), options, ready)


def _serve(
    network: Network,
    listening: Listening,
    access: Access,
    options: ComputeOptions,
    ready: Callable[[dict[str, Any]], None],
) -> None:
    from ..border import Border
    from ..compute_unit import compute_unit
    from ..hub import Hub
    from ..running import run
    from .app import Alone
    from .following import Following
    from .others import Others

    assert options.su is not None
    assert options.gateway is not None
    worker = Worker(network, None if network.pool is None else network.pool.close)
    hub = Hub(network, worker, listening.urls, listening.hosts, access=access)
    following = Following(hub, Others({"su": options.su, "gateway": options.gateway}))
    network.storage.beyond = following.data
    network.compute.blocks = following.blocks
    told = {
        "urls": listening.urls,
        "addresses": {"compute": hub.compute},
        "modules": [*network.modules.given],
        "folder": None if options.folder is None else str(options.folder),
        "su": options.su,
        "gateway": options.gateway,
        "pid": os.getpid(),
    }

    def gauges() -> dict[str, tuple[str, float]]:
        return {"ao_processes": ("Processes that were evaluated.", float(network.scheduler.count))}

    app = Alone(compute_unit(hub, following), lambda: hub.metrics.text(gauges()))
    try:
        run(Border(app, hub.metrics), listening, lambda: ready(told), hub.ending.set)
    finally:
        worker.close()
