"""What went wrong between us and a server, in our words: exceptions of httpx, of websockets and of sockets.

Where no answer came, `conn_err()` of the RPCError is true.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import AoError, InputError, RPCError

if TYPE_CHECKING:
    from websockets.exceptions import ConnectionClosed

    from .subscription import Subscription

__all__ = ["MAX_ANSWER", "given_up", "moved", "of_environment", "of_http", "of_websocket", "too_large", "when_closed"]

#: Bytes of the largest answer that is taken. One entry of a channel may have 10 MiB, and an answer has many.
MAX_ANSWER = 256 << 20

_TOO_BIG = 1009  # RFC 6455, 7.4.1


def of_environment(error: Exception) -> InputError:
    """The error of a client that could not be made: proxies or certificates of the environment are none."""
    return InputError(f"the environment's proxy or certificates cannot be used: {error}", field="url")


def of_http(error: Exception, where: str, seconds: float) -> AoError:
    """The error of a call that httpx has given up, after so many seconds if it was for want of an answer."""
    import httpx

    if isinstance(error, httpx.InvalidURL):
        return InputError(f"is no URL of a server: {error}", field="url")
    if isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
        text = f"nothing came for {seconds:g} s"
    elif isinstance(error, httpx.ConnectTimeout):
        text = "no connection came about in time"
    else:
        text = _reason(error)
    return RPCError(f"no answer from {where}: {text}", unanswered=True)


def of_websocket(error: Exception, where: str) -> AoError:
    """The error of a subscription that did not come about."""
    from websockets.exceptions import InvalidStatus

    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return RPCError(f"{where} takes no subscriptions: the server answered {status}", status=status)
    if isinstance(error, ImportError):  # a proxy of a kind for which another library is needed
        return of_environment(error)
    late = isinstance(error, (TimeoutError, asyncio.TimeoutError))  # one and the same from Python 3.11 on
    text = "no connection came about in time" if late else _reason(error)
    return RPCError(f"no answer from {where}: {text}", unanswered=True)


def moved(connection: Any, pubsub: str, where: str) -> RPCError | None:
    """The error of a connection that leads elsewhere than it should: websockets follows whoever sends it on."""
    from websockets.uri import parse_uri

    if connection.protocol.uri == parse_uri(pubsub):
        return None
    return RPCError(
        f"{where} sends subscriptions elsewhere, where nothing signed is sent: {connection.protocol.uri.host}"
    )


def when_closed(asked: Subscription[Any], error: ConnectionClosed) -> RPCError | None:
    """The connection of a subscription is gone: the error that it is, if it is one."""
    if error.sent is not None and error.sent.code == _TOO_BIG and not error.rcvd_then_sent:
        return too_large(None)
    return asked.lost(_reason(error))


def given_up(connection: Any) -> RPCError | None:
    """The error of a connection that websockets has begun to close by itself: of a frame too large, or of nonsense.

    It would wait for the server to close its side, which servers do not while a channel is subscribed.
    """
    sent = connection.protocol.close_sent
    if sent is None:
        return None
    if sent.code == _TOO_BIG:
        return too_large(None)
    return RPCError(f"the server does not speak as websockets do: {sent.reason or sent.code}", unanswered=True)


def too_large(status: int | None) -> RPCError:
    """The error of an answer that is larger than what is taken."""
    return RPCError(f"the server's answer is larger than {MAX_ANSWER >> 20} MiB", status=status)


def _reason(error: BaseException) -> str:
    """Why there was no connection, or why it ended, in a few words."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed ({cause.reason or cause})"
        if isinstance(cause, socket.gaierror):
            return "the name of the host cannot be resolved"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, (ConnectionResetError, BrokenPipeError)):
            return "the connection was reset"
        if isinstance(cause, EOFError):
            return "the connection was closed"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return str(error) or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the parts of groups too."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting.extend(getattr(cause, "exceptions", ()))
        waiting.extend((cause.__context__, cause.__cause__))
