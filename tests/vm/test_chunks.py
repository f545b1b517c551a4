"""Our own Lua files: which are modules, and modules that are written in several files."""

from __future__ import annotations

import pytest

from ao_runtime import Process
from ao_runtime.vm import chunks

from .running import failure, value

PARTS = sorted(path.stem for path in (chunks.FOLDER / "bint").glob("*.lua"))


def test_a_module_holds_its_parts() -> None:
    """The text of `.bint` has each of its parts in it once, without the comments at their heads."""
    text = chunks.source("bint")
    assert b"include(" not in text
    assert len(PARTS) > 5
    for part in PARTS:
        lines = (chunks.FOLDER / f"bint/{part}.lua").read_bytes().splitlines(keepends=True)
        head = next(i for i, line in enumerate(lines) if not line.startswith(b"--"))
        assert 0 < head < len(lines)
        assert text.count(b"".join(lines[head:])) == 1


def test_lines_of_a_module() -> None:
    """An error in a part names the module, and the line in the whole text of it."""
    complaint = "value cannot be represented by a bint"
    lines = chunks.source("bint").decode().splitlines()
    [line] = [number for number, text in enumerate(lines, 1) if complaint in text]
    said = value("return select(2, pcall(require('.bint')(256), 'x'))")
    assert said == f'[string ".bint"]:{line}: {complaint}'


@pytest.mark.parametrize("separator", [".", "/"])
@pytest.mark.parametrize("part", [*PARTS, "nothing"])
def test_parts_are_no_modules(part: str, separator: str) -> None:
    """A part cannot be required: it is not found, as any other name on the network that nothing has."""
    for dot in ("", "."):
        name = f"{dot}bint{separator}{part}"
        assert chunks.module(name.removeprefix(".")) is None
        expected = failure(f"require('{dot}nowhere{separator}{part}')").replace("nowhere", "bint")
        assert failure(f"require('{name}')") == expected


def test_a_project_may_have_such_names() -> None:
    """A project's own module that has the name of a part is found."""
    process = Process.spawn(code="", modules={"bint.bits": "return 7"})
    assert value("return require('bint.bits') + require('.bint.bits')", process=process) == "14"
