"""The explorer of a network in this program, without a port: what it answers, and what a page consists of."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx

from ao_runtime.network import Network
from ao_runtime.units.front import app
from ao_runtime.units.hub import Hub
from ao_runtime.units.worker import Worker

__all__ = ["Asked", "Page", "asked"]

URLS = {
    unit: f"http://localhost:{4000 + at}" for at, unit in enumerate(("gateway", "uploader", "mu", "su", "cu", "ur"))
}


class Asked:
    """A network, and its explorer. Nothing is delivered: what is on its way stays so."""

    def __init__(self, network: Network) -> None:
        self.network = network
        pending = [*network.messenger.pending]
        network.messenger.pending.clear()
        self.worker = Worker(network)
        self.worker.problem = "it is stopped for the test"
        network.messenger.pending.extend(pending)
        self.hub = Hub(network, self.worker, URLS, frozenset({"localhost:4000"}))
        self.app = app(self.hub, {4000: "gateway"})

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """Ask the gateway's port."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=URLS["gateway"], timeout=60) as client:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers=named)

        return asyncio.run(ask())

    def page(self, path: str) -> Page:
        """A page of the explorer."""
        answer = self.get("/explorer" + path)
        if answer.status_code == 302:
            answer = self.get(answer.headers["location"])
        return Page(answer)


@contextmanager
def asked(network: Network) -> Iterator[Asked]:
    """The explorer of a network, which is closed afterwards."""
    one = Asked(network)
    try:
        yield one
    finally:
        one.worker.close()
        network.close()


class Page(HTMLParser):
    """A page: its elements with their attributes, and its text."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(convert_charrefs=True)
        self.answer = answer
        self.status = answer.status_code
        self.html = answer.text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._parts: list[str] = []
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, dict(attrs)))
        self._parts.append(" ")

    def handle_data(self, data: str) -> None:
        """Text."""
        self._parts.append(data)

    @property
    def text(self) -> str:
        """What there is to read, on one line."""
        return " ".join("".join(self._parts).split())

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """The elements, and the names of their attributes."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return [attributes["href"] or "" for tag, attributes in self.elements if tag == "a" and "href" in attributes]

    @property
    def steady(self) -> str:
        """The page without what changes with our Lua (instructions) and with our style (its digest)."""
        text = re.sub(r"\?[0-9a-f]{12}\"", '"', self.html)
        text = re.sub(r'(class="number">|class="gas">)[\d\u2009]+', r"\1…", text)
        return re.sub(r"[\d\u2009]+ instructions", "… instructions", text)
