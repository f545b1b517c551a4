"""HTTP/1.1 as units speak it: uvicorn's by httptools, with deadlines and ends, and one write for each answer."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

__all__ = ["CONNECTIONS", "HEAD", "HEAD_SECONDS", "Protocol"]

#: Seconds in which the head of a request must be there, and what follows of a body that nobody wants.
HEAD_SECONDS = 10.0
#: Bytes of a head.
HEAD = 64 << 10
CONNECTIONS = 1000


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 for strangers who may be slow on purpose, or many. The parser, in C, has no limits of its own."""

    _deadline: asyncio.TimerHandle | None = None
    #: Bytes of the head that is being read, but for those that came with its beginning; None while none is.
    _head: int | None = None
    #: Bytes that are missing of a body which the parser leaves to another protocol: the one that was asked for.
    _owed = 0
    #: When the last answer was given.
    _quiet_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come. One too many is sent away."""
        if len(self.connections) >= CONNECTIONS:
            transport.abort()
            return
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has gone."""
        self._stop()
        if self.transport is not None:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. The time for the head runs until all of it is there, however many pieces it comes in."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._head is not None:
            self._head += len(data)
        left = memoryview(data)
        while left:
            if self._owed:
                part, left = left[: self._owed], left[self._owed :]
                self._owed -= len(part)
                self.on_body(bytes(part))
                self.on_message_complete()
                continue
            try:
                self.parser.feed_data(left)
                break
            except httptools.HttpParserUpgrade as upgrade:
                # Nobody speaks anything else here: what comes after the head is HTTP still.
                left = left[upgrade.args[0] :]
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                return
        if self._head is not None and self._head > HEAD:
            self.send_400_response("The head of the request is too long.")
        elif self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._deadline is None:
            self._wait()

    # ── what the parser tells ──────────────────────────────────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head = 0

    def on_headers_complete(self) -> None:
        """All of a head is there: the request is answered, or waits for the one before it."""
        self._head = None
        parser, scope, headers = self.parser, self.scope, self.headers
        version = parser.get_http_version()
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and version == "1.1"):
            # RFC 9112, 3.2. The parser does not look; what is raised here is answered by 400.
            raise ValueError("a request names one Host")
        if parser.should_upgrade():
            if any(name == b"transfer-encoding" for name, _ in headers):
                raise ValueError("nobody knows where this body ends")
            self._owed = int(next((value for name, value in headers if name == b"content-length"), 0))
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["http_version"] = version
        scope["method"] = parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""
        before = self.cycle
        cycle = self.cycle = _Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_message_complete(self) -> None:
        """All of a request is there, as far as the parser reads it."""
        if not self._owed:
            super().on_message_complete()
            # Whoever reads the body needs no deadline.
            self.scope["ao.whole"] = True  # type: ignore[typeddict-unknown-key]

    # ── between two requests ───────────────────────────────────────────────────────────────────────────────────

    def on_response_complete(self) -> None:
        """A request was answered: on with the next one, if it is there already."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._quiet_since = self.loop.time()
        # One timer goes on from answer to answer: to set it anew each time costs more than to look when it is due.
        if self.timeout_keep_alive_task is None:
            self._keep_alive(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was asked for so long."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing() or not self.cycle.response_complete:
            return
        left = self._quiet_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._keep_alive(left)
        else:
            self.transport.close()

    def _keep_alive(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._late)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()


class _Cycle(RequestResponseCycle):
    """A request and its answer. A short one is one write: after each call of the system others have their turn."""

    _start: dict[str, Any] | None = None

    async def send(self, message: Any) -> None:
        """Take a part of the answer. Its head waits for the first piece of its body."""
        if message["type"] == "http.response.start" and not self.response_started:
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            whole = None if message.get("more_body") else self._whole(start, message.get("body", b""))
            if whole is not None:
                self.response_started = self.response_complete = True
                self.transport.write(whole)
                self.message_event.set()
                self.on_response()
                return
            await super().send(start)  # type: ignore[arg-type]
        await super().send(message)

    def _whole(self, start: dict[str, Any], body: bytes) -> bytes | None:
        """The bytes of a usual answer; None for any other, which goes uvicorn's own way."""
        if not self.keep_alive or self.disconnected or self.flow.write_paused or self.scope["method"] == "HEAD":
            return None
        headers = [*self.default_headers, *start["headers"]]
        length = None
        for name, value in headers:
            if name == b"content-length":
                length = int(value)
            elif name in (b"connection", b"transfer-encoding"):
                return None
        if length != len(body):
            return None
        lines = [name + b": " + value for name, value in headers]
        head = b"\r\n".join((STATUS_LINE[start["status"]][:-2], *lines, b"\r\n"))
        # No header holds a line of its own.
        ends = len(headers) + 2
        if not head.count(b"\r") == head.count(b"\n") == ends or b"\0" in head:
            return None
        return head + body
