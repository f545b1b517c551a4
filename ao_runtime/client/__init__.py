"""ao Connect for Python: spawn, send, read results, on a network of one's own or on the real one.

- `client`, `async_client`: `connect` and `connect_async`, what people use; `session` is what both know
- `calls`: what each call asks of which unit, and what it makes of the answer
- `sdk`, `async_sdk` (`sdk_calls`, `sdk_answers`): ao-sdk's endpoints, for plain JSON that the server signs
- `exchange`: one request and its answer, without any HTTP; `transport` and `async_transport` have that, by httpx

What it needs is in the extra `net`: httpx, and what signs.
"""

from __future__ import annotations

from ..lazy import later
from .async_transport import AsyncTransport
from .exchange import Ask, Edge, Page, Reply
from .session import Session

__all__ = [
    "Ask",
    "AsyncClient",
    "AsyncSdk",
    "AsyncTransport",
    "Client",
    "Edge",
    "Page",
    "Reply",
    "Sdk",
    "Session",
    "connect",
    "connect_async",
]

__getattr__ = later(
    __name__,
    {
        "AsyncClient": ".async_client",
        "AsyncSdk": ".async_sdk",
        "Client": ".client",
        "Sdk": ".sdk",
        "connect": ".client",
        "connect_async": ".async_client",
    },
)
