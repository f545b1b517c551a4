"""`Between`: stands between a unit and another one, and may say something else than that one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

__all__ = ["Answer", "Between"]

#: Status, headers, body.
Answer = tuple[int, dict[str, str], bytes]


class Between:
    """A server that asks another one, and gives its answers; `change` is told path and answer, and gives another."""

    def __init__(self, url: str) -> None:
        #: All that it was asked: method and path.
        self.asked: list[tuple[str, str]] = []
        self.change: Callable[[str, Answer], Answer | None] | None = None
        http = httpx.Client(trust_env=False, timeout=60)
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                between.asked.append((self.command, self.path))
                kind = {"Content-Type": self.headers.get("Content-Type", "text/plain")}
                told = http.request(self.command, url + self.path, content=body, headers=kind)
                kept = {"Content-Type": told.headers.get("Content-Type", "text/plain")}
                answer: Answer | None = (told.status_code, kept, told.content)
                if between.change is not None:
                    assert answer is not None
                    answer = between.change(self.path, answer)
                if answer is None:
                    # The connection breaks off.
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                for name, value in answer[1].items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer[2])))
                self.end_headers()
                try:
                    self.wfile.write(answer[2])
                except OSError:
                    self.close_connection = True

            do_POST = do_DELETE = do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._http = http
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._http.close()
