"""`serve`: a network over HTTP, until somebody says that it is enough."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..isolation import Pool
from ..models import Limits, shown
from ..network import Network, RealClock
from .access import Access, read_token
from .listening import PORT, Listening, listen
from .worker import LOG, Worker

__all__ = ["APART", "Options", "check_libraries", "open_network", "serve", "workers_of"]

#: For each child that evaluates so many more, each for one process that takes long.
APART = 16


@dataclass
class Options:
    """How a network is served.

    folder
        Where the network is kept; None is in memory.
    port
        The gateway's; the units have the five after it. None is 4000; 0 any that are free.
    reset
        Whether what is in the folder is deleted before.
    modules
        Modules beside the published ones: id, and a dialect, a file `.wasm` or a folder.
    workers
        Child processes that evaluate: None is one for each processor; 0 evaluates in the server itself, where code
        that nothing can interrupt (a hostile pattern) stops everything.
    host
        An address of this machine where it listens beside 127.0.0.1 and ::1; "0.0.0.0" is all of them. What changes
        something that nobody has signed for is off then, without a `token`.
    names
        What it is called there: a request that changes something must name it so.
    token
        Who sends it (`Authorization: Bearer`) may change such things; nobody else may then, not even here.
    limits
        Of each message; None are the defaults, or those of the network in the folder.
    keys
        Of the units and the local user: "ed25519" or "rsa" (4096 bits, as on the real network; made when the network
        is new, which takes some seconds). None is Ed25519, or those of the network in the folder, which keeps them.
    """

    folder: Path | None = None
    port: int | None = None
    reset: bool = False
    modules: Mapping[str, str] = field(default_factory=dict)
    workers: int | None = None
    limits: Limits | None = None
    host: str | None = None
    names: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    keys: str | None = None


def serve(options: Options, ready: Callable[[dict[str, Any]], None]) -> None:
    """Serve a network until SIGTERM or SIGINT comes; then requests are answered, and what is on its way is kept.

    `ready` is told where everything is, as soon as somebody listens there: `urls`, `addresses`, `modules`, `folder`,
    `pid`. Raises `InputError` for options that make no sense and where libraries are missing, `NetworkError` for a port
    that is taken, `JournalError` for a folder that cannot be used.
    """
    check_libraries()
    workers = workers_of(options.workers)
    with ExitStack() as stack:
        token = read_token(options.token)
        listening = listen(PORT if options.port is None else options.port, host=options.host, names=options.names)
        stack.callback(listening.close)
        # What takes long is kept apart from what does not, up to a bound.
        pool = stack.enter_context(Pool(workers, apart=APART * workers)) if workers else None
        network = open_network(options, pool)
        stack.callback(network.close)
        _serve(network, listening, Access(listening.is_exposed, token), options, ready)


def open_network(options: Options, pool: Pool | None, follows: str | None = None) -> Network:
    """The network of a folder, or a new one: that of a whole server, or one that `follows` a scheduler unit.

    Raises as `serve`.
    """
    # `seed` makes the keys of the network's units: it is nobody else's.
    given: dict[str, Any] = {"modules": options.modules} if options.modules else {}
    given["isolated"] = pool
    if options.limits is not None:
        given["limits"] = options.limits
    if options.keys is not None:
        given["keys"] = options.keys
    if options.folder is not None and options.reset:
        _reset(options.folder)
    if options.folder is None or not (options.folder / "network.json").exists():
        given |= {"clock": RealClock(), "signed": True, "seed": secrets.token_hex(32), "follows": follows}
        if options.keys == "rsa":
            LOG.info("making RSA keys for the units: this takes some seconds, and is done once")
    if options.folder is None:
        return Network(**given)
    network = Network.open(options.folder, **given)
    if network.given["signed"] is not True:
        network.close()
        raise InputError(
            "holds a network in which nothing is signed: clients could not read it",
            field=str(options.folder),
            advice="another folder, or --reset",
        )
    if network.scheduler.follows != follows:
        kept = network.scheduler.follows
        network.close()
        raise InputError(
            "holds a whole network" if kept is None else f"holds a compute unit that follows {kept}",
            field=str(options.folder),
            advice="another folder, or --reset" if kept is None else f"--unit cu --su {kept}",
        )
    return network


def workers_of(number: int | None) -> int:
    """How many children evaluate. Raises `InputError` for what is no such number."""
    if number is None:
        return os.cpu_count() or 1
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 64:
        raise InputError(f"must be a number, 0 to 64, found {shown(number)}", field="workers")
    return number


def _reset(folder: Path) -> None:
    """Delete what a network has in a folder, and nothing else."""
    if not folder.exists():
        return
    if not (folder / "network.json").is_file():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        raise InputError("holds no network: nothing is deleted", field=str(folder))
    # Nobody may be writing there.
    Network.open(folder).close()
    for name in ("processes", "stored", "waiting"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in folder.glob("network*"):
        if path.is_file():
            path.unlink()
    # Last: a network could not be opened, and so not be reset, without its keys.
    shutil.rmtree(folder / "keys", ignore_errors=True)


def _serve(
    network: Network, listening: Listening, access: Access, options: Options, ready: Callable[[dict[str, Any]], None]
) -> None:
    from .front import app
    from .hub import Hub
    from .running import run

    worker = Worker(network, None if network.pool is None else network.pool.close)
    hub = Hub(network, worker, listening.urls, listening.hosts, access=access)
    told = {
        "urls": listening.urls,
        "addresses": {"scheduler": hub.scheduler, "messenger": hub.messenger, "compute": hub.compute},
        "modules": [*network.modules.given],
        "folder": None if options.folder is None else str(options.folder),
        "pid": os.getpid(),
    }
    try:
        run(
            app(hub, {port: unit for unit, port in listening.ports.items()}),
            listening,
            lambda: ready(told),
            hub.ending.set,
        )
    finally:
        LOG.info("stopping: %d deliveries are on their way", len(network.messenger.pending))
        worker.close()


def check_libraries() -> None:
    """Raises `InputError` for a library that is missing, with how to install it."""
    packages = {
        "starlette": "starlette",
        "uvicorn": "uvicorn",
        "httptools": "httptools",
        "graphql": "graphql-core",
        "jinja2": "jinja2",
    }
    for name, package in packages.items():
        try:
            __import__(name)
        except ImportError:
            advice = "pip install starlette uvicorn httptools graphql-core jinja2 cryptography coincurve"
            raise InputError(f"a server needs {package}, which is not installed", advice=advice) from None
