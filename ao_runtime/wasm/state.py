"""A module's state as bytes: what differs from a module that has just been started, and nothing else.

The layout: magic, BLAKE2b of all that follows, SHA-256 of the module, length of the head, the head (JSON), pages,
files. The head says how large the memory is, which pages of 4096 bytes differ, and what stands beside the memory:
the clock, mutable globals, files and descriptors. What is read is checked before it is used: damaged or hostile bytes
can say anything about what is inside of the module's memory and files, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

from ..errors import SnapshotError
from .files import DATA, DIRECTORY, FILE, FileError, Node, Open, Tree

__all__ = ["STEP", "Fresh", "difference", "dump_files", "pack", "restore_files", "unpack"]

__tracebackhide__ = True

#: Bytes of a page, as it is compared and kept here.
STEP = 4096

_MAGIC = b"ao-wasm\x01"
_HEAD = struct.Struct("<I")
_START = len(_MAGIC) + 64 + _HEAD.size


class Fresh:
    """A module that has just been started: the pages of its memory that are not all zero, and its table."""

    def __init__(self, pages: dict[int, bytes], table: list[int | None]) -> None:
        self.pages = pages
        self.table = table


def difference(fresh: Fresh, runs: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Runs of pages that differ from a fresh memory's: first page and content.

    `runs` are those that are not all zero now, in order.
    """
    known = fresh.pages
    found: list[tuple[int, bytes]] = []
    seen = set()
    zero = bytes(STEP)
    for first, content in runs:
        count = len(content) // STEP
        within = [page for page in known if first <= page < first + count]
        seen.update(within)
        start = 0
        for page in within:
            at = page - first
            if content[at * STEP : (at + 1) * STEP] == known[page]:
                if at > start:
                    found.append((first + start, content[start * STEP : at * STEP]))
                start = at + 1
        if start < count:
            found.append((first + start, content[start * STEP :]))
    found += [(page, zero) for page in known if page not in seen]
    found.sort()
    return found


def pack(digest: bytes, head: dict[str, Any], parts: list[bytes]) -> bytes:
    """A state as bytes."""
    text = json.dumps(head, separators=(",", ":"), sort_keys=True).encode()
    rest = [digest, _HEAD.pack(len(text)), text, *parts]
    whole = hashlib.blake2b(digest_size=32)
    for part in rest:
        whole.update(part)
    return b"".join([_MAGIC, whole.digest(), *rest])


def unpack(digest: bytes, state: bytes) -> tuple[dict[str, Any], memoryview]:
    """The head of a state of this module, and what follows. Raises `SnapshotError`."""
    if not isinstance(state, (bytes, bytearray, memoryview)) or len(state) < _START:
        raise SnapshotError("the state of a module is too short to be one")
    view = memoryview(state)
    if view[: len(_MAGIC)] != _MAGIC:
        raise SnapshotError("this is no state of a published module, or one of another version")
    at = len(_MAGIC)
    if hashlib.blake2b(view[at + 32 :], digest_size=32).digest() != view[at : at + 32]:
        raise SnapshotError("the state of the module is damaged")
    found = bytes(view[at + 32 : at + 64])
    if found != digest:
        raise SnapshotError(
            f"the state is one of another module: of {found.hex()[:16]}…, not of {digest.hex()[:16]}…",
            advice="give the module that it was made with",
        )
    (length,) = _HEAD.unpack_from(view, at + 64)
    try:
        head = json.loads(bytes(view[_START : _START + length]))
    except (ValueError, RecursionError):
        raise nonsense("its head is no JSON") from None
    if not isinstance(head, dict):
        raise nonsense("its head is no object")
    return head, view[_START + length :]


def nonsense(what: str) -> SnapshotError:
    """The error for bytes that are whole but say something impossible."""
    return SnapshotError(f"the state of the module makes no sense: {what}")


