"""Which unit a request is for: by its port, or on the gateway's by the beginning of its path."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .border import Border
from .compute_unit import compute_unit
from .explorer import explorer
from .gateway import gateway
from .hub import Hub
from .messenger_unit import messenger_unit
from .network_messaging import NetworkMessaging
from .network_scheduling import NetworkScheduling
from .router_unit import router_unit
from .scheduler_unit import scheduler_unit
from .sdk import is_own, sdk_unit
from .uploader import uploader

__all__ = ["Front", "app"]


def app(hub: Hub, ports: Mapping[int, str]) -> ASGIApp:
    """The ASGI app of a whole network; `ports` say which unit listens where."""
    return Border(Front(hub, ports), hub.metrics)


class Front:
    """All units of a network. A port that nobody has named is the gateway's."""

    def __init__(self, hub: Hub, ports: Mapping[int, str]) -> None:
        self._hub = hub
        self._ports = ports
        self._units: dict[str, ASGIApp] = {
            "gateway": gateway(hub),
            "uploader": uploader(hub),
            "mu": messenger_unit(NetworkMessaging(hub)),
            "su": scheduler_unit(NetworkScheduling(hub)),
            "cu": compute_unit(hub),
            "ur": router_unit(hub),
            "sdk": sdk_unit(hub),
            "explorer": explorer(hub),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope["path"]
        if scope["method"] in ("GET", "HEAD") and path in ("/healthcheck", "/metrics"):
            scope["ao.unit"], scope["ao.route"] = "server", path
            response = self._health() if path == "/healthcheck" else self._metrics()
            await response(scope, receive, send)
            return
        name = self._ports.get((scope.get("server") or ("", 0))[1], "gateway")
        if name == "gateway" and path == "/" and _is_browser(scope):
            scope["ao.unit"], scope["ao.route"] = "gateway", "/"
            await RedirectResponse("/explorer", 302, {"Vary": "Accept"})(scope, receive, send)
            return
        if name == "gateway":
            first, _, rest = path[1:].partition("/")
            if is_own(path):
                name = "sdk"
                scope["path"] = "/" + rest if first == "api" else path
            elif first in self._units and first not in ("gateway", "sdk"):
                name, scope["path"] = first, "/" + rest
        await self._units[name](scope, receive, send)

    def _health(self) -> PlainTextResponse:
        problem = self._hub.worker.problem
        if problem is None:
            return PlainTextResponse("OK")
        return PlainTextResponse(f"nothing is delivered any more: {problem}\n", 200)

    def _metrics(self) -> PlainTextResponse:
        network, worker = self._hub.network, self._hub.worker
        gauges = {
            "ao_processes": ("Processes of the network.", network.scheduler.count),
            "ao_pending": ("Deliveries that are on their way.", len(network.messenger.pending)),
            "ao_delivered": ("Deliveries since the start.", worker.delivered),
            "ao_monitored": ("Processes whose ticks are delivered.", len(network.messenger.monitored)),
            "ao_healthy": ("1 as long as messages are delivered.", float(worker.problem is None)),
        }
        text = self._hub.metrics.text({name: (told, float(value)) for name, (told, value) in gauges.items()})
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _is_browser(scope: Scope) -> bool:
    """Whether a page is asked for, and no data: clients of a gateway take anything, or JSON."""
    return scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get("accept", "").lower()
