"""What the fuzzer is made of: code as a tree of pieces, each of which can be left out, and messages that carry it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .scenario import Scenario

__all__ = ["Case", "Piece", "Step", "lua"]


@dataclass(frozen=True)
class Piece:
    """Lua statements around other pieces, each of which may be left out."""

    head: str
    body: tuple[Piece, ...] = ()
    tail: str = ""

    def lua(self, indent: str = "") -> Iterator[str]:
        """Its lines."""
        yield indent + self.head
        for piece in self.body:
            yield from piece.lua(indent + "  ")
        if self.tail:
            yield indent + self.tail

    def smaller(self) -> Iterator[Piece]:
        """This piece with one piece of it left out or made smaller, large cuts first."""
        if len(self.body) > 1:
            yield replace(self, body=())
        for body in without_one(self.body):
            yield replace(self, body=body)


def lua(pieces: tuple[Piece, ...]) -> str:
    """The text of pieces, one after the other."""
    return "\n".join(line for piece in pieces for line in piece.lua())


def without_one(pieces: tuple[Piece, ...]) -> Iterator[tuple[Piece, ...]]:
    """The pieces with one left out, its body in its place, or one made smaller."""
    for index, piece in enumerate(pieces):
        yield pieces[:index] + pieces[index + 1 :]
        if piece.body:
            yield pieces[:index] + piece.body + pieces[index + 1 :]
    for index, piece in enumerate(pieces):
        for smaller in piece.smaller():
            yield (*pieces[:index], smaller, *pieces[index + 1 :])


@dataclass(frozen=True)
class Step:
    """A message; its Data is `code`, if there is any."""

    message: Mapping[str, Any]
    code: tuple[Piece, ...] = ()

    def wire(self) -> dict[str, Any]:
        """The message as it is sent."""
        return {**self.message, "Data": lua(self.code)} if self.code else dict(self.message)

    def smaller(self) -> Iterator[Step]:
        """This step with a piece of code, a tag or a field left out."""
        for code in without_one(self.code):
            yield replace(self, code=code)
        tags = self.message["Tags"]
        for index in range(len(tags)):
            yield replace(self, message={**self.message, "Tags": tags[:index] + tags[index + 1 :]})
        for name in self.message:
            if name not in _NEEDED:
                yield replace(self, message={key: value for key, value in self.message.items() if key != name})


_NEEDED = frozenset({"Id", "From", "Owner", "Target", "Module", "Block-Height", "Timestamp", "Tags"})


@dataclass(frozen=True)
class Case:
    """A process and messages to it, all of it generated."""

    name: str
    environment: Mapping[str, Any]
    steps: tuple[Step, ...]

    def scenario(self) -> Scenario:
        """The case as a scenario."""
        return Scenario(self.name, self.environment, [step.wire() for step in self.steps])
