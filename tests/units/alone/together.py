"""`Together`: a network of single units, each a process of its own; its gateway is that of a whole network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.units.serving import SECONDS, Served

__all__ = ["Together"]


class Together(Served):
    """Scheduler, messenger and compute unit on their own, in folders or in memory; to be asked as one server."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.gateway = Served()
        gateway = self.gateway.urls["gateway"]
        self.units: dict[str, Served] = {}
        self.urls = {"gateway": gateway, "uploader": self.gateway.urls["uploader"]}
        try:
            self.start("su", "--gateway", gateway)
            self.start("cu", "--su", self.urls["su"], "--gateway", gateway)
            self.start("mu", "--su", self.urls["su"], "--cu", self.urls["cu"], "--gateway", gateway)
        except BaseException:
            self.close()
            raise
        self.scheduler = self.units["su"].ready["addresses"]["scheduler"]
        self.messenger = self.units["mu"].ready["addresses"]["messenger"]
        self.http = httpx.Client(timeout=SECONDS, trust_env=False)

    def start(self, unit: str, *options: str, port: int = 0) -> None:
        """Start a unit; on the port that it had where it is started again."""
        folder = [] if self._folder is None else [str(self._folder / unit)]
        self.units[unit] = Served("--unit", unit, *folder, *options, port=port)
        self._options = {**getattr(self, "_options", {}), unit: options}
        self.urls[unit] = self.units[unit].urls[unit]

    def again(self, unit: str) -> None:
        """Kill a unit (SIGKILL), and start it on the same port."""
        port = int(self.urls[unit].rpartition(":")[2])
        self.units[unit].process.kill()
        self.units[unit].close()
        self.start(unit, *self._options[unit], port=port)

    @property
    def log(self) -> str:
        """What all of them said on stderr."""
        return "\n".join(f"{name}: {one.log}" for name, one in self.units.items())

    def get(self, unit: str, path: str, **query: Any) -> httpx.Response:
        """Ask a unit. What is on its way is known to the messenger alone."""
        return super().get("mu" if path == "/metrics" else unit, path, **query)

    def close(self) -> None:
        """Stop all."""
        for one in [*self.units.values(), self.gateway]:
            one.close()
        if hasattr(self, "http"):
            self.http.close()
