"""A server that does what a test says with each connection: to answer nonsense, to hang, to break off."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .recordings import opened
from .server import answer, read_frame, upgrade

Script = Callable[[socket.socket, int], None]


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    """The URL of a server that runs the script for each connection, with its number, and then closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError, EOFError):
            script(connection, number)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(10)
                thread = threading.Thread(target=serve, args=(connection, len(threads)), daemon=True)
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def read_request(connection: socket.socket) -> tuple[str, dict[str, str], str]:
    """First line, headers in lower case, and body of a request."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise EOFError
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return first, headers, body.decode()


def envelope(payload: Any, payloadtype: str = "x", error: bool = False) -> str:
    """An answer of ColonyOS."""
    text = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps({"payloadtype": payloadtype, "payload": text, "error": error})


def refusal(status: int, message: str) -> str:
    """A refusal of ColonyOS."""
    return envelope({"status": status, "message": message}, "error", True)


def reply(connection: socket.socket, payload: Any) -> None:
    """Answer a call."""
    answer(connection, 200, envelope(payload).encode(), "text/plain; charset=utf-8")


def refuse(connection: socket.socket, status: int, message: str) -> None:
    """Refuse a call."""
    answer(connection, status, refusal(status, message).encode(), "text/plain; charset=utf-8")


def subscribed(connection: socket.socket) -> Any:
    """Take a subscription: the payload of its first frame."""
    _, headers, _ = read_request(connection)
    upgrade(connection, headers["sec-websocket-key"])
    return opened(read_frame(connection)[1].decode())


def until_gone(connection: socket.socket) -> list[int]:
    """Wait until the client lets go, answering nothing: the kinds of frames that it has sent meanwhile."""
    kinds = []
    with suppress(OSError, EOFError):
        while True:
            kinds.append(read_frame(connection)[0])
    return kinds
