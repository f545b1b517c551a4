"""A colony, its executors and what they have, and the functions that they have registered."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from .base import Wire

__all__ = [
    "GPU",
    "Allocations",
    "Capabilities",
    "Colony",
    "Executor",
    "Function",
    "Hardware",
    "Project",
    "Software",
    "Statistics",
]


class Colony(Wire):
    """A colony: the id of its owner's key, and its name."""

    colonyid: str = ""
    name: str = ""

    @classmethod
    def new(cls, colonyid: str, name: str) -> Colony:
        """The colony whose owner's key has the id `colonyid`."""
        return cls(colonyid=colonyid, name=name)


class GPU(Wire):
    """Graphics processors: those of a machine, or those that a process asks for."""

    name: str = ""
    mem: str = ""
    count: int = 0
    nodecount: int = 0


class Hardware(Wire):
    """A kind of machine of an executor; `cpu` as "8000m", memory as "16Gi"."""

    model: str = ""
    nodes: int = 0
    cpu: str = ""
    cores: int = 0
    mem: str = ""
    storage: str = ""
    gpu: GPU = Field(default_factory=GPU)
    platform: str = ""
    architecture: str = ""
    network: list[str] = Field(default_factory=list)


class Software(Wire):
    """A program of an executor; `software_type` is `type` on the wire."""

    name: str = ""
    software_type: str = ""
    version: str = ""


class Capabilities(Wire):
    """What an executor has."""

    hardware: list[Hardware] = Field(default_factory=list)
    software: list[Software] = Field(default_factory=list)


class Project(Wire):
    """What a project may use of an executor, and what it has used."""

    allocatedcpu: int = 0
    usedcpu: int = 0
    allocatedgpu: int = 0
    usedgpu: int = 0
    allocatedstorage: int = 0
    usedstorage: int = 0


class Allocations(Wire):
    """Projects by name."""

    projects: dict[str, Project] = Field(default_factory=dict)


class Executor(Wire):
    """Somebody who takes processes: the id of its key, its kind, its name, and its state (PENDING … UNREGISTERED)."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset(
        {"commissiontime", "lastheardfromtime", "locationname", "blueprintid", "blueprintgen"}
    )

    executorid: str = ""
    executortype: str = ""
    executorname: str = ""
    colonyname: str = ""
    state: int = 0
    requirefuncreg: bool = False
    commissiontime: str = ""
    lastheardfromtime: str = ""
    locationname: str = ""
    capabilities: Capabilities = Field(default_factory=Capabilities)
    allocations: Allocations = Field(default_factory=Allocations)
    blueprintid: str = ""
    blueprintgen: int = 0

    @classmethod
    def new(cls, name: str, executorid: str, executortype: str, colonyname: str) -> Executor:
        """An executor that can be added to a colony."""
        return cls(executorname=name, executorid=executorid, executortype=executortype, colonyname=colonyname)


class Function(Wire):
    """A function that an executor offers, with what is known of it: times are in seconds.

    `counter` and the times move whenever that executor closes a process of the function as successful. `args` are
    `{"name", "type", "description", "required", "enum"}`.
    """

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"description", "args", "locationname"})

    functionid: str = ""
    executorname: str = ""
    executortype: str = ""
    colonyname: str = ""
    funcname: str = ""
    counter: int = 0
    minwaittime: float = 0.0
    maxwaittime: float = 0.0
    minexectime: float = 0.0
    maxexectime: float = 0.0
    avgwaittime: float = 0.0
    avgexectime: float = 0.0
    description: str = ""
    args: list[dict[str, Any]] = Field(default_factory=list)
    locationname: str = ""


class Statistics(Wire):
    """How much of everything a colony has; `executors` counts those that were removed, too."""

    colonies: int = 0
    executors: int = 0
    activeexecutors: int = 0
    unregisteredexecutors: int = 0
    waitingprocesses: int = 0
    runningprocesses: int = 0
    successfulprocesses: int = 0
    failedprocesses: int = 0
    cancelledprocesses: int = 0
    waitingworkflows: int = 0
    runningworkflows: int = 0
    successfulworkflows: int = 0
    failedworkflows: int = 0
    cancelledworkflows: int = 0
