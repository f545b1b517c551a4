"""What is to be done, and how far it is: specifications, processes, workflows, attributes and logs."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from ..constants import ENV, OUT
from .base import Wire
from .executor import GPU

__all__ = [
    "Attribute",
    "Conditions",
    "Filesystem",
    "FunctionSpec",
    "Log",
    "Process",
    "ProcessGraph",
    "SnapshotMount",
    "SyncDirMount",
    "WorkflowSpec",
]

#: The type under which the server itself files the environment of a specification.
_FILED_ENV = 3


class SnapshotMount(Wire):
    """A snapshot of the colony's files that a process wants to find in a folder."""

    snapshotid: str = ""
    label: str = ""
    dir: str = ""
    keepfiles: bool = False
    keepsnapshot: bool = False


class SyncDirMount(Wire):
    """A folder of the colony's files that a process wants to find, and that is written back."""

    label: str = ""
    dir: str = ""
    keepfiles: bool = False
    onconflicts: dict[str, Any] = Field(default_factory=dict)


class Filesystem(Wire):
    """Where a process wants to find which files."""

    mount: str = ""
    snapshots: list[SnapshotMount] = Field(default_factory=list)
    dirs: list[SyncDirMount] = Field(default_factory=list)


class Conditions(Wire):
    """Who may take a process.

    `cpu` is "1000m", `mem` "2Gi"; a server gives them back in units of its own ("2048Mi"), and takes nonsense for 0.
    `dependencies` are the node names of a workflow that must be done before. `walltime` is in seconds.
    """

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"locationname"})

    colonyname: str = ""
    executornames: list[str] = Field(default_factory=list)
    executortype: str = ""
    locationname: str = ""
    dependencies: list[str] = Field(default_factory=list)
    nodes: int = 0
    cpu: str = ""
    processes: int = 0
    processes_per_node: int = 0
    mem: str = ""
    storage: str = ""
    gpu: GPU = Field(default_factory=GPU)
    walltime: int = 0


class FunctionSpec(Wire):  # type: ignore[no-redef]  # mypy: its `kwargs` are not those of the constructor
    """What is to be done, by whom, and how often it may be tried.

    `args` and `kwargs` are any JSON. A higher `priority` (−50000 … 50000) comes first. `maxwaittime` and `maxexectime`
    are seconds, −1 for none; with a `maxexectime` of 0 a process is over as soon as it is assigned. A process whose
    `maxexectime` is over waits again, `maxretries` times (−1: always), then it has failed. `channels` are the only
    ones that the process will have.
    """

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"channels"})

    nodename: str = ""
    funcname: str = ""
    args: list[Any] = Field(default_factory=list)
    kwargs: dict[str, Any] = Field(default_factory=dict)
    priority: int = 0
    maxwaittime: int = -1
    maxexectime: int = -1
    maxretries: int = 0
    conditions: Conditions = Field(default_factory=Conditions)
    label: str = ""
    fs: Filesystem = Field(default_factory=Filesystem)
    env: dict[str, str] = Field(default_factory=dict)
    channels: list[str] = Field(default_factory=list)

    @classmethod
    def new(cls, funcname: str, executortype: str, colonyname: str) -> FunctionSpec:
        """A function for any executor of that type in the colony."""
        return cls(funcname=funcname, conditions=Conditions(executortype=executortype, colonyname=colonyname))


class Attribute(Wire):
    """A key and a value at a process. A key goes in once for each type (IN, OUT, ERR, ENV), for ever."""

    attributeid: str = ""
    targetid: str = ""
    targetcolonyname: str = ""
    targetprocessgraphid: str = ""
    state: int = 0
    attributetype: int = OUT
    key: str = ""
    value: str = ""

    @classmethod
    def new(cls, colonyname: str, processid: str, key: str, value: str) -> Attribute:
        """An attribute (OUT) for a process of that colony."""
        return cls(targetcolonyname=colonyname, targetid=processid, key=key, value=value)

    def is_env(self) -> bool:
        """Whether it is a variable of the environment: ENV, or 3, as the server files those of a specification."""
        return self.attributetype in (_FILED_ENV, ENV)


class Process(Wire):
    """A specification that was submitted, and how far it is: `state` is WAITING … CANCELLED.

    Times are text (RFC 3339, UTC, up to nanoseconds; `0001-01-01T00:00:00Z` is never). `prioritytime` is nanoseconds,
    the smallest comes first. `input` (the outputs of its parents) and `output` are any JSON; on the wire `in`, `out`.
    """

    _OMITTED: ClassVar[frozenset[str]] = frozenset(
        {"submissiontime", "starttime", "endtime", "waitdeadline", "execdeadline"}
    )

    processid: str = ""
    initiatorid: str = ""
    initiatorname: str = ""
    assignedexecutorid: str = ""
    isassigned: bool = False
    state: int = 0
    prioritytime: int = 0
    submissiontime: str = ""
    starttime: str = ""
    endtime: str = ""
    waitdeadline: str = ""
    execdeadline: str = ""
    retries: int = 0
    attributes: list[Attribute] = Field(default_factory=list)
    spec: FunctionSpec = Field(default_factory=FunctionSpec)
    waitforparents: bool = False
    parents: list[str] = Field(default_factory=list)
    children: list[str] = Field(default_factory=list)
    processgraphid: str = ""
    input: list[Any] = Field(default_factory=list)
    output: list[Any] = Field(default_factory=list)
    errors: list[str] = Field(default_factory=list)


class WorkflowSpec(Wire):
    """Specifications with node names, each of which may wait for others (`conditions.dependencies`)."""

    colonyname: str = ""
    functionspecs: list[FunctionSpec] = Field(default_factory=list)


class ProcessGraph(Wire):
    """A workflow that was submitted. `nodes` and `edges`, for drawing it, are filled by `get_processgraph` only."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"submissiontime", "starttime", "endtime"})

    processgraphid: str = ""
    initiatorid: str = ""
    initiatorname: str = ""
    colonyname: str = ""
    state: int = 0
    submissiontime: str = ""
    starttime: str = ""
    endtime: str = ""
    rootprocessids: list[str] = Field(default_factory=list)
    processids: list[str] = Field(default_factory=list)
    nodes: list[dict[str, Any]] = Field(default_factory=list)
    edges: list[dict[str, Any]] = Field(default_factory=list)


class Log(Wire):
    """A line of a process's log; `timestamp` is nanoseconds since 1970."""

    processid: str = ""
    colonyname: str = ""
    executorname: str = ""
    message: str = ""
    timestamp: int = 0
