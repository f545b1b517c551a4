"""JSON files of messages and environments. What is wrong in one is said with its file, its line and its field."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any, NamedTuple, NoReturn

from ..errors import InputError
from ..models import FIELDS, is_node, nodes_in, read_environment, read_message, restore, slot_of

__all__ = ["Given", "read_env", "read_messages", "stdin"]


class Given(NamedTuple):
    """A message that somebody gave, in wire form, and where it stands."""

    wire: dict[str, Any]
    file: str
    line: int | None
    keys: tuple[str, ...] = ()
    """Its keys, as they were given."""
    node: dict[str, Any] | None = None
    """The node of a scheduler's that it is."""


def read_messages(file: str) -> list[Given]:
    """The messages of a file (`-` is standard input): one object, an array of objects, or JSON lines."""
    document = Document(file)
    found = [
        document.given(at, value) for place, given in document.messages() for at, value in document.nodes(place, given)
    ]
    if not found:
        advice = 'a message is {"From": "bob", "Action": "Ping"}'
        raise InputError("holds no message", file=document.name, advice=advice)
    return found


def read_env(file: str) -> dict[str, Any]:
    """The environment in a file."""
    document = Document(file)
    values = list(document.values())
    if len(values) != 1:
        raise InputError(f"holds {len(values)} JSON values, not one environment", file=document.name)
    at, value = values[0]
    environment: dict[str, Any] = document.check(at, value, read_environment)
    return environment


