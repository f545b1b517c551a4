"""The units of a network in this program, asked without a connection: by its own clock, and with all of it at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from ao_runtime.network import Network
from ao_runtime.units.front import app
from ao_runtime.units.hub import Hub
from ao_runtime.units.worker import Worker

__all__ = ["asked"]

URL = "http://localhost:4000"


def asked(network: Network, requests: Sequence[tuple[str, str]]) -> list[httpx.Response]:
    """The answers to methods and paths (`/cu/results/…`), one after the other."""
    # A long time: ticks of monitored processes come when a test says so.
    worker = Worker(network, poll=3600)
    urls = {"gateway": URL, **{unit: f"{URL}/{unit}" for unit in ("uploader", "mu", "su", "cu", "ur")}}

    async def ask() -> list[httpx.Response]:
        hub = Hub(network, worker, urls, frozenset({"localhost:4000"}))
        transport = httpx.ASGITransport(app=app(hub, {}))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            return [await http.request(method, path) for method, path in requests]

    try:
        return asyncio.run(ask())
    finally:
        worker.close()
