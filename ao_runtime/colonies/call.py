"""A call to a server: what is sent, how the answer is read, and whether it may be sent again.

Nothing here waits or opens a connection. `attempts` says step by step what is to be done, and the clients do it, each
in its own way: so that calls are described, sent again and read in one place only.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from ..errors import InputError, RPCError
from .crypto import PrivateKey, hidden
from .envelope import seal, unseal
from .models.base import Wire

__all__ = ["PAUSES", "Call", "Reply", "Request", "Steps", "attempts", "many", "nothing"]
T = TypeVar("T")
_W = TypeVar("_W", bound=Wire)

#: Seconds before a call that may be repeated is sent for the second and for the third time.
PAUSES = (0.2, 0.8)


class Request(NamedTuple):
    """A signed call, and how many seconds the server may take for it beyond what every call may take."""

    body: str
    patience: float


class Reply(NamedTuple):
    """An answer of HTTP."""

    status: int
    body: bytes


#: Yields what is to be done: send a request (its reply is given back, or an RPCError thrown in), or wait some seconds.
Steps = Generator[Request | float, Reply | None, T]


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call, described.

    `read` makes the result from the answer's payload. `repeatable` calls are sent again after a connection error, as
    they may have been carried out or not, and it is the same. Where a server tells a call that it carried out twice,
    `settle` is asked about a refusal that came to a repeated call: it is a result, or raises the refusal.
    """

    payloadtype: str
    fields: Mapping[str, Any] = field(repr=False)
    read: Callable[[Any], T] = field(repr=False)
    prvkey: str | None
    repeatable: bool = False
    settle: Callable[[RPCError], Steps[T]] | None = field(default=None, repr=False)
    patience: float = 0.0

    @property
    def key(self) -> PrivateKey:
        """The key that signs; InputError if there is none."""
        if self.prvkey is None:
            raise InputError(
                "there is no private key to sign with", field="prvkey", advice="give one to the call or to the client"
            )
        return hidden(self.prvkey)

    def sealed(self) -> str:
        """The signed envelope."""
        return seal(self.payloadtype, self.fields, self.key)

    def result(self, body: str | bytes, status: int | None = None) -> T:
        """The result that an answer is; RPCError if it is a refusal, or cannot be read."""
        payload = unseal(body, status)
        try:
            return self.read(payload)
        except InputError as error:
            problem = f"the server's answer to {self.payloadtype} cannot be read: {error}"
            raise RPCError(problem, status=status) from None


def attempts(call: Call[T]) -> Steps[T]:
    """The steps of a call: once, or several times where that is allowed and no answer comes."""
    request = Request(call.sealed(), call.patience)
    repeated = False
    for pause in (*PAUSES, None) if call.repeatable else (None,):
        try:
            reply = yield request
        except RPCError as error:
            if pause is None or not error.conn_err():
                raise
            yield pause
            repeated = True
            continue
        try:
            assert reply is not None
            return call.result(reply.body, reply.status)
        except RPCError as error:
            if not repeated or call.settle is None:
                raise
            refusal = error
        return (yield from call.settle(refusal))
    raise AssertionError("the last attempt has no pause after it")


def many(model: type[_W]) -> Callable[[Any], list[_W]]:
    """Reads a list of objects; null is an empty one."""

    def read(payload: Any) -> list[_W]:
        if payload is None:
            return []
        if not isinstance(payload, list):
            raise InputError(f"is no list of {model.__name__}")
        return [model.from_dict(item) for item in payload]

    return read


def nothing(payload: Any) -> None:
    """Reads an answer that says no more than that it was done."""
