"""The text of a result's `Error`: what was printed before, what went wrong, and the place that it names."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Place", "message_in", "place_in", "printed_in"]

#: No chunk has a line of more digits: a process can write any text there.
_POSITION = re.compile(r'\[string "([^"]*)"\]:(\d{1,10}): ')
_COLOUR = re.compile(r"\x1b\[\d*m")
#: Where it goes over from what was printed to what went wrong.
_TROUBLE = re.compile(r"(?:^|\n)\n?(?:\x1b\[\d*m)*(?:Error(?:\x1b\[\d*m)* handling message|error:)")


class Place(NamedTuple):
    """A place that an error's text begins with, and the text behind it."""

    chunk: str | None
    line: int | None
    message: str


def printed_in(error: str) -> str:
    """What was printed before the error."""
    trouble = _TROUBLE.search(error)
    return error[: trouble.start()].strip("\n") if trouble else ""


def message_in(error: str) -> str:
    """The message: what follows the last `error:` line, without colours."""
    return _COLOUR.sub("", error).rsplit("error:\n", 1)[-1].strip()


def place_in(message: str) -> Place:
    """The place that a message names: the innermost one, which stands last before the text."""
    chunk: str | None = None
    line: int | None = None
    end = 0
    for place in _POSITION.finditer(message):
        if place.start() and not message.endswith(": ", 0, place.start()):
            break
        chunk, line = place[1], int(place[2])
        end = place.end()
    return Place(chunk, line, message[end:] if chunk is not None else message)
