"""`Tag`, and `Tags`: a message's tags, in order, that can be read by name as well."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Sequence, ValuesView
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from .answer import tags_of
from .encoding import text
from .reading import read_tags

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

__all__ = ["Tag", "Tags"]

__tracebackhide__ = True


class Tag(NamedTuple):
    """One tag. On the network values are text; a process may put any JSON value there."""

    name: Any
    value: Any = None

    def to_wire(self) -> dict[str, Any]:
        """`{"name": …, "value": …}`, as the network writes it."""
        return {"name": self.name, "value": self.value}


class Tags(Sequence[Tag]):
    """An immutable sequence of `Tag(name, value)`, also readable as a mapping.

    Of several tags with one name, the first is what the name means, as on the network::

        tags = Tags([("Action", "Ping"), ("Action", "Pong")])
        tags["Action"]      # 'Ping'
        tags[1]             # Tag(name='Action', value='Pong')
        "Action" in tags    # True
    """

    __slots__ = ("_first", "_flat", "_made")

    _made: list[dict[str, Any]] | None
    _flat: tuple[bytes, ...]
    _first: dict[Any, Any] | None

    def __init__(self, tags: Any = ()) -> None:
        """Tags from an array of {name, value}, from (name, value) pairs or from a mapping."""
        self._made = read_tags(tags)
        self._first = None

    @classmethod
    def of(cls, wire: list[dict[str, Any]]) -> Tags:
        """Tags around a list in wire form, which is kept as it is: not checked, not copied."""
        tags = cls.__new__(cls)
        tags._made = wire
        tags._first = None
        return tags

    @classmethod
    def of_flat(cls, flat: tuple[bytes, ...]) -> Tags:
        """Tags as an engine gives them: name, value, name, value, … The list is made when somebody asks for it."""
        tags = cls.__new__(cls)
        tags._made = None
        tags._flat = flat
        tags._first = None
        return tags

    @property
    def _list(self) -> list[dict[str, Any]]:
        made = self._made
        if made is None:
            made = self._made = tags_of(self._flat)
        return made

    @classmethod
    def outgoing(cls, value: Any) -> Tags:
        """Tags as a process left them in its outbox: what is in no shape of tags is an InputError."""
        if isinstance(value, list) and all(isinstance(tag, dict) for tag in value):
            return cls.of(value)
        return cls(value)

    def _found(self, name: str | bytes) -> Any:
        """One look among what an engine gave: cheaper than a dict of all tags."""
        flat = self._flat
        try:
            wanted = name if isinstance(name, bytes) else name.encode()
            at = flat.index(wanted)
            while at & 1:
                at = flat.index(wanted, at + 1)
        except (ValueError, UnicodeEncodeError):
            raise KeyError(name) from None
        # What is text is found by text only.
        if isinstance(name, bytes) and text(name) != name:
            raise KeyError(name)
        return text(flat[at + 1])

    def _by_name(self) -> dict[Any, Any]:
        first = self._first
        if first is None:
            if self._made is None:
                flat = self._flat
                first = {text(flat[i]): text(flat[i + 1]) for i in range(len(flat) - 2, -1, -2)}
            else:
                first = {tag.get("name"): tag.get("value") for tag in reversed(self._made)}
            self._first = first
        return first

    @overload
    def __getitem__(self, key: int) -> Tag: ...
    @overload
    def __getitem__(self, key: slice) -> Tags: ...
    @overload
    def __getitem__(self, key: str | bytes) -> Any: ...
    def __getitem__(self, key: int | slice | str | bytes) -> Any:
        """The value of the first tag of that name; by a number or slice, as in any sequence."""
        if isinstance(key, (str, bytes)):
            if self._made is None and self._first is None:
                return self._found(key)
            return self._by_name()[key]
        if isinstance(key, slice):
            return Tags.of(self._list[key])
        tag = self._list[key]
        return Tag(tag.get("name"), tag.get("value"))

    def get(self, name: str | bytes, default: Any = None) -> Any:
        """The value of the first tag of that name, or `default`."""
        return self._by_name().get(name, default)

    def get_all(self, name: str | bytes) -> list[Any]:
        """The values of all tags of that name, in order."""
        return [tag.get("value") for tag in self._list if tag.get("name") == name]

    def __contains__(self, item: object) -> bool:
        """Whether there is a tag of that name (or that very tag)."""
        if isinstance(item, (str, bytes)):
            return item in self._by_name()
        return any(item == tag for tag in self)

    def __len__(self) -> int:
        """How many tags there are, equal names counted."""
        return len(self._flat) // 2 if self._made is None else len(self._made)

    def __iter__(self) -> Iterator[Tag]:
        """The tags, in order."""
        return (Tag(tag.get("name"), tag.get("value")) for tag in self._list)

    def keys(self) -> KeysView[Any]:
        """The names, each once, in the order in which they first appear."""
        return self.to_dict().keys()

    def values(self) -> ValuesView[Any]:
        """The values that the names mean, in the order of `keys`."""
        return self.to_dict().values()

    def items(self) -> ItemsView[Any, Any]:
        """Name and value, each name once."""
        return self.to_dict().items()

    def to_list(self) -> list[dict[str, Any]]:
        """The tags in wire form: a new list of {name, value}."""
        return [tag.copy() for tag in self._list]

    def to_dict(self) -> dict[Any, Any]:
        """Name → value, the first of equal names winning."""
        first = self._by_name()
        return {tag.get("name"): first[tag.get("name")] for tag in self._list}

    def __eq__(self, other: object) -> bool:
        """Tags are equal when they are the same, in the same order."""
        if isinstance(other, Tags):
            return self._list == other._list
        return NotImplemented

    def __hash__(self) -> int:
        """By the names: values may be lists."""
        return hash(tuple(tag.get("name") for tag in self._list))

    def __repr__(self) -> str:
        """`Tags([('Action', 'Ping')])`."""
        return f"Tags({[(tag.get('name'), tag.get('value')) for tag in self._list]!r})"

    @classmethod
    def _read(cls, value: Any) -> Tags:
        return value if isinstance(value, cls) else cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """In a pydantic model, tags are read from any of their shapes and written in wire form."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(cls.to_list)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tags in JSON schema: an array of {name, value}."""
        tag = {
            "type": "object",
            "properties": {"name": {"type": "string"}, "value": {}},
            "required": ["name"],
        }
        return {"type": "array", "items": tag}
