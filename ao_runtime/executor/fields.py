"""What a job says, field by field. It comes from a stranger: everything is looked at, and nothing is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..models import shown
from .data import read_reference

__all__ = ["Fields"]

_REQUIRED = object()
_LONGEST_NAME = 200


class Fields:
    """The keyword arguments of a process. Raises `InputError` for one that a function does not know."""

    def __init__(self, kwargs: Mapping[str, Any], known: tuple[str, ...]) -> None:
        self._kwargs = kwargs
        unknown = next((name for name in kwargs if name not in known), None)
        if unknown is not None:
            raise InputError("there is no such argument", field=unknown, advice=f"the arguments are {', '.join(known)}")

    def __contains__(self, name: str) -> bool:
        """Whether there is a value; null is none."""
        return self._kwargs.get(name) is not None

    def value(self, name: str, default: Any = _REQUIRED) -> Any:
        """Any value."""
        found = self._kwargs.get(name)
        if found is not None:
            return found
        if default is _REQUIRED:
            raise InputError("is missing", field=name)
        return default

    def text(self, name: str, default: Any = _REQUIRED) -> Any:
        """A text, not empty."""
        found = self.value(name, default)
        if found is not default and (not isinstance(found, str) or not found):
            raise InputError(f"must be text, found {shown(found)}", field=name)
        return found

    def name(self, name: str) -> str:
        """A name that is written down: of a job."""
        found: str = self.text(name)
        if len(found) > _LONGEST_NAME or not found.isprintable():
            raise InputError(f"must be up to {_LONGEST_NAME} characters that can be printed", field=name)
        return found

    def number(self, name: str, default: Any = _REQUIRED, least: int = 0) -> Any:
        """A whole number, not less than `least`; 5.0 is one, too: servers keep numbers as floats."""
        found = self.value(name, default)
        if found is default:
            return found
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found < 1 << 53:
            raise InputError(f"must be a whole number from {least} on, found {shown(found)}", field=name)
        return found

    def flag(self, name: str) -> bool:
        """True or false; false where there is none."""
        found = self.value(name, False)
        if not isinstance(found, bool):
            raise InputError(f"must be true or false, found {shown(found)}", field=name)
        return found

    def reference(self, name: str, default: Any = _REQUIRED) -> Any:
        """A `Reference`."""
        found = self.value(name, default)
        return found if found is default else read_reference(found, name)
