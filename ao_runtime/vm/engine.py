"""One Lua VM that holds the state of one process, and evaluates its messages."""

from __future__ import annotations

import json
import sys
import weakref
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from time import monotonic
from typing import TYPE_CHECKING, Any

from lupa import lua53

from ..errors import InputError, InternalError, SnapshotError
from ..models import NO_MEMORY, Packed, Shape, decode, encode, to_bytes, unpack
from . import chunks, locale
from .headroom import MARGIN, PLENTY, Headroom, size_of
from .natives import native
from .stack import check_stack

if TYPE_CHECKING:
    from .sqlite import SqliteHost

#: An evaluation returns this where the host's locale would be heard.
_LOCALE = 4

#: The generations of the network's module that our Lua plays, the one that is taken if nothing is said first.
DIALECTS = ("2.0.6", "2.0.3", "2.0.1", "1", "0.2.0")
#: What counts as an instruction, and what C functions are charged. A journal says by which rule its gas was counted.
#: 2 since 0.2.0: `tonumber`, `math.tointeger`, `string.pack`, `unpack`, `packsize`, `format`, `char`, `table.unpack`,
#: `utf8.codes`, `char`, `math.max`, `min` and what counts frames are charged by bytes and steps.
GAS_RULE = 2
_MAX_SHAPES = 128
#: Bytes that a state which is taken over must leave: for Lua to be called at all.
_LEAST_LEFT = MARGIN // 4
#: Bytes of a memory limit that make no sense below.
LEAST_MEMORY = 2 << 20


#: Bytes beyond a memory limit, and seconds at least, for work outside of any evaluation.
_OUTSIDE_MEMORY, _LEAST_PATIENCE = 128 << 20, 1.0
#: What could be written down in time can be taken over in so many times that time.
_SLOWER = 2


def _outside_memory(memory: int) -> int:
    return max(memory + _OUTSIDE_MEMORY, 3 * memory) if memory else 0


def _deny(_object: object, name: object, _setting: bool) -> object:
    # No Python object is reachable from Lua; should one ever be, it has no attributes.
    raise AttributeError(name)


def _now() -> float:
    # A Python function, and not time.monotonic itself: so Ctrl-C is heard while Lua runs.
    return monotonic()


