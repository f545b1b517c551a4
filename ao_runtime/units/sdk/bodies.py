"""What requests are made of: models that check them, and from which `/openapi.json` is written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

__all__ = [
    "ID",
    "AssignBody",
    "CronQuery",
    "CronTickBody",
    "EmptyBody",
    "LuaModule",
    "MessageBody",
    "MessageQuery",
    "NodesQuery",
    "ProcessBody",
    "RelayBody",
    "SignedBody",
    "StateQuery",
    "Tag",
]

#: An id or an address: 32 bytes in base64url.
ID = r"^[A-Za-z0-9_-]{43}$"
_TIME = r"[0-9]{1,15}"


def _whole(value: Any) -> Any:
    """In JSON 1 and 1.0 are one number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _digits(value: Any) -> Any:
    """Numbers in a query are text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10 else value


Id = Annotated[StrictStr, Field(pattern=ID)]
Text = Annotated[StrictStr, Field(max_length=10 << 20)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=1024)]
Value = Annotated[StrictStr, Field(max_length=3072)]
Number = Annotated[StrictInt, BeforeValidator(_whole)]
Limit = Annotated[StrictInt, BeforeValidator(_digits), Field(ge=1, le=1000)]


class _Strict(BaseModel):
    """A request: keys that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class Tag(_Strict):
    """A tag: both are text."""

    name: Name
    value: Value


Tags = list[Tag] | dict[Name, Value]


class LuaModule(_Strict):
    """Lua in place of a module: the default module boots with it."""

    lua: Text


class SignedBody(_Strict):
    """A data item that the client has signed, in JSON."""

    item: Annotated[StrictStr, Field(min_length=1, max_length=14 << 20, pattern=r"^[A-Za-z0-9_-]+$")] = Field(
        description="An ANS-104 data item, base64url without padding."
    )


class EmptyBody(_Strict):
    """Nothing."""


class ProcessBody(_Strict):
    """A process that the local user spawns."""

    module: Id | LuaModule = Field(description="The id of a module, or Lua for the default one to boot with.")
    scheduler: Id | None = Field(default=None, description="An address; this network's if not given.")
    memory_limit: Annotated[StrictStr, Field(pattern=r"^[1-9][0-9]{0,11}-(kb|mb|gb)$")] | None = Field(
        default=None, description="Memory of the process; at most what the server gives."
    )
    compute_limit: (
        Annotated[StrictStr, Field(pattern=r"^[1-9][0-9]{0,17}$")] | Annotated[Number, Field(ge=1, lt=10**18)] | None
    ) = Field(default=None, description="Instructions that a message may use; at most what the server gives.")
    cron_interval: Annotated[StrictStr, Field(max_length=100)] | None = Field(
        default=None, description="A number and a unit: 10-minutes, 5-blocks."
    )
    cron_tags: dict[Name, Value] | None = Field(default=None, description="Tags of its ticks.")
    name: Value | None = None
    tags: Tags = Field(default_factory=list)
    data: Text | None = None
    on_boot: Literal["Data"] | Id | None = Field(default=None, description="What it evaluates at its start.")
    authority: list[Id] | None = Field(default=None, description="Whose messages it trusts; this network's messenger.")


class MessageBody(_Strict):
    """A message that the local user sends."""

    to: Id
    data: Text | None = None
    data_base64: Annotated[StrictStr, Field(max_length=14 << 20, pattern=r"^[A-Za-z0-9+/_-]*={0,2}$")] | None = Field(
        default=None, description="Bytes in place of text."
    )
    action: Value | None = None
    tags: Tags = Field(default_factory=list)
    anchor: Annotated[StrictStr, Field(pattern=r"^[!-~]{32}$")] | None = None
    from_process: Id | None = Field(default=None, description="As if this process had sent it.")
    read_only: StrictBool = Field(default=False, description="Evaluate it, and keep nothing.")
    wait: StrictBool = Field(default=False, description="Answer with the result.")


class AssignBody(_Strict):
    """A message that another process gets too."""

    process_id: Id = Field(alias="process-id")
    assign: Id = Field(description="The message.")
    base_layer: StrictBool = False
    exclude: list[Literal["Anchor", "Data", "Id", "Owner", "Signature", "Tags", "Target"]] = Field(default_factory=list)


class RelayBody(_Strict):
    """A message that is relayed to another process: an assignment."""

    message_id: Id
    target_process: Id


class CronTickBody(_Strict):
    """A tick out of turn."""

    index: Annotated[Number, Field(ge=0, le=1000)] = Field(default=0, description="Which Cron-Interval, from 0.")
    push: StrictBool = Field(default=True, description="Whether what it sends is delivered.")


# ── queries ────────────────────────────────────────────────────────────────────────────────────────────────────────


class StateQuery(_Strict):
    """A moment."""

    to: Annotated[StrictStr, Field(pattern=f"^{_TIME}$")] | None = Field(
        default=None, description="Milliseconds since 1970; what came then is in it."
    )


class MessageQuery(_Strict):
    """Of which process."""

    process_id: Id | None = Field(default=None, alias="process-id")


class NodesQuery(_Strict):
    """A range of messages; with another id in `process-id` the one message."""

    process_id: Id | None = Field(default=None, alias="process-id")
    from_: Annotated[StrictStr, Field(pattern=f"^({_TIME}|[A-Za-z0-9_-]{{43}})$")] | None = Field(
        default=None, alias="from", description="Milliseconds, or a message's id; it is not in the range."
    )
    to: Annotated[StrictStr, Field(pattern=f"^({_TIME}|[A-Za-z0-9_-]{{43}})$")] | None = Field(
        default=None, description="The same; it is in the range."
    )
    limit: Limit = 100


class CronQuery(_Strict):
    """A range of ticks."""

    from_: Annotated[StrictStr, Field(pattern=f"^({_TIME}|[A-Za-z0-9+/=_-]{{20,400}})$")] | None = Field(
        default=None, alias="from", description="Milliseconds, or a cursor; it is not in the range."
    )
    to: Annotated[StrictStr, Field(pattern=f"^({_TIME}|[A-Za-z0-9+/=_-]{{20,400}})$")] | None = Field(
        default=None, description="The same; it is in the range."
    )
    limit: Limit = 500
