"""Blueprints: what should be there in a colony, and who brings it about."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from pydantic import Field

from .base import Wire

__all__ = [
    "Blueprint",
    "BlueprintDefinition",
    "BlueprintDefinitionHandler",
    "BlueprintDefinitionNames",
    "BlueprintDefinitionSpec",
    "BlueprintHandler",
    "BlueprintMetadata",
]


class BlueprintMetadata(Wire):
    """Name, colony, place and labels; `generation` counts the changes of a blueprint's spec."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset(
        {
            "locationname",
            "labels",
            "annotations",
            "generation",
            "created_at",
            "updated_at",
            "last_reconciliation_process",
            "last_reconciliation_time",
        }
    )

    name: str = ""
    colonyname: str = ""
    locationname: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    generation: int = 0
    created_at: str = ""
    updated_at: str = ""
    last_reconciliation_process: str = ""
    last_reconciliation_time: str = ""


class BlueprintHandler(Wire):
    """Who brings a blueprint about. Servers of today do not keep it: the definition's handler counts."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"executortype"})

    executortype: str = ""


class Blueprint(Wire):
    """What should be there: `spec` and `status` are any JSON objects, `kind` is one of a definition's names."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset(
        {"blueprintid", "handler", "status", "reconciledgeneration", "lastreconciled"}
    )

    blueprintid: str = ""
    kind: str = ""
    metadata: BlueprintMetadata = Field(default_factory=BlueprintMetadata)
    handler: BlueprintHandler = Field(default_factory=BlueprintHandler)
    spec: dict[str, Any] = Field(default_factory=dict)
    status: dict[str, Any] = Field(default_factory=dict)
    reconciledgeneration: int = 0
    lastreconciled: str = ""

    @property
    def generation(self) -> int:
        """How often the spec was changed: `metadata.generation`."""
        return self.metadata.generation


class BlueprintDefinitionNames(Wire):
    """What blueprints of a definition are called; a blueprint's `kind` is looked up in this `kind`."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"list_kind", "short_names"})

    kind: str = ""
    list_kind: str = ""
    singular: str = ""
    plural: str = ""
    short_names: list[str] = Field(default_factory=list)


class BlueprintDefinitionHandler(Wire):
    """Who brings the blueprints of a definition about, by which function, and every how many seconds."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"reconcile_interval"})

    executor_type: str = ""
    function_name: str = ""
    reconcile_interval: int = 0


with warnings.catch_warnings():
    # pydantic warns that `schema` hides a method of its own, which it gave up long ago.
    warnings.filterwarnings("ignore", message='Field name "schema"', category=UserWarning)

    class BlueprintDefinitionSpec(Wire):
        """Names, handler, and the schema (`type`, `properties`, `required`) that blueprints are checked against."""

        _OMITTED: ClassVar[frozenset[str]] = frozenset({"group", "version", "scope", "schema", "handler"})

        group: str = ""
        version: str = ""
        scope: str = ""
        names: BlueprintDefinitionNames = Field(default_factory=BlueprintDefinitionNames)
        schema: dict[str, Any] = Field(default_factory=dict)  # type: ignore[assignment]
        handler: BlueprintDefinitionHandler = Field(default_factory=BlueprintDefinitionHandler)


class BlueprintDefinition(Wire):
    """A kind of blueprints."""

    _OMITTED: ClassVar[frozenset[str]] = frozenset({"blueprintdefinitionid"})

    blueprintdefinitionid: str = ""
    kind: str = ""
    metadata: BlueprintMetadata = Field(default_factory=BlueprintMetadata)
    spec: BlueprintDefinitionSpec = Field(default_factory=BlueprintDefinitionSpec)