class LuaEngine:
    """A VM with the ao side loaded.

    `environment` is the environment as the network writes it; `find` gives the source of a module of the project by
    its name without a leading dot, or None; `file` gives the content of `/data/<id>`, or None; `own` is False where the
    project brings its own `process.lua`; `write` takes what such a module prints. `memory` is a number of bytes. `code`
    is the Id of the Eval that brings the process's own code.

    Raises `InternalError` where our own Lua fails.
    """

    def __init__(
        self,
        environment: Mapping[str, Any],
        *,
        dialect: str = "2.0.6",
        find: Callable[[str], bytes | None] | None = None,
        file: Callable[[str], bytes | None] | None = None,
        write: Callable[[str], None] | None = None,
        own: bool = True,
        memory: int | None = None,
        code: str = "",
    ) -> None:
        if memory is not None and memory < LEAST_MEMORY:
            raise InputError(
                f"a process needs {LEAST_MEMORY >> 20} MB to start in, found {memory} bytes", field="memory"
            )
        check_stack()
        self._lua = lua53.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_deny,
            max_memory=memory or 0,
        )
        self._memory = memory or 0
        # What Lua itself is held to now, which is more while something is done outside of any evaluation.
        self._allowed = self._memory
        self._seconds: float | None = None
        # Bytes that were left at the last look; while there are plenty, a message's size does not matter.
        self._left = self._memory or PLENTY
        room = Headroom(self)
        self._room = room
        self._callbacks: tuple[Any, ...] = ()
        self._databases: dict[str, Any] = {}
        self._sqlite: SqliteHost | None = None
        #: What `limit` was last told, for whoever wants to know whether it must be told again.
        self.limits: object = None
        self._shapes: dict[Shape, Any] = {}
        self._seen: set[Shape] = set()
        # Shapes that had a function in the VM whose state was taken over.
        self._dormant: set[Shape] = set()
        try:
            load = self._lua.eval("load")
            main = load(chunks.trusted("main"), b"=ao.vm", b"b")
            border = main(
                room.checked(chunks.trusted),
                room.checked(chunks.module),
                room.checked(_by_name(find)),
                room.checked(_by_name(file)),
                _lookup(weakref.ref(self)),
                _now,
                _printer(write),
                _register(weakref.ref(self)),
                _sorted,
                _digest,
                chunks.recall,
                chunks.remember,
                dialect.encode(),
                code.encode("utf-8", "surrogatepass"),
            )
            self._evaluate = border[b"evaluate"]
            self._shape = border[b"shape"]
            self._limit = border[b"limit"]
            self._get = border[b"get"]
            self._settle = border[b"settle"]
            self._owner = border[b"owner"]
            self._look = border[b"look"]
            self._outline = border[b"outline"]
            self._trace = border[b"trace"]
            self._traced = border[b"traced"]
            self._waiting = border[b"waiting"]
            self._functionless = border[b"functionless"]
            self._save = border[b"save"]
            self._restore = border[b"restore"]
            border[b"start"](encode(dict(environment), "environment"), own)
        except lua53.LuaError as error:
            raise InternalError(f"the Lua side did not start: {error}") from error

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come; None is no limit."""
        self.limits = None
        self._seconds = seconds
        self._limit(instructions, seconds)
        if (memory or 0) != self._memory:
            self._memory = memory or 0
            self._left = 0
            self._allow(self._memory)
            if self._sqlite is not None:
                self._sqlite.memory = memory

    def evaluate(self, packed: Packed) -> tuple[Any, ...]:
        """Evaluate one message; what comes back is described in `lua/vm/border/results.lua`.

        After a result that begins with FAILED, or an exception, the VM's state is not to be used any more.
        """
        check_stack()
        if self._left < PLENTY and self._memory and not self._room.make(size_of(packed), self._settle):
            return NO_MEMORY
        try:
            raw = self._call(packed)
            if raw == _LOCALE:
                with locale.neutral():
                    raw = self._call(packed)
            if self._memory:
                left = self._left = self._memory - self._lua.get_memory_used()
                if left < MARGIN and not self._room.make(0, self._settle):
                    # What comes next must find some room: where memory ends outside of an evaluation, all ends.
                    return NO_MEMORY
        except lua53.LuaMemoryError:
            return NO_MEMORY
        except lua53.LuaError as error:
            raise InternalError(f"an error in the Lua side: {error}") from error
        return raw  # type: ignore[no-any-return]

    def _call(self, packed: Packed) -> Any:
        if isinstance(packed, bytes):
            return self._evaluate(monotonic(), packed)
        names, values = packed
        shape = self._shapes.get(names)
        if shape is None:
            shape = self._new_shape(names)
        if shape:
            return shape(monotonic(), *values)
        return self._evaluate(monotonic(), encode(unpack(packed)))

    def _new_shape(self, names: Shape) -> Any:
        # A function for a shape pays from its second message on.
        if names not in self._seen and names not in self._dormant:
            if len(self._seen) >= _MAX_SHAPES:
                self._seen.clear()
            self._seen.add(names)
            return False
        if names in self._dormant:
            self._dormant.remove(names)
        elif len(self._shapes) + len(self._dormant) >= _MAX_SHAPES:
            self._shapes.clear()
            self._dormant.clear()
        middle = names.index(None)
        shape = self._shape(encode({"roots": list(names[:middle]), "tags": list(names[middle + 1 :])})) or False
        self._shapes[names] = shape
        return shape

    def left(self) -> int | None:
        """Bytes that the VM may still take; None without a limit."""
        return self._allowed - int(self._lua.get_memory_used()) if self._allowed else None

    def _allow(self, memory: int) -> None:
        self._allowed = memory
        self._lua.set_max_memory(memory)

    def _database(self, name: str) -> Any:
        """A function of SQLite's; the databases of this VM come to be when the first is asked for."""
        if self._sqlite is None:
            from .sqlite import SqliteHost

            self._sqlite = SqliteHost(self._memory or None, self._room.left)
            self._databases = self._sqlite.functions()
            self._databases["sqlite.attach"](*self._callbacks)
        return self._databases.get(name)

    def settle(self) -> None:
        """Free what a start has left behind."""
        self._settle()

    def save(self) -> bytes | None:
        """The state as bytes, the same in every VM that has it; None where it cannot be written down now.

        That is so while a coroutine waits, and while something of the runtime's own is held that is not a part of the
        state (an iterator, say). `lua/vm/state/restore.lua` has the format. What the VM knows of messages' shapes is in
        it: it shows in the gas.
        """
        with self._outside("the state cannot be saved"), locale.neutral():
            answer = self._save(self._patience)
        parts = answer if isinstance(answer, tuple) else (answer,)
        if parts[0] is None:
            return None
        known = _names_to_bytes(self._seen) + _names_to_bytes({*self._shapes, *self._dormant})
        return b"".join((known, *parts))

    def load(self, state: bytes) -> None:
        """Take over what `save` gave, in an engine made with the same arguments that has evaluated nothing yet.

        Raises `SnapshotError` for bytes that are none of ours, for those that take too long or too much memory (twice
        what `save` may take), and for a state that the memory limit has no room for. The engine is not to be used then.
        """
        check_stack()
        seen, rest = _names_from_bytes(state)
        dormant, rest = _names_from_bytes(rest)
        self._allow(_outside_memory(self._memory))
        try:
            with locale.neutral():
                problem = self._restore(rest, None if self._patience is None else _SLOWER * self._patience)
        except lua53.LuaError as error:
            raise SnapshotError(f"the state cannot be taken over: {error}") from error
        finally:
            # What reading it has left behind must not count.
            self._allowed = self._memory
            enough = self._room.make(0, self._settle) or (self.left() or 0) >= _LEAST_LEFT
            self._allow(self._memory)
        if problem is not None:
            raise SnapshotError(f"the saved state {problem.decode('utf-8', 'replace')}")
        if not enough:
            raise SnapshotError("the saved state needs more memory than the limit")
        self._seen, self._dormant = seen, dormant
        self._left = 0

    def get(self, path: str) -> Any:
        """The value at `path` among the process's globals, None if there is none. Raises `InputError`."""
        with self._outside("the state cannot be looked at"):
            answer = self._get(to_bytes(path), self._patience)
        if isinstance(answer, tuple):
            raise InputError(answer[1].decode("utf-8", "replace"), field=path)
        return decode(answer)

    def outline(self, keys: Sequence[Any], first: int, most: int) -> Any:
        """What is at the path `keys` among the globals, as `lua/vm/border/outline.lua` describes it.

        Raises `InputError` where there is nothing, or where that takes too long, or too much memory.
        """
        with self._outside("the state cannot be looked at"):
            answer = self._outline(encode([*keys], "keys"), first, most, self._patience)
        if isinstance(answer, tuple):
            raise InputError(f"the state {answer[1].decode()}", field="path")
        return decode(answer)

    def waiting(self) -> list[dict[str, Any]]:
        """The handlers that wait inside of a message, as `lua/vm/border/waiting.lua` describes them."""
        return self._listed(self._waiting)

    def functionless(self) -> list[str]:
        """The names of handlers that have no function to call."""
        return [str(name) for name in self._listed(self._functionless)]

    def _listed(self, look: Any) -> list[Any]:
        """What a function of the border lists of the handlers; nothing where they cannot be looked at in time."""
        with self._outside("the handlers cannot be looked at"):
            answer = look(self._patience)
        found = [] if isinstance(answer, tuple) else decode(answer)
        return found if isinstance(found, list) else []

    def owner(self) -> str | None:
        """The owner that the process names now; None where that is no text."""
        with self._outside("the state cannot be looked at"):
            owner = self._owner()
        try:
            return None if owner is None else owner.decode()
        except UnicodeDecodeError:
            return None

    def look(self) -> bytes:
        """All that the process's globals lead to, as `lua/vm/border/look.lua` writes it.

        Raises `InputError` where that takes too long, or too much memory.
        """
        with self._outside("the state cannot be looked at"):
            answer = self._look(self._patience)
        if isinstance(answer, tuple):
            raise InputError(f"the state is too large to be looked at: it {answer[1].decode()}")
        return answer  # type: ignore[no-any-return]

    def evaluate_traced(self, packed: Packed, *, asking: bool) -> tuple[tuple[Any, ...] | None, dict[str, Any]]:
        """Evaluate one message and note what the handlers do; or, `asking`, whether they would take it, and run none.

        The answer is as `evaluate` has it, but for the instructions. What was noted is described in
        `lua/vm/trace/walk.lua` and `ask.lua`: {steps, skipped, of}; where the handlers cannot be watched nothing is
        evaluated, and `problem` says why. The engine is not to be used after that.
        """
        code = None if asking else chunks.traced_handlers()
        with self._outside("the handlers cannot be watched"):
            problem = self._trace(code)
        if problem is not None:
            return None, {"problem": problem.decode("utf-8", "replace")}
        raw = self.evaluate(packed)
        with self._outside("what the handlers did cannot be read"):
            found = self._traced(self._patience)
        if isinstance(found, tuple):
            return raw, {"problem": f"what they did {found[1].decode()}"}
        told = decode(found)
        return raw, told if isinstance(told, dict) else {}

    # What runs on what a process has made without being one of its messages goes through here.

    @contextmanager
    def _outside(self, what: str) -> Iterator[None]:
        """Room for work outside of any evaluation: it takes memory, which is not the process's, but no end of it."""
        check_stack()
        self._allow(_outside_memory(self._memory))
        try:
            yield
        except lua53.LuaError as error:
            raise InternalError(f"{what}: {error}") from error
        finally:
            # The garbage is collected before Lua is held to less than it has.
            self._allowed = self._memory
            self._room.make(0, self._settle)
            self._allow(self._memory)

    @property
    def _patience(self) -> float | None:
        """Seconds for such work; None is no limit."""
        return None if self._seconds is None else max(self._seconds, _LEAST_PATIENCE)


