"""`Environment`: which process this is, and which module it runs on."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from .base import Model
from .reading import read_environment
from .tags import Tags

__all__ = ["DataItem", "Environment"]

__tracebackhide__ = True


class DataItem(Model):
    """The data item that a process or a module was made by."""

    id: str | None = Field(None, alias="Id")
    owner: str | None = Field(None, alias="Owner")
    tags: Tags = Field(Tags(), alias="Tags")

    def to_wire(self) -> dict[str, Any]:
        """`{"Id", "Owner", "Tags"}` as far as they are known."""
        wire = {"Id": self.id, "Owner": self.owner, "Tags": self.tags.to_list()}
        return {name: item for name, item in wire.items() if item is not None} | (self.model_extra or {})


class Environment(Model):
    """`{"Process": {"Id", "Owner", "Tags"}, "Module": {"Id", "Owner", "Tags"}}`, in either kind of names.

    What is left out is `None`; a `Process` fills it.
    """

    process: DataItem = Field(DataItem(), alias="Process")
    module: DataItem = Field(DataItem(), alias="Module")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return value if isinstance(value, cls) else read_environment(value)

    def to_wire(self) -> dict[str, Any]:
        """The environment as the network writes it."""
        return {"Process": self.process.to_wire(), "Module": self.module.to_wire()} | (self.model_extra or {})
