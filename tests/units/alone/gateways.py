"""Gateways for tests: what a scheduler that is alone asks, answered as the test wants it, and what goes up noted."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ao_runtime.items import Bundle, DataItem

__all__ = ["Gateway", "Raw", "gateway", "raw_server"]

Answer = tuple[int, dict[str, str], bytes]


class Gateway:
    """A gateway and uploader, which unpacks bundles. `answers` are those of single paths, `known` the ids that it has."""

    def __init__(self, port: int = 0) -> None:
        self.height: Any = 1_234_567
        self.known: set[str] = set()
        #: Items that came alone or in a bundle, and the bundles, which are no such items.
        self.uploaded: list[DataItem] = []
        self.bundles: list[DataItem] = []
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, Answer] = {}
        #: The status of an upload; a bundle has the highest one of its items.
        self.status: Callable[[DataItem], int] = lambda item: 200
        one = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body are two writes: else each answer waits for an acknowledgement.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                one.asked.append((self.command, self.path))
                status, told, content = one.answers.get(self.path) or one._answer(self.command, self.path, body)
                self.send_response(status)
                for key, value in told.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_POST = do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            connections: set[socket.socket] = set()  # noqa: RUF012

            def process_request(self, request: Any, client_address: Any) -> None:
                self.connections.add(request)
                super().process_request(request, client_address)

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Connections that the scheduler's end, or ours, has closed."""

        self._server = Server(("127.0.0.1", port), Handler)
        self._server.connections = set()
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Be gone: also for those who are connected."""
        self._server.shutdown()
        self._server.server_close()
        for one in self._server.connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    @property
    def ids(self) -> list[str]:
        """The ids of what has gone up."""
        return [item.id for item in self.uploaded]

    def _answer(self, method: str, path: str, body: bytes) -> Answer:
        if path == "/info":
            return 200, {}, json.dumps({"height": self.height}).encode()
        if path == "/graphql":
            ids = [id for id in json.loads(body)["variables"]["ids"] if id in self.known]
            edges = [{"node": {"id": id}} for id in ids]
            return 200, {}, json.dumps({"data": {"transactions": {"edges": edges}}}).encode()
        if path == "/tx":
            item = DataItem.parse(body)
            item.check()
            items = Bundle.inside(item).items if item.is_bundle else [item]
            status = max(map(self.status, items))
            if status == 200:
                self.uploaded += items
                self.bundles += [item] if item.is_bundle else []
            return status, {}, b"{}"
        return (200 if path[1:] in self.known else 404), {}, b""


@contextmanager
def gateway(port: int = 0) -> Iterator[Gateway]:
    """One for a test."""
    one = Gateway(port)
    try:
        yield one
    finally:
        with suppress(OSError):
            one.close()


class Raw:
    """Says to whoever comes what it is given, byte for byte, after the first of a request was read."""

    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.connections = 0
        self._chunks = chunks
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Be gone."""
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                one, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(one,), daemon=True).start()

    def _talk(self, one: socket.socket) -> None:
        with one, suppress(OSError):
            one.recv(65536)
            for chunk in self._chunks():
                one.sendall(chunk)


@contextmanager
def raw_server(chunks: Callable[[], Iterator[bytes]]) -> Iterator[Raw]:
    """One for a test."""
    one = Raw(chunks)
    try:
        yield one
    finally:
        one.close()
