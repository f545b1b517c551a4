"""The program in a child: holds engines, and answers what it is asked over its standard input.

To each request there is one answer, but for those that say so (`requests`). While it is at work the child may ask for
something itself (a file, a module's source): it then serves whatever comes until that is answered, since what reads
the file may need another process of this child.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, NoReturn

from ..errors import AoError, InputError, InternalError, ModuleError, StateError
from ..models import FAST, NO_MEMORY, encode, failed
from .answers import write_answer
from .requests import (
    ASIDE,
    DROP,
    ERROR,
    EVALUATE,
    FORKED,
    FUNCTIONLESS,
    GET,
    LIMIT,
    LINE,
    LOAD,
    LOOK,
    MAKE,
    MANY,
    OUTLINE,
    OWNER,
    PLAIN,
    SAVE,
    TRACE,
    WAITING,
    WANTED,
)
from .wire import LENGTH, Frames, write, write_values

__all__ = ["main"]

#: Answers to many messages are sent together: so many bytes, or what has come in so many seconds.
_TOGETHER, _SOON = 1 << 15, 0.003
_NO_LOOK = "a published module cannot be looked into"
#: Bytes from which on what is sent is not put together first.
_LARGE = 1 << 20


class Server:
    """The engines of this child, and the pipe."""

    def __init__(self, reader: int, writer: int) -> None:
        self._frames = Frames(reader)
        self._writer = writer
        self._engines: dict[int, Any] = {}
        self._modules: dict[tuple[str, str, str | None], Any] = {}
        #: Frames that are not sent yet.
        self._out: list[bytes] = []
        self._size = 0

    def run(self) -> None:
        """Serve until there is nobody to ask."""
        while True:
            self._serve(marshal.loads(self._frames.read()))
            if self._out:
                self._flush()

    def _put(self, body: bytes) -> None:
        # Large ones are not copied once more.
        self._out += (LENGTH.pack(len(body)), body)
        self._size += len(body)

    def _flush(self) -> None:
        out, size = self._out, self._size
        self._out, self._size = [], 0
        for part in out if size > _LARGE else (b"".join(out),):
            write(self._writer, part)

    def _serve(self, request: tuple[Any, ...]) -> None:
        wanted, number, *rest = request
        if wanted == LIMIT:
            self._engines[number].limit(*rest)
            return
        if wanted == DROP:
            self._engines.pop(number, None)
            return
        try:
            if wanted == EVALUATE:
                body: bytes | None = write_answer(_evaluate(self._engines[number], rest[0]))
            elif wanted == MANY:
                self._many(self._engines[number], rest[0])
                return
            else:
                body = self._other(wanted, number, rest)
        except MemoryError:
            body = _error(InternalError("there is no memory for it"))
        except Exception as error:
            body = _error(error)
        if body is not None:
            self._put(body)

    def _other(self, wanted: int, number: int, rest: list[Any]) -> bytes | None:
        if wanted == MAKE:
            self._engines[number] = self._make(number, *rest)
            return write_values(PLAIN, (None,))
        engine = self._engines[number]
        if wanted == ASIDE:
            return self._aside(engine, rest[0])
        if wanted == LOAD:
            return write_values(PLAIN, (engine.load(rest[0]),))
        if wanted == GET:
            return write_values(PLAIN, (encode(engine.get(rest[0])),))
        if wanted == OWNER:
            return write_values(PLAIN, (_bytes(engine.owner()),))
        if wanted in (WAITING, FUNCTIONLESS):
            # A published module cannot be looked into.
            look = getattr(engine, "waiting" if wanted == WAITING else "functionless", None)
            return write_values(PLAIN, (encode([] if look is None else look()),))
        if wanted == OUTLINE:
            return write_values(PLAIN, (encode(engine.outline(*rest)),))
        if wanted == TRACE:
            trace = getattr(engine, "evaluate_traced", None)
            raw, told = (None, {"problem": _NO_LOOK}) if trace is None else trace(rest[0], asking=rest[1])
            return write_values(PLAIN, (encode([None if raw is None else write_answer(raw), told]),))
        if wanted == LOOK:
            return write_values(PLAIN, (engine.look(),))
        if wanted == SAVE:
            return write_values(PLAIN, (engine.save(),))
        return write_values(PLAIN, (engine.settle(),))

    # ── evaluation ─────────────────────────────────────────────────────────────────────────────────────────────

    def _many(self, engine: Any, messages: list[Any]) -> None:
        soon = monotonic() + _SOON
        for packed in messages:
            raw = _evaluate(engine, packed)
            self._put(write_answer(raw))
            if raw[0] != FAST and failed(raw):
                break
            # Whoever waits measures the time of a message by the answers to those before it.
            if self._size > _TOGETHER or monotonic() > soon:
                self._flush()
                soon = monotonic() + _SOON

    def _aside(self, engine: Any, packed: Any) -> bytes | None:
        """Evaluate in a copy of this program, which answers in our place. Says so where none can be made."""
        if not hasattr(os, "fork") or os.environ.get("AO_RUN_FORK") == "0":
            return write_values(PLAIN, (None,))
        try:
            pid = os.fork()
        except OSError:
            return write_values(PLAIN, (None,))
        if pid == 0:
            code = 1
            try:
                self._put(write_values(FORKED, (os.getpid(),)))
                self._flush()
                try:
                    body = write_answer(_evaluate(engine, packed))
                except Exception as error:
                    body = _error(error)
                self._put(body)
                self._flush()
                code = 0
            finally:
                os._exit(code)
        if os.waitpid(pid, 0)[1]:
            # Nobody knows how much of an answer was sent.
            os._exit(1)
        return None

    # ── engines ────────────────────────────────────────────────────────────────────────────────────────────────

    def _make(self, number: int, kind: str, environment: dict[str, Any], options: dict[str, Any]) -> Any:
        file = self._asks(number, "file") if options.pop("files") else None
        if kind == "wasm":
            from ..wasm import WasmEngine

            path, digest, format_ = options.pop("module")
            return WasmEngine(environment, module=self._module(number, path, digest, format_), file=file, **options)
        from ..vm import LuaEngine

        find = self._asks(number, "module") if options.pop("sources") else None
        return LuaEngine(environment, find=find, file=file, write=self._tells(number), **options)

    def _module(self, number: int, path: str, digest: str, format_: str | None) -> Any:
        """A published module: its bytes are asked for once."""
        key = (path, digest, format_)
        if key not in self._modules:
            from ..wasm import WasmModule

            data = self._ask(number, "wasm", "")
            if data is None:
                raise ModuleError("cannot be read", file=path)
            self._modules[key] = WasmModule.of(path, data, format_)
        return self._modules[key]

    def _asks(self, number: int, kind: str) -> Callable[[str], bytes | None]:
        return lambda name: self._ask(number, kind, name)

    def _ask(self, number: int, kind: str, name: str) -> bytes | None:
        self._put(write_values(WANTED, (number, kind.encode(), name.encode("utf-8", "surrogatepass"))))
        self._flush()
        while True:
            request = marshal.loads(self._frames.read())
            if type(request) is not tuple:
                return request  # type: ignore[no-any-return]
            self._serve(request)
            if self._out:
                self._flush()

    def _tells(self, number: int) -> Callable[[str], None]:
        def tell(line: str) -> None:
            self._put(write_values(LINE, (number, line.encode("utf-8", "replace"))))
            self._flush()

        return tell


def _evaluate(engine: Any, packed: Any) -> tuple[Any, ...]:
    try:
        return engine.evaluate(packed)  # type: ignore[no-any-return]
    except MemoryError:
        return NO_MEMORY


def _error(error: Exception) -> bytes:
    """An error as a frame's content: its class, and what it says."""
    if isinstance(error, (InputError, StateError)):
        field, line = getattr(error, "field", None), getattr(error, "line", None)
        parts = [type(error).__name__, error.problem, error.advice, error.file, field]
        return write_values(ERROR, [*(_bytes(part) for part in parts), line])
    text = str(error) if isinstance(error, AoError) else f"{type(error).__name__}: {error}"
    return write_values(ERROR, [b"InternalError", _bytes(text), None, None, None, None])


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "replace")


def _end_with(parent: int) -> None:
    """End this program when the one that has started it is no more, whatever it is doing."""
    while os.getppid() == parent:
        sleep(0.5)
    os._exit(0)


def main() -> NoReturn:
    """Serve on standard input and output until they are closed."""
    reader, writer = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (reader, writer):
            msvcrt.setmode(descriptor, os.O_BINARY)
    # Whatever is written or read by others goes nowhere, and not in between.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    sys.stdout = sys.stderr
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "fork"):
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    code = 1
    try:
        # Loaded before anybody waits for it.
        from .. import vm  # noqa: F401

        Server(reader, writer).run()
    except (EOFError, BrokenPipeError):
        code = 0
    finally:
        os._exit(code)
