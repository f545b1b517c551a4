"""Reading what has fields and tags by one name for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tags import Tags

__all__ = ["Tagged"]

__tracebackhide__ = True


class Tagged:
    """A model with `tags`: `m["Action"]` is a field with that name, the network's or Python's, or else a tag."""

    if TYPE_CHECKING:
        tags: Tags

    def __getitem__(self, name: str) -> Any:
        """The field or the first tag of that name. Raises `KeyError` where there is neither."""
        found = self._field(name)
        return self.tags[name] if found is None else found

    def get(self, name: str, default: Any = None) -> Any:
        """The field or the first tag of that name, or `default`."""
        found = self._field(name)
        return self.tags.get(name, default) if found is None else found

    def __contains__(self, name: object) -> bool:
        """Whether there is a field (that is not None) or a tag of that name."""
        return isinstance(name, str) and self.get(name) is not None

    @property
    def action(self) -> Any:
        """The `Action` tag, by which most handlers know a message; None if there is none."""
        return self.tags.get("Action", self.tags.get("action"))

    def _field(self, name: str) -> Any:
        python = _names(type(self)).get(name)
        return None if python is None else getattr(self, python)


_KNOWN: dict[type, dict[str, str]] = {}


def _names(model: type) -> dict[str, str]:
    """Python's name of each field, by that and by the network's."""
    names = _KNOWN.get(model)
    if names is None:
        fields = model.model_fields  # type: ignore[attr-defined]
        names = {python: python for python in fields} | {str(field.alias): python for python, field in fields.items()}
        names.pop("tags", None)
        _KNOWN[model] = names
    return names
