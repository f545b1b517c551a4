"""The files that a module sees: a small tree in memory, of which `/data/<id>` is looked up outside and is read-only.

Nothing here knows of WebAssembly, and nothing touches the machine's own files. What a call answers is what emscripten's
own file system answers; errors are raised as `FileError` with its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["APPEND", "DATA", "DEVICE", "DIRECTORY", "FILE", "FileError", "Node", "Open", "Tree"]

__tracebackhide__ = True

BAD_DESCRIPTOR, BUSY, EXISTS, INVALID, IS_DIRECTORY, TOO_MANY, NAME_TOO_LONG = 8, 10, 20, 28, 31, 33, 37
NOT_FOUND, NO_SPACE, NOT_SUPPORTED, NOT_DIRECTORY, NOT_EMPTY, RANGE, READ_ONLY = 44, 51, 52, 54, 55, 68, 69

CREATE, EXCLUSIVE, TRUNCATE, APPEND, ONLY_DIRECTORY = 0x40, 0x80, 0x200, 0x400, 0x10000

DIRECTORY, FILE, DEVICE, DATA = "directory", "file", "device", "data"

_ID = re.compile(r"[\w-]+\Z", re.ASCII)
_PATH_MOST, _DESCRIPTORS_MOST = 4096, 1024
#: What a node costs beside its content.
_WEIGHT = 1024


class FileError(Exception):
    """What a call on files answers instead; `number` is emscripten's errno. It never leaves this package."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass
class Node:
    """A directory, a file, a device, or what is looked up outside."""

    number: int
    kind: str
    name: str = ""
    mode: int = 0
    time: int = 0
    """Milliseconds: when it was changed last."""
    content: bytearray = field(default_factory=bytearray)
    entries: dict[str, Node] = field(default_factory=dict)
    parent: Node | None = None


@dataclass
class Open:
    """An open file: what a descriptor stands for."""

    node: Node
    flags: int = 0
    at: int = 0


