"""`Poster`: sends many bodies to one address, over connections that stay open, for a fraction of what httpx takes."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import h11

from ...client import Reply
from ...errors import HttpError

__all__ = ["Poster"]

#: Seconds for a connection, and for a request with its answer.
_SECONDS = 20.0
#: Bytes of an answer, and of its head.
_MOST, _HEAD = 64 << 10, 16 << 10
_READ = 64 << 10


class _Connection:
    """One connection and what is said on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        #: Whether it was used before: the other side may have closed it meanwhile.
        self.used = False


class Poster:
    """POSTs items to one URL. Nobody else is ever asked: a redirect is an answer like any other.

    To be used in one event loop; `close` ends all connections.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self._host = parts.hostname or ""
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._target = parts.path or "/"
        self._headers = [("Host", parts.netloc), ("Accept", "application/json")]
        self._idle: list[_Connection] = []

    def close(self) -> None:
        """Close all connections."""
        for one in self._idle:
            one.writer.close()
        self._idle.clear()

    async def post(self, body: bytes, kind: str = "application/octet-stream") -> Reply:
        """The answer to a body. Raises `HttpError` where none comes in time, or none that is HTTP."""
        try:
            return await asyncio.wait_for(self._post(body, kind), _SECONDS)
        except asyncio.TimeoutError:
            raise self._error(f"did not answer within {_SECONDS:g} seconds") from None
        except (OSError, ssl.SSLError) as error:
            raise self._error(f"cannot be reached: {error}") from None
        except h11.ProtocolError as error:
            raise self._error(f"does not speak HTTP: {error}") from None

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _post(self, body: bytes, kind: str) -> Reply:
        while True:
            one = self._idle.pop() if self._idle else await self._connect()
            try:
                reply = await self._ask(one, body, kind)
            except _GoneError:
                one.writer.close()
                if not one.used:
                    raise
                # It was closed while nobody used it; what is sent once more has the same id.
                continue
            except BaseException:
                one.writer.close()
                raise
            if one.state.our_state is h11.DONE and one.state.their_state is h11.DONE:
                one.state.start_next_cycle()
                one.used = True
                self._idle.append(one)
            else:
                one.writer.close()
            return reply

    async def _connect(self) -> _Connection:
        return _Connection(*await asyncio.open_connection(self._host, self._port, ssl=self._tls, limit=_READ))

    async def _ask(self, one: _Connection, body: bytes, kind: str) -> Reply:
        headers = [*self._headers, ("Content-Type", kind), ("Content-Length", str(len(body)))]
        head = one.state.send(h11.Request(method="POST", target=self._target, headers=headers))
        data = one.state.send(h11.Data(data=body))
        one.state.send(h11.EndOfMessage())
        status = 0
        told = bytearray()
        try:
            one.writer.write((head or b"") + (data or b""))
            await one.writer.drain()
            while True:
                event = one.state.next_event()
                if event is h11.NEED_DATA:
                    got = await one.reader.read(_READ)
                    if not got and not status:
                        raise _GoneError("the connection was closed")
                    one.state.receive_data(got)
                elif isinstance(event, h11.Response):
                    status = event.status_code
                elif isinstance(event, h11.Data):
                    told += event.data
                    if len(told) > _MOST:
                        raise self._error("the answer is too long")
                elif isinstance(event, h11.EndOfMessage):
                    return Reply("uploader", self.url, status, bytes(told))
        except ConnectionError as error:
            raise _GoneError(str(error)) from None

    def _error(self, words: str) -> HttpError:
        return HttpError(words, unit="uploader", url=self.url)


class _GoneError(ConnectionError):
    """The other side has closed the connection before it answered."""
