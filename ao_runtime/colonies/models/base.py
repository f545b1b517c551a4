"""What all types of ColonyOS have in common: how they are read from a server's JSON, and written for it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import AliasGenerator, BaseModel, ConfigDict, ValidationError, model_validator

from ...errors import InputError

__all__ = ["Wire"]
_W = TypeVar("_W", bound="Wire")

#: Fields that are called otherwise on the wire, of whatever type.
_WIRE_NAMES = {
    "input": "in",
    "output": "out",
    "msgtype": "type",
    "software_type": "type",
    "processes_per_node": "processespernode",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "last_reconciliation_process": "lastReconciliationProcess",
    "last_reconciliation_time": "lastReconciliationTime",
    "list_kind": "listKind",
    "short_names": "shortNames",
    "executor_type": "executorType",
    "function_name": "functionName",
    "reconcile_interval": "reconcileInterval",
}


def _wire_name(name: str) -> str:
    return _WIRE_NAMES.get(name, name)


class Wire(BaseModel):
    """A type of ColonyOS.

    Made by keyword with Python's names, each of which may be left out; or from a server's JSON. Fields that are not
    known are kept and sent again. Every value that is given or set is checked: a wrong one is an InputError.
    """

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
        validate_assignment=True,
        alias_generator=AliasGenerator(validation_alias=_wire_name, serialization_alias=_wire_name),
    )

    #: Fields that are not sent while they are empty: a server could not read them (times), or takes them for a value.
    _OMITTED: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise _problem(error, type(self)) from None

    # Else pydantic would call it for every part of a larger model, and each would raise an error of its own.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field, checked; None makes it empty."""
        if value is None and name in type(self).model_fields:
            value = type(self).model_fields[name].get_default(call_default_factory=True)
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise _problem(error, type(self)) from None

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Only what is there: most fields of most objects are empty."""
        return ((name, value) for name, value in super().__repr_args__() if _holds_something(value))

    @classmethod
    def from_dict(cls: type[_W], d: Mapping[str, Any] | _W) -> _W:
        """The object that a server's JSON is: null and absent fields are empty, fields that are not known are kept.

        An object of this type is given back as it is.

        Raises InputError with the field that has a value of the wrong kind.
        """
        try:
            return cls.model_validate(dict(d) if isinstance(d, Mapping) else d)
        except ValidationError as error:
            raise _problem(error, cls) from None

    def to_dict(self) -> dict[str, Any]:
        """The object as JSON for a server, with the wire's names and with the fields that are not known.

        Raises InputError if something in it is nested too deeply to be written.
        """
        try:
            return self._wire()
        except RecursionError:
            raise InputError("is nested too deeply to be sent", field=type(self).__name__) from None

    def _wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name not in self._OMITTED or _holds_something(value):
                wire[_wire_name(name)] = _written(value)
        for name, value in (self.model_extra or {}).items():
            wire.setdefault(name, _written(value))
        return wire

    @model_validator(mode="before")
    @classmethod
    def _null_is_empty(cls, value: Any) -> Any:
        if isinstance(value, dict) and None in value.values():
            fields = _names(cls)
            return {name: item for name, item in value.items() if item is not None or name not in fields}
        return value


@functools.cache
def _names(cls: type[Wire]) -> frozenset[str]:
    """The names of its fields, Python's and the wire's."""
    return frozenset(cls.model_fields) | {_wire_name(name) for name in cls.model_fields}


def _written(value: Any) -> Any:
    """A copy as plain JSON values; what JSON does not know stays, and is refused where it is sent."""
    if isinstance(value, Wire):
        return value._wire()
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    return value


def _holds_something(value: Any) -> bool:
    if isinstance(value, Wire):
        return bool(value.model_extra) or any(
            _holds_something(getattr(value, name)) for name in type(value).model_fields
        )
    return bool(value)


def _problem(error: ValidationError, cls: type[Wire]) -> InputError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    return InputError(first["msg"], field=f"{cls.__name__}{field}")
