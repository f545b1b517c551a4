"""`Message`: one message, on its way to a process or out of one."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from .base import Model
from .encoding import text
from .near import check_keywords
from .reading import FIELDS, field_name, read_message
from .tagged import Tagged
from .tags import Tags

__all__ = ["Message"]

__tracebackhide__ = True


class Message(Tagged, Model):
    """A message, with the network's names or Python's.

    Root keys that are no field become tags, and tags may be an array of {name, value}, (name, value) pairs or
    a mapping, so these are one message::

        Message(From="bob", Action="Transfer", Quantity="10")
        Message(from_="bob", tags={"Action": "Transfer", "Quantity": "10"})
        Message.model_validate({"From": "bob", "Tags": [{"name": "Action", "value": "Transfer"}, …]})

    Fields that are not given are `None`; a `Process` fills them when it is given the message. `message["Action"]` is a
    field or a tag, `message.action` that tag.
    """

    id: str | None = Field(None, alias="Id")
    """The message's id: 43 characters on the network."""
    signature: str | None = Field(None, alias="Signature")
    data: Any = Field(None, alias="Data")
    """Text, or bytes. What a process sends may hold any JSON value here."""
    owner: str | None = Field(None, alias="Owner")
    """Who signed it."""
    target: Any = Field(None, alias="Target")
    """The process (or wallet) that it is for."""
    anchor: Any = Field(None, alias="Anchor")
    from_: str | None = Field(None, alias="From")
    """Who it is from: the process that sent it, else its owner."""
    forwarded_by: str | None = Field(None, alias="Forwarded-By")
    tags: Tags = Field(Tags(), alias="Tags")
    epoch: int | float | str | None = Field(None, alias="Epoch")
    nonce: int | float | str | None = Field(None, alias="Nonce")
    timestamp: int | float | str | None = Field(None, alias="Timestamp")
    """Milliseconds."""
    block_height: int | float | str | None = Field(None, alias="Block-Height")
    hash_chain: str | None = Field(None, alias="Hash-Chain")
    cron: bool | str | None = Field(None, alias="Cron")
    read_only: bool | str | None = Field(None, alias="Read-Only")
    """The network sets it for a dry run. A process sees it, and that is all that it does here."""
    module: str | None = Field(None, alias="Module")

    def __init__(self, **fields: Any) -> None:
        """A name is a field or becomes a tag. Raises `InputError` for one that is nearly a field."""
        check_keywords(fields)
        super().__init__(**fields)

    # Validation makes messages as it does with pydantic's own: a dict may have any keys.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return value if isinstance(value, cls) else read_message(value)

    @classmethod
    def outgoing(cls, wire: dict[Any, Any], sender: str | None = None) -> Message:
        """The message that a process (`sender`) sent, from its wire form; not checked, and nothing becomes a tag."""
        values = {field_name(key): item for key, item in wire.items() if isinstance(key, str)}
        values["tags"] = Tags.outgoing(values.get("tags"))
        if sender is not None:
            values["from_"] = sender
        return cls.model_construct(**values)

    @classmethod
    def sent(
        cls, sender: str | None, target: bytes, data: bytes | None, anchor: bytes, tags: tuple[bytes, ...]
    ) -> Message:
        """The message that a process (`sender`) sent, as an engine gives it (`answer.Sent`).

        What `model_construct` would make of it, in a tenth of the time: results are read on the hot path.
        """
        message = cls.__new__(cls)
        fields = _NOTHING.copy()
        fields["target"], fields["anchor"], fields["tags"] = text(target), text(anchor), Tags.of_flat(tags)
        if data is None:
            given = _WITHOUT_DATA.copy()
        else:
            given = _WITH_DATA.copy()
            fields["data"] = text(data)
        if sender is not None:
            fields["from_"] = sender
            given.add("from_")
        _set(message, "__dict__", fields)
        _set(message, "__pydantic_fields_set__", given)
        _set(message, "__pydantic_extra__", {})
        _set(message, "__pydantic_private__", None)
        return message

    def to_wire(self) -> dict[str, Any]:
        """The message as the network writes it: the fields that are there, and Tags as an array."""
        values = {name: getattr(self, python) for name, python in FIELDS.items()}
        wire = {name: value for name, value in values.items() if value is not None}
        wire["Tags"] = self.tags.to_list()
        return wire | (self.model_extra or {})


#: The fields of a message of which nothing is known.
_NOTHING: dict[str, Any] = dict.fromkeys(Message.model_fields) | {"tags": Tags()}
_WITHOUT_DATA = {"target", "anchor", "tags"}
_WITH_DATA = _WITHOUT_DATA | {"data"}
_set = object.__setattr__
