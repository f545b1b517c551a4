"""The files that a module sees: what emscripten's own file system answers, and nothing of the machine's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime.wasm import WasmEngine
from ao_runtime.wasm.files import FileError, Tree

CREATE, EXCLUSIVE, TRUNCATE, APPEND = 0x40, 0x80, 0x200, 0x400
READ, WRITE, BOTH = 0, 1, 2


@pytest.fixture
def tree() -> Tree:
    """A tree with `/data/id`."""
    return Tree({"id": b"content"}.get, lambda: 10004, 100_000)


def errno(call: object, *arguments: object, **options: object) -> int:
    """The number of the error that a call ends in."""
    with pytest.raises(FileError) as caught:
        call(*arguments, **options)  # type: ignore[operator]
    return caught.value.number


def test_write_and_read(tree: Tree) -> None:
    """What is written is read again, from any place; what was never written is zeros."""
    file = tree.open(b"/tmp/x", BOTH | CREATE)
    assert file == 3
    tree.write(file, b"hello")
    assert tree.seek(file, 1, 0) == 1
    assert (tree.read(file, 2), tree.read(file, 9), tree.read(file, 9)) == (b"el", b"lo", b"")
    assert tree.seek(file, 3, 2) == 8
    tree.write(file, b"!")
    assert tree.find(b"/tmp/x").content == b"hello\0\0\0!"
    tree.truncate(file, 2)
    assert tree.find(b"/tmp/x").content == b"he"
    more = tree.open(b"/tmp/x", WRITE | APPEND)
    tree.write(more, b"y")
    assert tree.find(b"/tmp/x").content == b"hey"
    tree.open(b"/tmp/x", WRITE | TRUNCATE)
    assert tree.find(b"/tmp/x").content == b""


def test_data(tree: Tree) -> None:
    """`/data/<id>` is there for reading, and only under names that can be ids."""
    file = tree.open(b"/data/id", READ)
    assert tree.read(file, 100) == b"content"
    assert errno(tree.open, b"/data/none", READ) == 44
    assert errno(tree.open, b"/data/../data/i.d", READ) == 44
    assert errno(tree.open, b"/data/id", WRITE) == 69
    assert errno(tree.open, b"/data/new", WRITE | CREATE) == 69
    assert errno(tree.remove, b"/data/id", -100, folder=False) == 10
    assert errno(tree.make_folder, b"/data/folder", 0, -100) == 69
    assert errno(tree.rename, b"/data/id", -100, b"/tmp/id", -100) == 10


def test_what_cannot_be_looked_up() -> None:
    """A source of files that fails has no file."""

    def broken(name: str) -> bytes | None:
        raise OSError(name)

    assert errno(Tree(broken, lambda: 0).open, b"/data/x", READ) == 44


def test_errors(tree: Tree) -> None:
    """Each error is the one that emscripten gives."""
    tree.open(b"/tmp/x", CREATE)
    numbers = [
        errno(tree.open, b"", READ),
        errno(tree.open, b"/none/x", BOTH | CREATE),
        errno(tree.open, b"/tmp", WRITE),
        errno(tree.open, b"/tmp/x", CREATE | EXCLUSIVE),
        errno(tree.open, b"/tmp/x/y", READ),
        errno(tree.open, b"/tmp/x", 0x10000),
        errno(tree.open, b"/" + b"x" * 5000, READ),
        errno(tree.open, b"/" + b"x" * 300, CREATE),
        errno(tree.read, 77, 1),
        errno(tree.read, 1, 1),
        errno(tree.write, 0, b"x"),
        errno(tree.close, 77),
        errno(tree.seek, 3, -1, 0),
        errno(tree.seek, 3, 0, 5),
        errno(tree.seek, 1, 0, 0),
        errno(tree.duplicate, 1, 1),
        errno(tree.duplicate, 88, 1),
        errno(tree.truncate, 3, -2),
        errno(tree.make_folder, b"/tmp", 0, -100),
        errno(tree.remove, b"/tmp/x", -100, folder=True),
        errno(tree.remove, b"/tmp", -100, folder=False),
        errno(tree.remove, b"/tmp", -100, folder=True),
        errno(tree.remove, b"/none", -100, folder=False),
        errno(tree.rename, b"/none", -100, b"/tmp/y", -100),
    ]
    assert numbers == [
        *(44, 44, 31, 20, 54, 54, 37, 37),
        *(8, 8, 8, 8, 28, 28, 70, 28, 8, 28),
        *(20, 54, 31, 55, 44, 44),
    ]


def test_names(tree: Tree) -> None:
    """Paths are taken as they are meant, also from a directory that is open."""
    tree.make_folder(b"/tmp/a", 0o755, -100)
    folder = tree.open(b"/tmp/a", READ)
    tree.open(b"file", CREATE, base=folder)
    assert tree.find(b"/tmp/./a/../a//file").number == tree.find(b"file", folder).number
    assert tree.find(b"/../..").number == 1
    tree.rename(b"/tmp/a", -100, b"/home/b", -100)
    assert tree.find(b"/home/b/file").number == tree.find(b"file", folder).number
    assert errno(tree.rename, b"/home/b", -100, b"/home/b/inside", -100) == 28
    tree.open(b"/tmp/other", CREATE)
    tree.rename(b"/home/b/file", -100, b"/tmp/other", -100)
    assert sorted(tree.find(b"/tmp").entries) == ["other"]


def test_room(tree: Tree) -> None:
    """Files take room, and give it back when nothing leads to them any more."""
    before = tree.used
    file = tree.open(b"/tmp/x", BOTH | CREATE)
    assert errno(tree.truncate, file, 1 << 50) == 51
    tree.write(file, bytes(50_000))
    assert errno(tree.write, file, bytes(50_000)) == 51
    tree.remove(b"/tmp/x", -100, folder=False)
    assert tree.used > before
    tree.close(file)
    assert tree.used == before


def test_devices(tree: Tree) -> None:
    """What is printed goes nowhere, nothing can be read in, and what asks for randomness gets zeros."""
    tree.write(1, b"printed")
    assert tree.read(0, 10) == b""
    assert tree.read(tree.open(b"/dev/urandom", READ), 4) == bytes(4)
    assert errno(tree.remove, b"/dev/null", -100, folder=False) == 10


def test_the_machine_is_not_there(tree: Tree) -> None:
    """No file of the machine's can be seen."""
    assert errno(tree.open, str(Path(__file__)).encode(), READ) == 44
    assert errno(tree.open, b"/etc/passwd", READ) == 44


