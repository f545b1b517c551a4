"""Items and bundles for people and as JSON; reading them from files and writing them there."""

from __future__ import annotations

import codecs
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import click

from ..errors import InputError, ItemError
from ..items import Bundle, DataItem
from ..models import text as text_of
from .documents import stdin
from .text import document, echo, short, style, value

__all__ = ["Verdict", "described", "give", "lines", "read", "verdicts", "write"]

_LONGEST = 200
"""Letters of a tag's value or of data that are shown."""

_DEEPEST = 32
"""Levels of items and bundles that are shown."""


class Verdict(NamedTuple):
    """Whether an item is signed by its owner."""

    path: str
    item: DataItem
    error: str | None

    def line(self) -> str:
        """For people: `good  <id>  signed by <address> (arweave)`."""
        good = self.error is None
        word = style("good" if good else "BAD ", fg="green" if good else "red")
        indent = "  " * self.path.count(".")
        who = f"signed by {self.item.ao_address} ({self.item.signature_name})" if good else self.error
        return f"{indent}{word}  {self.item.id}  {who}"

    def described(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": self.path,
            "id": self.item.id,
            "ao_address": self.item.ao_address,
            "valid": self.error is None,
            "error": self.error,
        }


def verdicts(found: DataItem | Bundle) -> Iterator[Verdict]:
    """Whether the item is signed by its owner; of a bundle, each item in turn. One inside that is none is an error."""
    if isinstance(found, DataItem):
        yield _verdict("", 0, found)
        if not found.is_bundle:
            return
        start = found.size - len(found.data_view)
        try:
            inner = Bundle.inside(found)
        except ItemError as error:
            raise error.within("data", byte=start) from None
        for place in inner.walk():
            yield _verdict(f"data.{place.path}", start + place.byte, place.item)
    else:
        for place in found.walk():
            yield _verdict(place.path, place.byte, place.item)


def _verdict(path: str, byte: int, item: DataItem) -> Verdict:
    try:
        item.check()
    except ItemError as error:
        return Verdict(path, item, str(error.within(path, byte=byte)))
    return Verdict(path, item, None)


def lines(found: DataItem | Bundle, depth: int = 0) -> Iterator[str]:
    """What is in there, for people."""
    indent = "  " * depth
    if isinstance(found, Bundle):
        yield f"{indent}{style('bundle', bold=True)}  {_count(len(found), 'item')}, {_count(found.size, 'byte')}"
        for item in found:
            yield from lines(item, depth + 1)
        return
    yield f"{indent}{style('item', bold=True)}    {found.id}  {_count(found.size, 'byte')}"
    rows = [("owner", f"{found.ao_address} ({found.signature_name})")]
    if found.target:
        rows.append(("target", found.target))
    if found.raw_anchor:
        text = text_of(found.raw_anchor)
        rows.append(("anchor", found.anchor if isinstance(text, bytes) else value(text)))
    rows += ((value(tag.name), value(tag.value, _LONGEST)) for tag in found.tags)
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        yield f"{indent}  {style(name, dim=True)}{' ' * (width - len(name))}  {text}".rstrip()
    inner = _inside(found, depth)
    if isinstance(inner, Bundle):
        yield from lines(inner, depth + 1)
    else:
        yield f"{indent}  {style('data', dim=True)}{' ' * (width - 4)}  {_shown(found)}{inner}"


def _shown(item: DataItem) -> str:
    size = len(item.data_view)
    if not size:
        return "none"
    # A letter has up to four bytes: so many are enough for all that is shown, and its last letter may be cut.
    start = item.data_view[: 4 * _LONGEST]
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) == size)
    except UnicodeDecodeError:
        return f"<{_count(size, 'byte')}>"
    shown = value(text, _LONGEST)
    return f"{_count(size, 'byte')}: {shown if shown == shown.strip() else repr(shown)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _inside(item: DataItem, depth: int) -> Bundle | str:
    """The bundle that an item holds; else what is to be said of its not being shown."""
    if not item.is_bundle:
        return ""
    if depth >= _DEEPEST:
        return " (bundles more than that deep are not shown)"
    try:
        return Bundle.inside(item)
    except ItemError as error:
        return f" (no bundle, though its tags say so: {error})"


def described(found: DataItem | Bundle, depth: int = 0) -> dict[str, Any]:
    """What is in there, for machines."""
    if isinstance(found, Bundle):
        return {"size": found.size, "items": [described(item, depth + 1) for item in found]}
    result = {
        "id": found.id,
        "size": found.size,
        "signature_type": found.signature_type,
        "signature": found.signature,
        "owner": {"address": found.address, "key": found.owner},
        "ao_address": found.ao_address,
        "target": found.target,
        "anchor": found.anchor,
        "tags": found.tags.to_list(),
        "data_size": len(found.data_view),
    }
    inner = _inside(found, depth)
    if isinstance(inner, Bundle):
        result["items"] = described(inner, depth + 1)["items"]
    return result


def give(made: DataItem | Bundle, output: str | None, *, as_json: bool) -> None:
    """Gives what was made: to a file, and its id is printed; or its bytes to standard output."""
    data = bytes(made)
    if output is not None:
        write(data, output)
    elif not as_json:
        write(data, None)
        return
    if as_json:
        known: dict[str, Any] = {"id": made.id, "ao_address": made.ao_address} if isinstance(made, DataItem) else {}
        if isinstance(made, Bundle):
            known["ids"] = made.ids
        known["size"] = len(data)
        if output is None:
            name = "item" if isinstance(made, DataItem) else "bundle"
            known[name] = urlsafe_b64encode(data).rstrip(b"=").decode()
        else:
            known["file"] = output
        document(known)
    elif isinstance(made, DataItem):
        echo(made.id)
    else:
        for item in made:
            echo(f"{short(item.id)}  {_count(item.size, 'byte')}")


def read(file: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    if file == "-":
        return stdin()
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=file) from None


def write(data: bytes | memoryview, output: str | None) -> None:
    """Writes bytes to a new file, or to standard output, unless that is a terminal."""
    if output is None:
        if sys.stdout.isatty():
            raise InputError("bytes are not for a terminal", advice="-o FILE writes them to a file, > FILE too")
        click.echo(bytes(data), nl=False)
        return
    try:
        # Closed below; opened apart from that, since a file that was there already must not be removed.
        file = open(output, "xb")  # noqa: SIM115
    except FileExistsError:
        raise InputError("is there already", file=output, advice="give another name, or remove it") from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=output) from None
    try:
        with file:
            file.write(data)
    except OSError as error:
        with suppress(OSError):
            os.unlink(output)
        raise InputError(f"cannot be written: {error.strerror or error}", file=output) from None
