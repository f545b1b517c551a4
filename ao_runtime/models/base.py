"""What the pydantic models have in common: they are immutable, and wrong input is an InputError."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator

from ..errors import InputError
from .json_text import from_json, to_json

__all__ = ["Model"]

__tracebackhide__ = True
_T = TypeVar("_T", bound="Model")


class Model(BaseModel):
    """Immutable; reads the network's names and Python's; keeps fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True, ser_json_bytes="utf8")

    @classmethod
    def model_validate_json(cls: type[_T], json_data: str | bytes | bytearray, **options: Any) -> _T:
        """The model from JSON text, in which lone surrogates may stand for bytes (`models.json_text`)."""
        return cls.model_validate(
            from_json(bytes(json_data) if isinstance(json_data, bytearray) else json_data), **options
        )

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """The model as JSON text, which `model_validate_json` reads: bytes are written as `models.json_text` says."""
        return to_json(self.model_dump(**options), indent=indent)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Only what is there: a message has many fields, and most are seldom given."""
        return ((name, value) for name, value in super().__repr_args__() if value is not None)

    @model_validator(mode="wrap")
    @classmethod
    def _one_clear_error(cls: type[_T], value: Any, handler: ModelWrapValidatorHandler[_T]) -> _T:
        try:
            return handler(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise InputError(first["msg"], field=field or None) from None