def _lookup(reference: weakref.ref[LuaEngine]) -> Callable[[bytes], Any]:
    # Lua holds what it is given for as long as the VM lives: were it the engine itself, neither would ever be freed.
    def look_up(name: bytes) -> Any:
        engine = reference()
        if engine is None:
            return None
        if name.startswith(b"sqlite."):
            return engine._database(name.decode("latin-1"))
        function = native(name)
        return None if function is None else engine._room.checked(function)

    return look_up


def _sorted(text: bytes, count: int) -> tuple[bytes, bytes] | None:
    """The strings of `text`, with zero bytes between them, in bytewise order with one behind each; their places.

    None where they are not `count`: some hold such bytes themselves.
    """
    # As text of one byte a letter: Python compares such text much faster than bytes.
    strings = text.decode("latin-1").split("\0")
    if len(strings) != count:
        return None
    order = sorted(range(count), key=strings.__getitem__)
    in_order = "\0".join(map(strings.__getitem__, order)).encode("latin-1")
    places = array("I", order)
    if sys.byteorder == "big":
        places.byteswap()
    return in_order + b"\0", places.tobytes()


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


def _names_to_bytes(shapes: set[Shape]) -> bytes:
    lines = json.dumps(sorted(shapes, key=repr), separators=(",", ":")).encode()
    return len(lines).to_bytes(4, "little") + lines


