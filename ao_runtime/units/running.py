"""`run`: an app on open ports, until somebody says that it is enough."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from starlette.types import ASGIApp

from .forks import without_sockets
from .listening import Listening

__all__ = ["run"]

#: Seconds that requests have to end when the server is told to.
_DRAIN = 10
#: Seconds in which a kept connection may say nothing.
_IDLE = 65
#: Seconds after which a thread lets the other one have its turn.
_TURN = 0.0005
#: Objects that come before new ones are looked through for circles; rounds of that before older ones are, and all.
_COLLECT = (10_000, 20, 50)
#: Files that may be open.
_FILES = 4096


def run(
    app: ASGIApp, listening: Listening, ready: Callable[[], None], ending: Callable[[], None] = lambda: None
) -> None:
    """Serve until SIGTERM or SIGINT comes; `ready` is called as soon as somebody listens, `ending` when it stops."""
    import uvicorn

    from .protocol import Protocol

    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_DRAIN,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ready()

        async def shutdown(self, sockets: Any = None) -> None:
            ending()
            await super().shutdown(sockets)

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn's own raises the signal again at the end, which would be no good end.
            before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGTERM, signal.SIGINT)}
            try:
                yield
            finally:
                for one, handler in before.items():
                    signal.signal(one, handler)

    # Two threads take turns all the time: at the usual 5 ms each would wait for the other longer than it works.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    _allow_files()
    try:
        with without_sockets(), _seldom_collected():
            asyncio.run(Server(config).serve(listening.sockets))
    finally:
        sys.setswitchinterval(interval)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Nearly all that a message leaves is kept, and the rest is in no circles: to look for those is seldom worth it."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _allow_files() -> None:
    """Have as many files open as the system lets us: each connection is one, and each open journal three."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