def test_in_a_process(aos: Path) -> None:
    """A published module reads `/data/<id>` line by line, and finds no other file."""
    from ao_runtime import Process

    environment = {"Process": {"Id": "P", "Owner": "ME", "Tags": []}, "Module": {"Id": "M"}}
    process = Process(environment, module=aos, files={"id": "one\ntwo"})
    process.handle({"Id": "P", "From": "ME", "Module": "M", "Type": "Process"}).raise_for_error()
    lines = "local t = {} for line in io.lines('/data/id') do t[#t + 1] = line end return table.concat(t, ',')"
    assert process.eval(lines).text == "one,two"
    assert process.eval("return tostring(io.open('/data/other'))").text == "nil"
    assert process.eval("return tostring(io.open('/etc/passwd'))").text == "nil"
    assert process.eval("return tostring(io.open('/tmp/x', 'w'))").text == "nil"


def test_engine_takes_a_function(aos: Path) -> None:
    """What `file` is asked for are ids, each once."""
    asked: list[str] = []
    engine = WasmEngine({}, module=aos, file=lambda name: asked.append(name))
    tree = engine._instance.host.tree
    assert errno(tree.open, b"/data/abc", READ) == 44
    assert errno(tree.open, b"/data/a b", READ) == 44
    assert asked == ["abc"]