def _names_from_bytes(state: bytes) -> tuple[set[Shape], bytes]:
    """The shapes that `_names_to_bytes` has written, and what follows."""
    end = 4 + int.from_bytes(state[:4], "little")
    try:
        found = json.loads(state[4:end])
        shapes = {tuple(names) for names in found} if isinstance(found, list) else None
    except (ValueError, TypeError, RecursionError):
        shapes = None
    if shapes is None or not all(_is_shape(names) for names in shapes):
        raise SnapshotError("the saved state does not make sense")
    return shapes, state[end:]


def _is_shape(names: tuple[Any, ...]) -> bool:
    return names.count(None) == 1 and all(name is None or isinstance(name, str) for name in names)


def _register(reference: weakref.ref[LuaEngine]) -> Callable[..., None]:
    def register(*callbacks: Any) -> None:
        engine = reference()
        if engine is not None:
            engine._callbacks = callbacks

    return register


def _by_name(find: Callable[[str], bytes | None] | None) -> Callable[[bytes], bytes | None]:
    def look_up(name: bytes) -> bytes | None:
        # What is called from Lua never raises: an exception would be an object that Lua can hold.
        if find is None:
            return None
        try:
            return find(name.decode())
        except Exception:
            return None

    return look_up


def _printer(write: Callable[[str], None] | None) -> Callable[[bytes], None]:
    def put(line: bytes) -> None:
        if write is not None:
            try:
                write(line.decode("utf-8", "replace"))
            except Exception:
                return

    return put


__all__ = ["DIALECTS", "GAS_RULE", "LuaEngine"]

__tracebackhide__ = True
