"""A real server of HTTP and websockets in the test process, that answers what was recorded, to whom it was recorded.

It knows the exchanges that are to come. A request that is none of them (path, decoded payload, recovered signer) is
told in `problems`, and answered with 599.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ao_runtime.colonies import recid

from .recordings import Exchange, bare

#: Frames that were recorded at a moment of their own come sooner here; those that end a timeout come as they did.
HASTE = 10


class Server:
    """Listens on a free port of this machine until `stop()`."""

    def __init__(self) -> None:
        self.waiting: list[Exchange] = []
        self.problems: list[str] = []
        self.keep = False
        self.lock = threading.Lock()
        outer = self

        class Handler(_Handler):
            server_of_tests = outer

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/api"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def expect(self, exchanges: Iterable[Exchange], *, keep: bool = False) -> None:
        """These and no others may come, each once; or as often as one likes, and always the first that fits."""
        self.waiting, self.problems, self.keep = list(exchanges), [], keep

    def stop(self) -> None:
        """Listen no more."""
        self.http.shutdown()
        self.http.server_close()

    def find(self, path: str, body: str) -> Exchange | None:
        """The exchange that a request belongs to, which is not waited for any more then.

        What was malformed on purpose is compared as it is, and everything else by what it says.
        """
        with self.lock:
            for place, exchange in enumerate(self.waiting):
                # The client calls `/api` below whatever URL it is given.
                if (
                    exchange.args is None
                    and exchange.request == body
                    and path in (exchange.path, f"{exchange.path}/api")
                ):
                    return exchange if self.keep else self.waiting.pop(place)
        envelope = json.loads(body)
        text = base64.b64decode(envelope["payload"])
        payload, signer = json.loads(text), recid(envelope["payload"], envelope["signature"])
        with self.lock:
            for place, exchange in enumerate(self.waiting):
                if (exchange.path, bare(exchange.sent), exchange.signer_id) == (path, bare(payload), signer):
                    assert set(envelope) == {"payloadtype", "payload", "signature"}
                    assert envelope["payloadtype"] == payload["msgtype"]
                    return exchange if self.keep else self.waiting.pop(place)
            self.problems.append(f"{path} {text.decode()} of {signer}, while waiting for: {self.waiting}")
            return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_tests: Server

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """A call."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        exchange = self.server_of_tests.find(self.path, body)
        if exchange is None or exchange.reply is None:
            answer(self.connection, 599, b"not expected", "text/plain")
        else:
            answer(self.connection, exchange.status or 0, exchange.reply.encode(), exchange.content_type or "")

    def do_GET(self) -> None:
        """A subscription."""
        self.close_connection = True
        upgrade(self.connection, self.headers["Sec-WebSocket-Key"])
        _, first = read_frame(self.connection)
        begun = time.monotonic()
        exchange = self.server_of_tests.find(self.path, first.decode())
        if exchange is None:
            return
        for seconds, text in exchange.frames or ():
            timeout = exchange.sent["timeout"]
            due = seconds if seconds >= timeout else seconds / HASTE
            time.sleep(max(begun + due - time.monotonic(), 0))
            send_text(self.connection, text)
        if exchange.end == "server dropped the connection without a close frame":
            time.sleep(max(begun + exchange.sent["timeout"] - time.monotonic(), 0))
            return
        assert exchange.end in ("client closed", "silence until the client gave up")
        with suppress(OSError, EOFError):  # The closing handshake is not answered, nor is anything else.
            while True:
                read_frame(self.connection)


def answer(connection: socket.socket, status: int, body: bytes, content_type: str) -> None:
    """An answer of HTTP in one piece."""
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def upgrade(connection: socket.socket, key: str) -> None:
    """The answer that makes a connection a websocket (RFC 6455, 4.2.2)."""
    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    accept = base64.b64encode(digest).decode()
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    connection.sendall(f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())


def send_text(connection: socket.socket, text: str | bytes) -> None:
    """A text frame."""
    data = text.encode() if isinstance(text, str) else text
    if len(data) < 126:
        head = struct.pack("!BB", 0x81, len(data))
    elif len(data) < 1 << 16:
        head = struct.pack("!BBH", 0x81, 126, len(data))
    else:
        head = struct.pack("!BBQ", 0x81, 127, len(data))
    connection.sendall(head + data)


def read_frame(connection: socket.socket) -> tuple[int, bytes]:
    """Kind and content of the client's next frame, which is masked."""
    kind, length = _exactly(connection, 2)
    assert length & 0x80
    length &= 0x7F
    if length == 126:
        (length,) = struct.unpack("!H", _exactly(connection, 2))
    elif length == 127:
        (length,) = struct.unpack("!Q", _exactly(connection, 8))
    mask = _exactly(connection, 4)
    data = _exactly(connection, length)
    return kind & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data
