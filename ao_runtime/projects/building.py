"""The project's bundle: one file of Lua that any aos evaluates, and beside it where each of its lines was written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, LoadError
from ..models import MAPS, Failure, excerpt, place_in, shown, told
from ..process import read_code
from ..state import bundle
from ..vm import compiles, error_in
from .configuration import short_path
from .mappings import mappings
from .writing import write_file

if TYPE_CHECKING:
    from ..state import Bundle
    from .configuration import Configuration

__all__ = ["Built", "build", "bundle_in_place"]

__tracebackhide__ = True

#: What says which the process is, for programs that this one starts, too.
_PROCESS = "AO_RUN_PROCESS"


@dataclass(frozen=True)
class Built:
    """A bundle."""

    code: bytes
    files: tuple[Path, ...]
    """What it is made of: the modules in the order in which they are needed, and last the process's own code."""
    names: tuple[str, ...]
    """The names by which the modules are required."""
    warnings: tuple[str, ...]
    """What may go wrong where it is evaluated, each with its place."""
    _parts: tuple[tuple[str, bytes, int], ...]
    _before: int

    @property
    def digest(self) -> str:
        """SHA-256 of the bundle, in hexadecimal digits."""
        return hashlib.sha256(self.code).hexdigest()

    def map_for(self, output: Path) -> bytes:
        """The source map of the bundle where it is written to a file: version 3, with the names of chunks."""
        folder = Path(os.path.abspath(output)).parent
        texts = [text for _, text, _ in self._parts]
        places = [(column, text, True) for _, text, column in self._parts[:-1]]
        document = {
            "version": 3,
            "file": output.name,
            "sources": [Path(os.path.relpath(file, folder)).as_posix() for file in self.files],
            "sourcesContent": [text.decode("utf-8", "surrogateescape") for text in texts],
            "names": [],
            "mappings": mappings([*places, (self._before, texts[-1], False)]),
            "x_ao": {
                "sha256": self.digest,
                "chunks": {name: at for at, (name, _, _) in enumerate(self._parts)},
            },
        }
        # Bytes that are no UTF-8 stay what they are: escapes of half a character.
        return json.dumps(document, indent=1).encode()

    def write(self, output: Path) -> None:
        """Write the bundle, and its map beside it, each in one go. Raises `InputError` where that cannot be."""
        real = {os.path.realpath(file) for file in self.files}
        if os.path.realpath(output) in real:
            said = "is one of the files that the bundle is made of"
            raise InputError(said, file=str(output), advice="--output")
        for path, data in ((output.with_name(output.name + MAPS), self.map_for(output)), (output, self.code)):
            write_file(path, data)


def build(found: Configuration, process: Path | None = None) -> Built:
    """The bundle of a project's process, or of another file.

    What is required by a name that is written out is in it once, under the name with and without its leading dot; what
    the project replaces is what replaces it. The same files give the same bytes.

    Raises `InputError` where there is no code, or several files of it; `LoadError` for a file that is no Lua.
    """
    files = found.process if process is None else (process,)
    if not files:
        raise InputError("the project says no file", field="process", advice='process = "process.lua" in ao-run.toml')
    if len(files) > 1:
        raise InputError(
            "a bundle has one file", field="process", advice="require the others from it, and name that one"
        )
    file = files[0]
    code = read_code(short_path(file))
    if not compiles(b"return " + code):  # as an Eval tries it first
        _check(code, "aos", file)
    made = bundle(code, Path(os.path.abspath(file)).parent, found.replace or None, found.include)
    paths = {one.name: Path(one.path) if one.path else Path(one.name) for one in made.files}
    for one in made.files:
        _check(one.text, f".{one.name}", paths[one.name])
    return Built(
        made.code,
        (*(paths[one.name] for one in made.files), Path(os.path.abspath(file))),
        tuple(one.name for one in made.files),
        tuple(_warnings(made, paths, file)),
        (*((f".{one.name}", one.text, one.column) for one in made.files), ("aos", code, 0)),
        made.before,
    )


@contextmanager
def bundle_in_place(found: Configuration) -> Iterator[Built]:
    """In here the project's process is its bundle, which is built for that, for whoever asks what holds.

    Raises as `build` does.
    """
    made = build(found)
    made.write(found.output)
    before = os.environ.get(_PROCESS)
    os.environ[_PROCESS] = os.path.abspath(found.output)
    try:
        yield made
    finally:
        if before is None:
            os.environ.pop(_PROCESS, None)
        else:
            os.environ[_PROCESS] = before


def _check(code: bytes, chunk: str, file: Path) -> None:
    """Raises `LoadError`, with file, line and source, for what is no Lua."""
    said = error_in(code, chunk.encode())
    if said is None:
        return
    place = place_in(said)
    lines = () if place.line is None else excerpt(code, place.line)
    failure = Failure(place.message, chunk, place.line, file=short_path(file), excerpt=lines)
    raise LoadError.of(failure, told(failure))


def _warnings(made: Bundle, paths: dict[str, Path], own: Path) -> Iterator[str]:
    def place(name: str, line: int) -> str:
        file = short_path(paths[name] if name else own)
        return f"{file}:{line}" if line else "build.include"

    for name, line in made.computed:
        yield (
            f"{place(name, line)}: requires a name that is not written out: what it may be, build.include has to say"
        )
    for name, line, wanted in made.missing:
        yield f"{place(name, line)}: there is no module {shown(wanted)} in the project, nor on the network"
    for circle in made.circles:
        yield f"{' → '.join(name or short_path(own) for name in circle)}: they require one another"
