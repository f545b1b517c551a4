"""The types of ColonyOS."""

from __future__ import annotations

from .blueprint import (
    Blueprint,
    BlueprintDefinition,
    BlueprintDefinitionHandler,
    BlueprintDefinitionNames,
    BlueprintDefinitionSpec,
    BlueprintHandler,
    BlueprintMetadata,
)
from .channel import ChannelEntry
from .executor import (
    GPU,
    Allocations,
    Capabilities,
    Colony,
    Executor,
    Function,
    Hardware,
    Project,
    Software,
    Statistics,
)
from .process import (
    Attribute,
    Conditions,
    Filesystem,
    FunctionSpec,
    Log,
    Process,
    ProcessGraph,
    SnapshotMount,
    SyncDirMount,
    WorkflowSpec,
)

__all__ = [
    "GPU",
    "Allocations",
    "Attribute",
    "Blueprint",
    "BlueprintDefinition",
    "BlueprintDefinitionHandler",
    "BlueprintDefinitionNames",
    "BlueprintDefinitionSpec",
    "BlueprintHandler",
    "BlueprintMetadata",
    "Capabilities",
    "ChannelEntry",
    "Colony",
    "Conditions",
    "Executor",
    "Filesystem",
    "Function",
    "FunctionSpec",
    "Hardware",
    "Log",
    "Process",
    "ProcessGraph",
    "Project",
    "SnapshotMount",
    "Software",
    "Statistics",
    "SyncDirMount",
    "WorkflowSpec",
]
