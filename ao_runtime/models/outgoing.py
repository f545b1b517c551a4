"""What a process sends out besides messages: `Spawn` and `Assignment`."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from pydantic import Field

from .base import Model
from .tagged import Tagged
from .tags import Tags

__all__ = ["Assignment", "Spawn"]

__tracebackhide__ = True
_T = TypeVar("_T", bound="Outgoing")


class Outgoing(Model):
    """Something that a process put in its outbox."""

    @classmethod
    def outgoing(cls: type[_T], wire: dict[Any, Any]) -> _T:
        """From its wire form, as the process left it: not checked."""
        values = {key: item for key, item in wire.items() if isinstance(key, str)}
        if "tags" in cls.model_fields:
            values["Tags"] = Tags.outgoing(values.get("Tags"))
        return cast("_T", cls.model_construct(**values))

    def to_wire(self) -> dict[str, Any]:
        """As the network writes it."""
        wire = {str(field.alias): getattr(self, name) for name, field in type(self).model_fields.items()}
        wire = {name: item for name, item in wire.items() if item is not None}
        if isinstance(wire.get("Tags"), Tags):
            wire["Tags"] = wire["Tags"].to_list()
        return wire | (self.model_extra or {})


class Spawn(Tagged, Outgoing):
    """A process that a process asks for."""

    data: Any = Field(None, alias="Data")
    anchor: Any = Field(None, alias="Anchor")
    tags: Tags = Field(Tags(), alias="Tags")


class Assignment(Outgoing):
    """A message that a process wants other processes to see."""

    processes: Any = Field(None, alias="Processes")
    """Ids of the processes."""
    message: Any = Field(None, alias="Message")
    """Id of the message."""
