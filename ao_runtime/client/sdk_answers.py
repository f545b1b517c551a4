"""What ao-sdk's endpoints answer, as Python has it. Times are milliseconds since 1970."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from ..errors import AoError
from ..models import Result
from .exchange import Reply

__all__ = ["SdkOutput", "SdkProcess", "SdkSent", "SdkSpawned", "SdkStatus", "SdkTick", "read", "read_result"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class SdkSpawned:
    """A process that was created; `error` is why its boot failed."""

    process_id: str
    scheduler: str
    module: str
    slot: int
    timestamp: int
    error: str | None = None


@dataclass(frozen=True)
class SdkProcess:
    """What a process is, and how far it has come."""

    process_id: str
    module: str
    scheduler: str
    owner: str
    name: str | None
    tags: list[dict[str, str]]
    slot: int
    timestamp: int
    block_height: int
    status: str
    monitored: bool
    cron: list[str]


@dataclass(frozen=True)
class SdkSent:
    """A message and its place; one that was only read has none. `result` is there where it was waited for."""

    message_id: str | None
    process_id: str | None = None
    slot: int | None = None
    timestamp: int | None = None
    result: Result | None = None


@dataclass(frozen=True)
class SdkStatus:
    """What became of a message: pending, processed or failed."""

    message_id: str
    process_id: str
    processes: list[str]
    slot: int
    status: str
    result: Result | None
    message: dict[str, Any] | None
    assignment: dict[str, Any]


@dataclass(frozen=True)
class SdkOutput:
    """What a message gave, in its parts, as they are on the network."""

    output: Any
    messages: list[dict[str, Any]]
    spawns: list[dict[str, Any]]
    assignments: list[dict[str, Any]]
    error: str | None
    gas_used: float | None


@dataclass(frozen=True)
class SdkTick:
    """A tick, and what it gave; `cursor` names its place."""

    timestamp: int
    cron: str
    result: Result
    block_height: int | None = None
    ordinate: str | None = None
    cursor: str | None = None


def read(kind: type[_T], told: Any, reply: Reply) -> _T:
    """An answer as one of these. Raises `HttpError` for what is none."""
    if not isinstance(told, dict):
        raise reply.error("the answer is no JSON object")
    given = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in told:
            if field.default is MISSING:
                raise reply.error(f"the answer has no {field.name}")
            continue
        value = told[field.name]
        given[field.name] = read_result(value, reply) if field.name == "result" and value is not None else value
    return kind(**given)


def read_result(told: Any, reply: Reply) -> Result:
    """A result. Raises `HttpError` for what is none."""
    if not isinstance(told, dict):
        raise reply.error("the answer is no result")
    error = told.get("Error")
    try:
        # An error comes with empty lists, which a result of ours has not.
        return Result({"Error": error, "GasUsed": told.get("GasUsed", 0)} if error else told)
    except AoError as problem:
        raise reply.error(f"the answer is no result: {problem}") from None