class Document:
    """The text of a JSON file, in which a value, and a field in it, can be found again."""

    def __init__(self, file: str) -> None:
        """Reads the file; one that cannot be read is an InputError."""
        self.name = "standard input" if file == "-" else file
        try:
            data = stdin() if file == "-" else _bytes(file)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror or error}", file=self.name) from None
        # Bytes that are no UTF-8 become lone surrogates for now: a string with them is bytes in the end.
        self.text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        self._line = (0, 1)
        self._has_bytes = _ESCAPED.search(self.text) is not None
        self._json = json.JSONDecoder(parse_constant=self._no_constant)

    def line(self, at: int) -> int:
        """The line of a place in the text, from 1. Places are mostly asked for in order: it goes on from the last."""
        known, line = self._line if self._line[0] <= at else (0, 1)
        self._line = at, line + self.text.count("\n", known, at)
        return self._line[1]

    def values(self) -> Iterator[tuple[int, Any]]:
        """Each JSON value of the text, and where it starts."""
        at = self._space(0)
        while at < len(self.text):
            value, end = self._value(at)
            yield at, value
            at = self._space(end)

    def messages(self) -> Iterator[tuple[int, Any]]:
        """Each message: a value of the text, or an element of an array there."""
        at = self._space(0)
        while at < len(self.text):
            if self.text[at] == "[":
                after = at + 1
                for start, value, end in self._members(at):
                    yield start, value
                    after = end
                at = self._space(self._close(after))
            else:
                value, end = self._value(at)
                yield at, value
                at = self._space(end)

    def nodes(self, at: int, value: Any) -> Iterator[tuple[int, Any]]:
        """The nodes of a scheduler's page, each with its place; anything else is one message."""
        try:
            nodes = nodes_in(value)
        except InputError as error:
            raise error.within(file=self.name, line=self.line(self._find(at, error.field))) from None
        if nodes is None or value in nodes:
            yield at, value
            return
        yield from zip(chain(self._places(at, "edges" in value), repeat(at)), nodes, strict=False)

    def _places(self, at: int, edges: bool) -> Iterator[int]:
        """Where the nodes of a page stand, or that of an edge: the page is gone over once."""
        if not edges:
            yield self._find(at, "node")
            return
        start = self._find(at, "edges")
        if self.text[start] == "[":
            for edge, _, _ in self._members(start):
                yield self._find(edge, "node")

    def given(self, at: int, value: Any) -> Given:
        """One message, checked."""
        line = self.line(at)
        if not is_node(value):
            return Given(self.check(at, value, read_message), self.name, line, tuple(value))
        node = restore(value) if self._has_bytes else value
        if value["message"] is None:
            # Whether it is needed is known when all before it are evaluated.
            self.check(at, value, slot_of)
            return Given({"Tags": []}, self.name, line, tuple(value), node)
        return Given(self.check(at, value, read_message), self.name, line, tuple(value), node)

    def check(self, at: int, value: Any, read: Callable[[Any], Any]) -> Any:
        """What `read` makes of a value; its complaint gets the file, and the line of the field."""
        try:
            return read(restore(value) if self._has_bytes else value)
        except InputError as error:
            raise error.within(file=self.name, line=self.line(self._find(at, error.field))) from None

    # Inside: a small walk over the text. json's own scanner reads the values.

    def _space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _value(self, at: int) -> tuple[Any, int]:
        try:
            return self._json.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            self._fail(error.pos, error.msg)
        except RecursionError:
            self._fail(at, "nested too deeply")
        except ValueError:  # Python makes no number of so many digits.
            self._fail(at, "a number of more digits than can be read")

    def _no_constant(self, name: str) -> NoReturn:
        at = re.search(rf"(?<![\w\"]){re.escape(name)}\b", self.text)
        self._fail(at.start() if at else 0, f"there is no {name} in JSON")

    def _fail(self, at: int, problem: str) -> NoReturn:
        column = at - self.text.rfind("\n", 0, at)
        raise InputError(f"is no JSON: {problem}, at column {column}", file=self.name, line=self.line(at))

    def _members(self, at: int) -> Iterator[tuple[int, Any, int]]:
        """The elements of the array at `at`: where each starts, the element, and where it ends."""
        end = at + 1
        while True:
            start = self._space(end)
            if self.text[start : start + 1] == "]" and end == at + 1:
                return
            value, end = self._value(start)
            yield start, value, end
            end = self._space(end)
            if self.text[end : end + 1] != ",":
                return
            end += 1

    def _close(self, at: int) -> int:
        """The place after the bracket that closes an array."""
        at = self._space(at)
        if self.text[at : at + 1] != "]":
            self._fail(at, "Expecting ',' or ']'")
        return at + 1

    def _find(self, at: int, field: str | None) -> int:
        """Where a field such as `Tags[0].name` stands in the value at `at`; as near to it as can be found."""
        for name, index, quoted in _STEP.findall(field or ""):
            found = self._element(at, int(index)) if index else self._key(at, quoted or name)
            if found is None:
                break
            at = found
        return at

    def _element(self, at: int, index: int) -> int | None:
        if self.text[at] != "[":
            return None
        return next((start for number, (start, _, _) in enumerate(self._members(at)) if number == index), None)

    def _key(self, at: int, name: str) -> int | None:
        """Where the value of a key stands in the object at `at`; a field may be written in Python's way."""
        names = {name, FIELDS.get(name, name), name.lower()}
        if self.text[at] != "{":
            return None
        at = self._space(at + 1)
        while self.text[at : at + 1] == '"':
            key, end = self._value(at)
            start = self._space(self._space(end) + 1)
            if key in names:
                return start
            _, end = self._value(start)
            end = self._space(end)
            if self.text[end : end + 1] != ",":
                return None
            at = self._space(end + 1)
        return None


_ESCAPED = re.compile(r"[\udc80-\udcff]|\\u[dD][cC][89a-fA-F]")
_SPACE = re.compile(r"[ \t\r\n]*")
_STEP = re.compile(r"""([A-Za-z_][\w-]*)|\[(?:(\d+)|['"]([^'"]*)['"])\]""")


def stdin() -> bytes:
    """All of standard input. Raises `InputError` where it is closed or cannot be read."""
    if sys.stdin is None:
        raise InputError("is closed", file="standard input", advice="give a file, or pipe something into it")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file="standard input") from None


def _bytes(file: str) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()
