"""What Python answers of a module's imports: files, dates, and the ends that a program can come to.

Each method answers the import of its name (`signatures`), with the numbers as they come; pointers have 64 bits. What
goes wrong with files is an errno, as emscripten gives it; a place outside of the memory stops the module.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from . import dates
from .files import DATA, DEVICE, DIRECTORY, INVALID, NOT_SUPPORTED, RANGE, FileError, Tree
from .memory import Memory, OutOfBoundsError
from .signatures import HOST

__all__ = ["Host", "StoppedError"]

__tracebackhide__ = True

_MOST_PARTS = 1024
_NO_TERMINAL = 59
_MASK = (1 << 64) - 1


class StoppedError(Exception):
    """The module has ended its program, with a text as the network's loader has it. It never leaves this package."""


class Host:
    """The imports of one running module. It holds nothing of the store's, which lives only as long as its engine."""

    def __init__(self, wide: bool, look_up: Callable[[str], bytes | None] | None) -> None:
        self._word = 8 if wide else 4
        self.tree = Tree(look_up, self.now)
        self.memory: Memory | None = None
        #: The global of the gate's that the clock is in.
        self.clock: Any = None
        self._caller: Any = None
        #: Why the module was stopped: an error of the process's, or any other exception on its way out.
        self.stopped: BaseException | None = None

    def answer(self, name: str) -> Callable[..., Any]:
        """The function that answers an import: it never raises, and its last value is 1 where the module must stop."""
        method = getattr(type(self), "_" + name.lstrip("_"))
        result = HOST[name].partition("=")[2]
        sign = 1 if name.startswith("fd_") else -1
        # wasmtime-py holds what it is given until the store is gone: were it the host itself, that would hold whatever
        # its files come from, which may hold the engine.
        reference = weakref.ref(self)

        def call(caller: Any, *arguments: Any) -> Any:
            host = reference()
            if host is None:
                return [0, 1] if result else 1
            host._caller = caller
            try:
                value = method(host, caller, *arguments)
                stop = 0
            except FileError as error:
                value, stop = sign * error.number, 0
            except BaseException as error:
                host.stopped = error
                value, stop = 0, 1
            finally:
                host._caller = None
            return [value, stop] if result else stop

        return call

    def now(self) -> int:
        """The module's clock, in milliseconds; it goes on by one each time."""
        if self._caller is None:
            return 0
        value: int = self.clock.value(self._caller)
        self.clock.set_value(self._caller, value + 1)
        return value

    @property
    def _at(self) -> Memory:
        if self.memory is None:
            raise StoppedError("the module calls its imports before it has started")
        return self.memory

    def _pointer(self, caller: Any, at: int) -> int:
        return self._at.number(caller, at, self._word)

    def _put_pointer(self, caller: Any, at: int, value: int) -> None:
        self._at.put(caller, at, self._word, value)

    # ── ends ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _exit(self, caller: Any, code: int) -> None:
        raise StoppedError(f"Program terminated with exit({code})")

    def _abort(self, caller: Any) -> None:
        raise StoppedError("Aborted(native code called abort())")

    _abort_js = _abort

    def _text(self, caller: Any, at: int, unknown: str = "unknown filename") -> str:
        return self._at.text(caller, at).decode("utf-8", "replace") if at else unknown

    def _assert_fail(self, caller: Any, condition: int, file: int, line: int, function: int) -> None:
        place = f"{self._text(caller, file)},{line},{self._text(caller, function, 'unknown function')}"
        raise StoppedError(f"Aborted(Assertion failed: {self._text(caller, condition)}, at: {place})")

    def _cxa_throw(self, caller: Any, at: int, kind: int, destructor: int) -> None:
        raise StoppedError("Aborted(Assertion failed: Exception thrown, but exception catching is not enabled.)")

    # ── reading and writing ───────────────────────────────────────────────────────────────────────────────────────

    def _parts(self, caller: Any, at: int, count: int) -> list[tuple[int, int]]:
        """Places and lengths of the parts that a call reads into or writes from."""
        if not 0 <= count <= _MOST_PARTS:
            raise FileError(INVALID)
        word = self._word
        raw = self._at.read(caller, at, count * 2 * word)
        words = [int.from_bytes(raw[place : place + word], "little") for place in range(0, len(raw), word)]
        return list(zip(words[::2], words[1::2], strict=True))

    def _fd_write(self, caller: Any, descriptor: int, at: int, count: int, written: int) -> int:
        file = self.tree.check_write(descriptor)
        total = 0
        size = self._at.size(caller)
        for place, length in self._parts(caller, at, count):
            if place + length > size:
                raise OutOfBoundsError
            if file.node.kind != DEVICE and length:
                self.tree.write(descriptor, self._at.read(caller, place, length))
            total += length
        self._put_pointer(caller, written, total)
        return 0

    def _fd_read(self, caller: Any, descriptor: int, at: int, count: int, read: int) -> int:
        self.tree.opened(descriptor)
        total = 0
        size = self._at.size(caller)
        for place, length in self._parts(caller, at, count):
            if place + length > size:
                raise OutOfBoundsError
            data = self.tree.read(descriptor, length)
            self._at.write(caller, place, data)
            total += len(data)
            if len(data) < length:
                break
        self._put_pointer(caller, read, total)
        return 0

    def _fd_seek(self, caller: Any, descriptor: int, offset: int, whence: int, to: int) -> int:
        self._at.put(caller, to, 8, self.tree.seek(descriptor, offset, whence))
        return 0

    def _fd_close(self, caller: Any, descriptor: int) -> int:
        self.tree.close(descriptor)
        return 0

    def _fd_sync(self, caller: Any, descriptor: int) -> int:
        self.tree.opened(descriptor)
        return 0

    def _fd_fdstat_get(self, caller: Any, descriptor: int, at: int) -> int:
        kind = {DEVICE: 2, DIRECTORY: 3}.get(self.tree.opened(descriptor).node.kind, 4)
        self._at.write(caller, at, bytes((kind,)) + bytes(23))
        return 0

    # ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _syscall_openat(self, caller: Any, base: int, path: int, flags: int, rest: int) -> int:
        mode = self._at.number(caller, rest, 4) if rest and flags & 0x40 else 0o666
        return self.tree.open(self._at.text(caller, path), flags & 0xFFFFFFFF, mode, base)

    def _stat(self, caller: Any, node: Any, at: int) -> int:
        size = 4096 if node.kind == DIRECTORY else len(node.content)
        times = (*divmod(node.time, 1000),) * 3
        word = self._word
        parts = [(1, 4), (node.mode, 4), (1, word), (0, 4), (0, 4), (0, 4)]
        if word == 8:
            parts.append((0, 4))
        parts += [(size, 8), (4096, 4), (-(-size // 4096), 4)]
        for index, time in enumerate(times):
            # The part below a second is what emscripten writes: thousandths of it, times a thousand.
            parts += [(time, 8)] if index % 2 == 0 else [(time * 1000, word)] + ([(0, 4)] if word == 4 else [])
        parts.append((node.number, 8))
        self._at.write(caller, at, b"".join(value.to_bytes(width, "little") for value, width in parts))
        return 0

    def _syscall_stat64(self, caller: Any, path: int, at: int) -> int:
        return self._stat(caller, self.tree.find(self._at.text(caller, path)), at)

    _syscall_lstat64 = _syscall_stat64

    def _syscall_fstat64(self, caller: Any, descriptor: int, at: int) -> int:
        return self._stat(caller, self.tree.opened(descriptor).node, at)

    def _syscall_newfstatat(self, caller: Any, base: int, path: int, at: int, flags: int) -> int:
        name = self._at.text(caller, path)
        if not name and flags & 0x1000:
            return self._syscall_fstat64(caller, base, at)
        return self._stat(caller, self.tree.find(name, base), at)

    def _syscall_faccessat(self, caller: Any, base: int, path: int, how: int, flags: int) -> int:
        if how & ~7:
            raise FileError(INVALID)
        self.tree.find(self._at.text(caller, path), base)
        return 0

    def _syscall_readlinkat(self, caller: Any, base: int, path: int, at: int, size: int) -> int:
        self.tree.find(self._at.text(caller, path), base)
        raise FileError(INVALID)  # nothing is a link here

    def _syscall_mkdirat(self, caller: Any, base: int, path: int, mode: int) -> int:
        self.tree.make_folder(self._at.text(caller, path), mode, base)
        return 0

    def _syscall_unlinkat(self, caller: Any, base: int, path: int, flags: int) -> int:
        if flags not in (0, 512):
            raise FileError(INVALID)
        self.tree.remove(self._at.text(caller, path), base, folder=flags == 512)
        return 0

    def _syscall_rmdir(self, caller: Any, path: int) -> int:
        self.tree.remove(self._at.text(caller, path), -100, folder=True)
        return 0

    def _syscall_renameat(self, caller: Any, old_base: int, old: int, new_base: int, new: int) -> int:
        self.tree.rename(self._at.text(caller, old), old_base, self._at.text(caller, new), new_base)
        return 0

    def _syscall_getcwd(self, caller: Any, at: int, size: int) -> int:
        if size == 0:
            raise FileError(INVALID)
        if size < 2:
            raise FileError(RANGE)
        self._at.write(caller, at, b"/\0")
        return 2

    def _syscall_chmod(self, caller: Any, path: int, mode: int) -> int:
        self._set_mode(self.tree.find(self._at.text(caller, path)), mode)
        return 0

    def _syscall_fchmod(self, caller: Any, descriptor: int, mode: int) -> int:
        self._set_mode(self.tree.opened(descriptor).node, mode)
        return 0

    def _set_mode(self, node: Any, mode: int) -> None:
        if node.kind != DATA and node.number > self.tree.builtin:
            node.mode = node.mode & ~0o777 | mode & 0o777

    def _syscall_fchown32(self, caller: Any, descriptor: int, owner: int, group: int) -> int:
        self.tree.opened(descriptor)
        return 0

    def _syscall_utimensat(self, caller: Any, base: int, path: int, times: int, flags: int) -> int:
        self.tree.find(self._at.text(caller, path), base)
        return 0

    # ── descriptors ───────────────────────────────────────────────────────────────────────────────────────────────

    def _syscall_dup3(self, caller: Any, old: int, new: int, flags: int) -> int:
        return self.tree.duplicate(old, new)

    def _syscall_fcntl64(self, caller: Any, descriptor: int, command: int, rest: int) -> int:
        file = self.tree.opened(descriptor)
        if command == 0:  # F_DUPFD
            least = self._at.number(caller, rest, 4) if rest else 0
            new = self.tree.next_descriptor(least)
            self.tree.open_files[new] = file
            return new
        if command in (1, 2):  # F_GETFD, F_SETFD
            return 0
        if command == 3:  # F_GETFL
            return file.flags
        if command == 4:  # F_SETFL
            file.flags |= self._at.number(caller, rest, 4) & 0x400 if rest else 0
            return 0
        if command in (5, 6, 7):  # locks: nobody else is there
            if command == 5 and rest:
                self._at.put(caller, rest, 2, 2)
            return 0
        raise FileError(INVALID)

    def _syscall_ioctl(self, caller: Any, descriptor: int, command: int, rest: int) -> int:
        if self.tree.opened(descriptor).node.kind != DEVICE:
            raise FileError(_NO_TERMINAL)
        return 0

    def _syscall_ftruncate64(self, caller: Any, descriptor: int, size: int) -> int:
        self.tree.truncate(descriptor, size)
        return 0

    # ── /data, as the network's modules ask for it ────────────────────────────────────────────────────────────────

    def _asyncjs__weavedrive_open(self, caller: Any, path: int, mode: int) -> int:
        name = self._at.text(caller, path)
        try:
            return self.tree.open(name, 0) if name.startswith(b"/data/") else 0
        except FileError:
            return 0

    def _asyncjs__weavedrive_read(self, caller: Any, descriptor: int, at: int, size: int) -> int:
        if size < 0 or at < 0 or at + size > self._at.size(caller):
            raise OutOfBoundsError
        try:
            data = self.tree.read(descriptor, size)
        except FileError:
            return 0
        self._at.write(caller, at, data)
        return len(data)

    def _asyncjs__weavedrive_close(self, caller: Any, descriptor: int) -> int:
        try:
            self.tree.close(descriptor)
        except FileError:
            return 0
        return 0

    # ── dates ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _gmtime_js(self, caller: Any, seconds: int, at: int) -> None:
        fields = [*dates.from_seconds(seconds).fields(), 0]
        data = b"".join((value & 0xFFFFFFFF).to_bytes(4, "little") for value in fields[:9])
        # Seconds from Greenwich, as wide as a pointer: none.
        self._at.write(caller, at, data + bytes(12 if self._word == 8 else 4))

    _localtime_js = _gmtime_js

    def _moment(self, caller: Any, at: int) -> dates.Moment:
        raw = self._at.read(caller, at, 36)
        return dates.Moment(*(int.from_bytes(raw[i : i + 4], "little", signed=True) for i in range(0, 36, 4)))

    def _mktime_js(self, caller: Any, at: int) -> int:
        seconds = dates.to_seconds(self._moment(caller, at))
        self._gmtime_js(caller, seconds, at)
        return seconds

    def _tzset_js(self, caller: Any, zone: int, daylight: int, standard: int, summer: int) -> None:
        self._put_pointer(caller, zone, 0)
        self._at.put(caller, daylight, 4, 0)
        for name in (standard, summer):
            self._at.write(caller, name, b"UTC\0")

    def _strftime(self, caller: Any, at: int, size: int, pattern: int, moment: int) -> int:
        text = self._at.text(caller, pattern).decode("utf-8", "replace")
        made = dates.format_moment(text, self._moment(caller, moment)).encode() + b"\0"
        if len(made) > size:
            return 0
        self._at.write(caller, at, made)
        return len(made) - 1

    def _strftime_l(self, caller: Any, at: int, size: int, pattern: int, moment: int, locale: int) -> int:
        return self._strftime(caller, at, size, pattern, moment)

    # ── the rest ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _environ_sizes_get(self, caller: Any, count: int, size: int) -> int:
        self._put_pointer(caller, count, 0)
        self._put_pointer(caller, size, 0)
        return 0

    def _environ_get(self, caller: Any, names: int, texts: int) -> int:
        return 0

    def _emscripten_system(self, caller: Any, command: int) -> int:
        return -NOT_SUPPORTED if command else 0

    _system = _emscripten_system

    def _emscripten_err(self, caller: Any, text: int) -> None:
        return None

    def _mmap_js(self, *_: int) -> int:
        raise FileError(NOT_SUPPORTED)

    def _munmap_js(self, *_: int) -> int:
        return 0

    def _dlinit(self, caller: Any, main: int) -> None:
        return None

    def _dlopen_js(self, caller: Any, handle: int) -> int:
        return 0

    def _dlsym_js(self, caller: Any, handle: int, name: int, index: int) -> int:
        return 0
