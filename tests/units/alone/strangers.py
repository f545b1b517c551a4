"""`Strangers`: scheduler, compute unit and gateway of somebody else, who answer a messenger what the test wants."""

from __future__ import annotations

import json
import socket
import threading
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ao_runtime.items import DataItem

from ..serving import message

__all__ = ["NOTHING", "Answer", "Change", "Strangers", "holding", "id_of", "outbox", "post"]

#: Status and body.
Answer = tuple[int, bytes]
#: Is told unit, method and path, and what is to be answered; gives what is answered, or None: the connection breaks off.
Change = Callable[[str, str, str, Answer], "Answer | None"]
NOTHING = {"Messages": [], "Spawns": [], "Assignments": [], "Output": ""}


def id_of(name: object) -> str:
    """An id that stands for something."""
    return urlsafe_b64encode(sha256(str(name).encode()).digest()).decode().rstrip("=")


def post(target: str, data: Any = "x", tags: Any = (), **more: Any) -> dict[str, Any]:
    """A message as a compute unit gives it; each with an anchor of its own."""
    post.count = getattr(post, "count", 0) + 1  # type: ignore[attr-defined]
    return {"Target": target, "Anchor": f"{post.count:032d}", "Data": data, "Tags": [*tags]} | more  # type: ignore[attr-defined]


def outbox(*messages: Any, **more: Any) -> dict[str, Any]:
    """A result that sends messages."""
    return {**NOTHING, "Messages": [*messages], **more}


def holding(unit: str, event: threading.Event) -> Change:
    """One of them answers when something has happened, or half a minute later."""

    def change(who: str, method: str, path: str, answer: Answer) -> Answer:
        if who == unit:
            event.wait(30)
        return answer

    return change


class Strangers:
    """A server of all three, by the first part of the path. What has happened can be read; `change` lies."""

    def __init__(self, port: int = 0) -> None:
        #: Processes that the scheduler knows.
        self.processes: set[str] = set()
        #: Ids of what it has placed, in this order: items, and processes and messages of assignments.
        self.placed: list[str] = []
        self.assigned: list[tuple[str, str]] = []
        self.items: dict[str, DataItem] = {}
        #: What the gateway has.
        self.mail: list[DataItem] = []
        #: By message; of all others nothing is sent.
        self.results: dict[str, Any] = {}
        #: Edges of `/cron`, by process.
        self.ticks: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.asked: list[str] = []
        self.change: Change | None = None
        one = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                _, unit, path = self.path.split("/", 2) if self.path.count("/") > 1 else (*self.path.split("/"), "")
                unit, _, query = unit.partition("?")
                path = "/" + path + (f"?{query}" if query else "")
                one.asked.append(f"{self.command} {unit} {path}")
                answer: Answer | None = one._answer(unit, self.command, path, body)
                if one.change is not None:
                    assert answer is not None
                    answer = one.change(unit, self.command, path, answer)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                if 300 <= answer[0] < 400:
                    self.send_header("Location", answer[1].decode())
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(answer[1])

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 200

            def process_request(self, request: Any, client_address: Any) -> None:
                one._connections.add(request)
                super().process_request(request, client_address)

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Connections that were closed."""

        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._kind = Server, Handler
        self._server = Server(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_port
        self._serve()

    @property
    def urls(self) -> dict[str, str]:
        """Where they are."""
        return {unit: f"http://127.0.0.1:{self.port}/{unit}" for unit in ("su", "cu", "gateway")}

    @property
    def options(self) -> list[str]:
        """As `ao-run serve --unit mu` is told it."""
        return ["--unit", "mu", *(word for unit, url in self.urls.items() for word in (f"--{unit}", url))]

    def process(self, name: object) -> str:
        """A process that the scheduler knows."""
        self.processes.add(id_of(name))
        return id_of(name)

    def sends(self, process: str, *messages: Any, **more: Any) -> DataItem:
        """A message for a process of which it will send that."""
        item = message(process)
        self.results[item.id] = outbox(*messages, **more)
        return item

    def close(self) -> None:
        """Be gone: also for those who are connected."""
        self._server.shutdown()
        self._server.server_close()
        for one in self._connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._connections.clear()

    def again(self) -> None:
        """Be there again."""
        kind, handler = self._kind
        self._server = kind(("127.0.0.1", self.port), handler)
        self._serve()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _answer(self, unit: str, method: str, path: str, body: bytes) -> Answer:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self._lock:
            status, told = getattr(self, f"_{unit}")(method, parts.path, query, body)
        return status, told if isinstance(told, bytes) else json.dumps(told).encode()

    def _su(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path.startswith("/processes/"):
            known = path[11:] in self.processes
            return (200, {"tags": [{"name": "Module", "value": "m"}]}) if known else (400, {"error": "Not Found: it"})
        if method == "GET":
            if path == "/":
                return 200, {"address": id_of("scheduler"), "timestamp": "1"}
            pair = query["process-id"], path[1:]
            return (
                (200, {"assignment": {"id": id_of(pair)}}) if pair in self.assigned else (400, {"error": "Not found"})
            )
        if "assign" in query:
            pair = query["process-id"], query["assign"]
            self.assigned.append(pair)
            return 200, {"id": id_of(pair), "timestamp": 1}
        item = DataItem.parse(body)
        item.check()
        if item.id in self.items:
            return 400, {"error": "Message already exists"}
        tags = {tag.name: tag.value for tag in item.tags}
        if tags["Type"] == "Process":
            if "Module" not in tags:
                return 400, {"error": "Required Module and Scheduler tags for Process type not present"}
            self.processes.add(item.id)
        self.items[item.id] = item
        self.placed.append(item.id)
        return 200, {"id": item.id, "timestamp": 1}

    def _cu(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path.startswith("/result/"):
            return 200, self.results.get(path[8:], NOTHING)
        edges = self.ticks[path.rpartition("/")[2]]
        if path.startswith("/results/"):
            return 200, {"edges": edges[-1:], "pageInfo": {"hasNextPage": False}}
        cursors = [edge["cursor"] for edge in edges]
        after = cursors.index(query["from"]) + 1 if query.get("from") in cursors else 0
        limit = int(query["limit"])
        page = edges[after : after + limit]
        return 200, {"edges": page, "pageInfo": {"hasNextPage": len(edges) > after + limit}}

    def _gateway(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        self.mail.append(DataItem.parse(body))
        return 200, {}