class Tree:
    """All files, and the descriptors that are open.

    `look_up` gives the content of `/data/<id>`, or None; `now` is the clock, in milliseconds; `most` is how many bytes
    the files may have together, None is no limit.
    """

    def __init__(
        self, look_up: Callable[[str], bytes | None] | None, now: Callable[[], int], most: int | None = None
    ) -> None:
        self._look_up = look_up
        self._now = now
        self.most = most
        self.used = 0
        self.last = 0
        """The number of the newest node."""
        self.root = self._builtin(None, "", DIRECTORY)
        self._builtin(self.root, "tmp", DIRECTORY)
        self._builtin(self._builtin(self.root, "home", DIRECTORY), "web_user", DIRECTORY)
        devices = self._builtin(self.root, "dev", DIRECTORY)
        self._null, *_ = [
            self._builtin(devices, name, DEVICE)
            for name in ("null", "tty", "tty1", "random", "urandom", "stdin", "stdout", "stderr")
        ]
        self._builtin(self._builtin(devices, "shm", DIRECTORY), "tmp", DIRECTORY)
        self.data = self._builtin(self.root, "data", DIRECTORY)
        #: Nodes that are there from the start.
        self.builtin = self.last = 20
        self.open_files = {
            number: Open(devices.entries[name], flags)
            for number, (name, flags) in enumerate((("stdin", 0), ("stdout", 1), ("stderr", 1)))
        }

    def _builtin(self, parent: Node | None, name: str, kind: str) -> Node:
        self.last += 1
        mode = 0o40777 if kind == DIRECTORY else 0o20666
        node = Node(self.last, kind, name, mode, 10000, parent=parent)
        if parent is not None:
            parent.entries[name] = node
        return node

    # ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _parts(self, path: bytes, base: int) -> list[str]:
        if not path:
            raise FileError(NOT_FOUND)
        if len(path) > _PATH_MOST:
            raise FileError(NAME_TOO_LONG)
        parts: list[str] = []
        if not path.startswith(b"/") and base >= 0:
            node: Node | None = self.opened(base).node
            if node is None or node.kind != DIRECTORY:
                raise FileError(NOT_DIRECTORY)
            while node is not None and node.parent is not None:
                parts.insert(0, node.name)
                node = node.parent
        for part in path.decode("latin-1").split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return parts

    def _walk(self, parts: list[str]) -> Node:
        node = self.root
        for part in parts:
            if node.kind != DIRECTORY:
                raise FileError(NOT_DIRECTORY)
            found = node.entries.get(part)
            if found is None and node is self.data:
                found = self._outside(part)
            if found is None:
                raise FileError(NOT_FOUND)
            node = found
        return node

    def _outside(self, name: str) -> Node | None:
        content = self.outside(name)
        if content is None:
            return None
        node = self.make(self.data, name, DATA, 0o100444)
        node.content = bytearray(content)
        return node

    def outside(self, name: str) -> bytes | None:
        """The content of `/data/<name>`, asked of whoever knows."""
        if self._look_up is None or not _ID.match(name):
            return None
        try:
            return self._look_up(name)
        except Exception:  # as the other engine does: what cannot be read is not there
            return None

    def _place(self, path: bytes, base: int) -> tuple[Node, str]:
        """The directory that a name is in, and the name."""
        parts = self._parts(path, base)
        if not parts:
            raise FileError(BUSY)
        folder = self._walk(parts[:-1])
        if folder.kind != DIRECTORY:
            raise FileError(NOT_DIRECTORY)
        return folder, parts[-1]

    def find(self, path: bytes, base: int = -100) -> Node:
        """What a path leads to; relative ones begin at a descriptor's directory, or at `/`."""
        return self._walk(self._parts(path, base))

    def make(self, folder: Node, name: str, kind: str, mode: int) -> Node:
        """A new node in a directory."""
        if len(name) > 255:
            raise FileError(NAME_TOO_LONG)
        self.charge(_WEIGHT)
        self.last += 1
        node = Node(self.last, kind, name, mode, self._now(), parent=folder)
        folder.entries[name] = node
        folder.time = node.time
        return node

    def charge(self, more: int) -> None:
        """Take more room, or give some back. Raises `FileError` where there is none."""
        if more > 0 and self.most is not None and self.used + more > self.most:
            raise FileError(NO_SPACE)
        self.used += more

    # ── descriptors ───────────────────────────────────────────────────────────────────────────────────────────────

    def opened(self, number: int) -> Open:
        """The open file of a descriptor."""
        found = self.open_files.get(number)
        if found is None:
            raise FileError(BAD_DESCRIPTOR)
        return found

    def next_descriptor(self, first: int = 0) -> int:
        """The lowest number that is free."""
        number = max(first, 0)
        while number in self.open_files:
            number += 1
        if number >= _DESCRIPTORS_MOST:
            raise FileError(TOO_MANY)
        return number

    def open(self, path: bytes, flags: int, mode: int = 0o666, base: int = -100) -> int:
        """Open a file; its descriptor."""
        number = self.next_descriptor()
        writes = flags & 3
        try:
            node = self.find(path, base)
        except FileError as error:
            if error.number != NOT_FOUND or not flags & CREATE:
                raise
            folder, name = self._place(path, base)
            if folder is self.data:
                raise FileError(READ_ONLY) from None
            node = self.make(folder, name, FILE, 0o100000 | mode & 0o777)
        else:
            if flags & CREATE and flags & EXCLUSIVE:
                raise FileError(EXISTS)
            if node.kind == DIRECTORY and (writes or flags & (TRUNCATE | CREATE)):
                raise FileError(IS_DIRECTORY)
            if node.kind == DATA and writes:
                raise FileError(READ_ONLY)
            if flags & ONLY_DIRECTORY and node.kind != DIRECTORY:
                raise FileError(NOT_DIRECTORY)
            if flags & TRUNCATE and node.kind == FILE:
                self.resize(node, 0)
        self.open_files[number] = Open(node, flags & ~(CREATE | EXCLUSIVE | TRUNCATE))
        return number

    def read(self, number: int, length: int) -> bytes:
        """What comes next in a file, so many bytes at most."""
        file = self.opened(number)
        if file.flags & 3 == 1:
            raise FileError(BAD_DESCRIPTOR)
        node = file.node
        if node.kind == DIRECTORY:
            raise FileError(IS_DIRECTORY)
        if node.kind == DEVICE:
            # No randomness: whoever asks for it gets zeros.
            return bytes(min(length, 65536)) if node.name.endswith("random") else b""
        part = bytes(node.content[file.at : file.at + length])
        file.at += len(part)
        return part

    def check_write(self, number: int) -> Open:
        """The open file, if it may be written to."""
        file = self.opened(number)
        if not file.flags & 3:
            raise FileError(BAD_DESCRIPTOR)
        return file

    def write(self, number: int, data: bytes) -> None:
        """Put bytes into a file, where it stands."""
        file = self.check_write(number)
        node = file.node
        if node.kind != FILE:
            return  # a device: what is printed goes nowhere, as in the network's loader
        if file.flags & APPEND:
            file.at = len(node.content)
        end = file.at + len(data)
        if end > len(node.content):
            self.resize(node, end)
        node.content[file.at : end] = data
        node.time = self._now()
        file.at = end

    def resize(self, node: Node, size: int) -> None:
        """Make a file as large as that, with zeros or by cutting."""
        more = size - len(node.content)
        self.charge(more)
        if more > 0:
            node.content.extend(bytes(more))
        else:
            del node.content[size:]
        node.time = self._now()

    def truncate(self, number: int, size: int) -> None:
        """`ftruncate`."""
        if size < 0:
            raise FileError(INVALID)
        file = self.opened(number)
        if not file.flags & 3 or file.node.kind != FILE:
            raise FileError(INVALID)
        self.resize(file.node, size)

    def seek(self, number: int, offset: int, whence: int) -> int:
        """Go to a place in a file; the place."""
        file = self.opened(number)
        base = {0: 0, 1: file.at, 2: len(file.node.content)}.get(whence)
        if base is None or not 0 <= base + offset < 1 << 53:
            raise FileError(INVALID)
        if file.node.kind == DEVICE:
            raise FileError(70)
        file.at = base + offset
        return file.at

    def close(self, number: int) -> None:
        """Close a descriptor."""
        self._release(self.opened(number).node, self.open_files.pop(number))

    def _release(self, node: Node, _: object = None) -> None:
        """Give back the room of a file that neither a name nor a descriptor leads to any more."""
        if (
            node.kind == FILE
            and node.parent is None
            and all(file.node is not node for file in self.open_files.values())
        ):
            self.charge(-len(node.content) - _WEIGHT)

    def duplicate(self, old: int, new: int) -> int:
        """`dup3`."""
        file = self.opened(old)
        if old == new:
            raise FileError(INVALID)
        if not 0 <= new < _DESCRIPTORS_MOST:
            raise FileError(BAD_DESCRIPTOR)
        if new in self.open_files:
            self.close(new)
        self.open_files[new] = file
        return new

    # ── names that come and go ────────────────────────────────────────────────────────────────────────────────────

    def make_folder(self, path: bytes, mode: int, base: int) -> None:
        """`mkdirat`."""
        parts = self._parts(path, base)
        try:
            self._walk(parts)
        except FileError as error:
            if error.number != NOT_FOUND:
                raise
        else:
            raise FileError(EXISTS)
        folder, name = self._place(path, base)
        if folder is self.data:
            raise FileError(READ_ONLY)
        self.make(folder, name, DIRECTORY, 0o40000 | mode & 0o777)

    def _changeable(self, node: Node) -> None:
        if node.number <= self.builtin or node.kind == DATA:
            raise FileError(BUSY)

    def remove(self, path: bytes, base: int, *, folder: bool) -> None:
        """`unlinkat`, and `rmdir` with `folder`."""
        node = self.find(path, base)
        if folder and node.kind != DIRECTORY:
            raise FileError(NOT_DIRECTORY)
        if not folder and node.kind == DIRECTORY:
            raise FileError(IS_DIRECTORY)
        if node.entries:
            raise FileError(NOT_EMPTY)
        self._changeable(node)
        self._detach(node)
        if folder:
            self.charge(-_WEIGHT)
        else:
            self._release(node)

    def _detach(self, node: Node) -> None:
        assert node.parent is not None
        del node.parent.entries[node.name]
        node.parent.time = self._now()
        node.parent = None

    def rename(self, old: bytes, old_base: int, new: bytes, new_base: int) -> None:
        """`renameat`."""
        node = self.find(old, old_base)
        self._changeable(node)
        folder, name = self._place(new, new_base)
        if len(name) > 255:
            raise FileError(NAME_TOO_LONG)
        if folder is self.data:
            raise FileError(READ_ONLY)
        above: Node | None = folder
        while above is not None:
            if above is node:
                raise FileError(INVALID)
            above = above.parent
        there = folder.entries.get(name)
        if there is node:
            return
        if there is not None:
            self._changeable(there)
            self.remove(new, new_base, folder=node.kind == DIRECTORY)
        self._detach(node)
        node.name, node.parent = name, folder
        folder.entries[name] = node
        folder.time = node.time = self._now()