def whole(value: Any, most: int, least: int = 0) -> int:
    """A whole number within bounds, from a head."""
    if type(value) is not int or not least <= value <= most:
        raise nonsense(f"{str(value)[:40]} is no number that can stand there")
    return value


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def dump_files(tree: Tree) -> tuple[dict[str, Any] | None, list[bytes]]:
    """What a tree holds beyond a new one: for the head, and the contents in order."""
    nodes: list[list[Any]] = []
    contents: list[bytes] = []
    numbers: set[int] = set()

    def add(node: Node) -> None:
        numbers.add(node.number)
        parent = node.parent.number if node.parent is not None else 0
        size = len(node.content) if node.kind == FILE else 0
        nodes.append([node.number, node.kind, parent, node.name, node.mode, node.time, size])
        if node.kind == FILE:
            contents.append(bytes(node.content))

    def walk(folder: Node) -> None:
        for node in folder.entries.values():
            if node.number > tree.builtin:
                add(node)
            walk(node)

    walk(tree.root)
    files: list[Open] = []
    opened = []
    for number, file in sorted(tree.open_files.items()):
        # Two descriptors may stand for one open file.
        place = next((place for place, other in enumerate(files) if other is file), len(files))
        if place == len(files):
            files.append(file)
        opened.append([number, place])
        if file.node.number > tree.builtin and file.node.number not in numbers:
            add(file.node)
    described = [[file.node.number, file.flags, file.at] for file in files]
    times = [[number, node.time] for number, node in sorted(_builtin(tree).items()) if node.time != 10000]
    head = {"last": tree.last, "nodes": nodes, "files": described, "open": opened, "times": times}
    new = Tree(None, lambda: 0)
    if tree.last == new.last and not times and len(files) == 3 and opened == [[0, 0], [1, 1], [2, 2]]:
        return None, []
    return head, contents


def _builtin(tree: Tree) -> dict[int, Node]:
    found = {}
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.number <= tree.builtin:
            found[node.number] = node
            waiting += node.entries.values()
    return found


def restore_files(tree: Tree, head: Any, contents: memoryview) -> None:
    """Put into a new tree what `dump_files` has made. Raises `SnapshotError`."""
    if head is None:
        if len(contents):
            raise nonsense("more follows than its head says")
        return
    try:
        _restore(tree, head, contents)
    except (TypeError, KeyError, ValueError, AttributeError, IndexError, FileError):
        raise nonsense("its files are none") from None


def _restore(tree: Tree, head: Any, contents: memoryview) -> None:
    most = 1 << 53
    nodes = _builtin(tree)
    for number, when in head["times"]:
        nodes[whole(number, tree.builtin)].time = whole(when, most)
    at = 0
    tree.last = whole(head["last"], 1 << 31, tree.builtin)
    for number, kind, parent, name, mode, when, size in head["nodes"]:
        whole(number, tree.last, tree.builtin + 1)
        if kind not in (FILE, DIRECTORY, DATA) or number in nodes or not isinstance(name, str):
            raise nonsense("a file is none")
        if name in ("", ".", "..") or "/" in name or "\0" in name or len(name) > 255:
            raise nonsense("a file's name is none")
        name.encode("latin-1")
        node = Node(number, kind, name, whole(mode, 0o177777), whole(when, most))
        tree.charge(1024)
        if whole(parent, most):
            folder = nodes[parent]
            if folder.kind != DIRECTORY or name in folder.entries or (folder is tree.data) != (kind == DATA):
                raise nonsense("a file is in no directory")
            node.parent = folder
            folder.entries[name] = node
        elif kind == DIRECTORY:
            raise nonsense("a directory is nowhere")
        if kind == FILE:
            whole(size, len(contents) - at)
            tree.charge(size)
            node.content = bytearray(contents[at : at + size])
            at += size
        elif kind == DATA:
            node.content = bytearray(tree.outside(name) or b"")
        nodes[number] = node
    if at != len(contents):
        raise nonsense("more follows than its head says")
    files = [Open(nodes[number], whole(flags, 1 << 32), whole(place, most)) for number, flags, place in head["files"]]
    tree.open_files.clear()
    for number, place in head["open"]:
        tree.open_files[whole(number, 1023)] = files[whole(place, len(files) - 1)]
