"""What answers are made of: `/openapi.json` is written from these, and a generator of requests compares both."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Assigned",
    "Computed",
    "CronTick",
    "CronTicked",
    "Info",
    "Monitored",
    "Node",
    "Nodes",
    "Output",
    "Pending",
    "Problem",
    "Process",
    "Relayed",
    "ResultsPage",
    "Scheduled",
    "Sent",
    "SpawnedProcess",
    "Status",
    "Terminated",
    "Ticks",
    "Waited",
]


class _Shape(BaseModel):
    """An answer: all its keys are known."""

    model_config = ConfigDict(extra="forbid")


class Problem(_Shape):
    """Why a request was refused."""

    error: str
    code: str


class Result(_Shape):
    """A result, as a compute unit answers it."""

    Messages: list[Any]
    Assignments: list[Any]
    Spawns: list[Any]
    Output: Any
    GasUsed: float | None = None
    Error: Any = None


class SpawnedProcess(_Shape):
    """A process that was created; `error` is why its boot failed."""

    process_id: str
    scheduler: str
    module: str
    slot: int
    timestamp: int
    error: str | None = None


class Process(_Shape):
    """A process: what it is, and how far it has come."""

    process_id: str
    module: str
    scheduler: str
    owner: str
    name: str | None
    tags: list[Any]
    slot: int
    timestamp: int
    block_height: int
    status: Literal["running", "terminated"]
    monitored: bool
    cron: list[str]


class Terminated(_Shape):
    """A process that has ended."""

    process_id: str
    status: Literal["terminated"]


class Sent(_Shape):
    """A message that has its place."""

    message_id: str
    process_id: str
    slot: int
    timestamp: int


class Waited(_Shape):
    """A message, and its result; a message that was only read has no id."""

    message_id: str | None
    process_id: str | None = None
    slot: int | None = None
    timestamp: int | None = None
    result: Result


class Status(_Shape):
    """What became of a message."""

    message_id: str
    process_id: str
    processes: list[str]
    slot: int
    status: Literal["pending", "processed", "failed"]
    result: Result | None
    message: dict[str, Any] | None
    assignment: dict[str, Any]


class Scheduled(_Shape):
    """What was scheduled."""

    id: str
    timestamp: int


class Assigned(Scheduled):
    """The assignment."""


class Node(BaseModel):
    """A message with its place; `message` is null where it was sent to somebody else."""

    message: dict[str, Any] | None
    assignment: dict[str, Any]
    cursor: str | None = None


class Nodes(BaseModel):
    """A page as a scheduler unit has it."""

    page_info: dict[str, bool]
    edges: list[dict[str, Any]]


class Computed(_Shape):
    """A result."""

    result: Result


class Output(_Shape):
    """What a message gave."""

    output: Any
    messages: list[Any]
    spawns: list[Any]
    assignments: list[Any]
    error: str | None
    gas_used: float | None


class Pending(_Shape):
    """It has its place, and is not evaluated yet."""

    status: Literal["pending"]


class Relayed(_Shape):
    """It is on its way; `slot` where it is an assignment."""

    status: Literal["relayed"]
    id: str
    slot: int | None = None


class Monitored(_Shape):
    """Whether what a process's ticks send is delivered."""

    status: Literal["monitoring", "stopped"]
    process_id: str


class CronTick(_Shape):
    """A tick, and what it gave."""

    timestamp: int
    block_height: int
    ordinate: str
    cron: str
    cursor: str
    result: Result


class CronTicked(_Shape):
    """What a tick out of turn gave."""

    result: Result
    timestamp: int
    cron: str


class Ticks(BaseModel):
    """A page as a compute unit has it."""

    pageInfo: dict[str, bool]
    edges: list[dict[str, Any]]


class ResultsPage(Ticks):
    """The same."""


class Info(BaseModel):
    """What the network says of itself."""

    model_config = ConfigDict(extra="allow")

    network: str
    height: int
    urls: dict[str, str]
    units: dict[str, str]
    addresses: dict[str, str]
    scheduler: str
    authority: str
    local_user: str | None
    modules: list[dict[str, str]] = Field(description="Ids and names.")
    software: str
