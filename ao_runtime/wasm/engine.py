"""One published module that holds the state of one process, and evaluates its messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ..errors import InputError, ModuleError
from ..models import Packed
from . import calls, keeping
from .ends import FUEL, why
from .instance import Instance
from .library import wasmtime
from .memory import OutOfBoundsError
from .modules import PAGE, WasmModule
from .signals import guarded

__all__ = ["WasmEngine"]

__tracebackhide__ = True


class WasmEngine:
    """A module, started, with the memory of one process.

    `environment` is the environment as the network writes it; `module` a file, or a `WasmModule`; `format` is
    recognised where it is not given; `file` gives the content of `/data/<id>`, or None. `memory` is a number of bytes.

    Raises `ModuleError` for a module that cannot be used, `InputError` where `memory` is too small for it.
    """

    @guarded
    def __init__(
        self,
        environment: Mapping[str, Any],
        *,
        module: str | Path | WasmModule,
        format: str | None = None,
        file: Callable[[str], bytes | None] | None = None,
        memory: int | None = None,
    ) -> None:
        if not isinstance(module, WasmModule):
            module = WasmModule.read(module, format)
        #: The module.
        self.module = module
        #: What `limit` was last told, for whoever wants to know whether it must be told again.
        self.limits: object = None
        self._environment = calls.text_of(dict(environment))
        self._instructions: int | None = None
        self._seconds: float | None = None
        self._memory = memory
        least = module.facts.pages * PAGE
        if memory is not None and memory < least:
            raise InputError(
                f"the module needs {least >> 20} MB to start in, found {memory} bytes", field="memory", file=module.path
            )
        try:
            self._instance = Instance(module, file, memory)
        except ModuleError as error:
            raise error.within(file=module.path) from None

    @property
    def memory_size(self) -> int:
        """Bytes of the module's memory now."""
        return self._instance.memory.size(self._instance.store)

    def limit(self, instructions: int | None, seconds: float | None, memory: int | None) -> None:
        """Set the limits of the evaluations to come; None is no limit. Instructions are WebAssembly's."""
        self.limits = None
        self._instructions = instructions
        self._seconds = seconds
        if memory != self._memory:
            self._memory = memory
            self._instance.limit_memory(memory)

    @guarded
    def evaluate(self, packed: Packed) -> tuple[Any, ...]:
        """Evaluate one message; what comes back is JSON or FAILED as `lua/vm/border/results.lua` describes them.

        After a result that begins with FAILED, or an exception, the module's state is not to be used any more.
        """
        instance = self._instance
        store, memory, watch = instance.store, instance.memory, instance.watch
        fuel = FUEL if self._instructions is None else self._instructions
        message, environment = calls.message_text(packed), self._environment
        store.set_fuel(FUEL)
        watch.begin(self._seconds)
        try:
            stack, first, second, end = instance.room(len(message) + 1, len(environment) + 1)
            if not end <= second < first < stack:
                return calls.failed(0, "the message is too long for the module's stack")
            memory.write(store, first, message + b"\0")
            memory.write(store, second, environment + b"\0")
            store.set_fuel(fuel)
            place, length = instance.go(first, second, stack)
            gas = fuel - store.get_fuel()
            raw = memory.read(store, place, length) if place else b""
        except (wasmtime.WasmtimeError, wasmtime.Trap, OutOfBoundsError) as error:
            return self._failed(error, fuel)
        finally:
            watch.end()
        result = calls.answer(gas, raw)
        if result[0] == calls.FAILED and instance.refused:
            return calls.failed(gas, calls.words(result), hit="memory", message="memory limit reached")
        return result

    def _failed(self, error: BaseException, fuel: int) -> tuple[Any, ...]:
        """The result of an evaluation that the module did not come back from."""
        instance = self._instance
        text, hit, message = why(error, instance.host, instance.watch)
        if hit == "instructions":
            text = message = f"instruction limit of {self._instructions} reached"
        elif hit == "time":
            text = message = f"time limit of {self._seconds} seconds reached"
        elif hit is None and instance.refused:
            hit, message = "memory", "memory limit reached"
        return calls.failed(fuel - instance.store.get_fuel(), text, hit=hit, message=message)

    def get(self, path: str) -> NoReturn:
        """Raises `InputError`: a module cannot be looked into."""
        raise InputError(
            "the state of a published module cannot be looked into", advice="ask the process with an Eval", field=path
        )

    def outline(self, keys: Sequence[Any], first: int, most: int) -> NoReturn:
        """Raises `InputError`: a module cannot be looked into."""
        self.get("path")

    def owner(self) -> None:
        """Not known: a module cannot be looked into."""

    def settle(self) -> None:
        """Free what a start has left behind: nothing."""

    @guarded
    def save(self) -> bytes | None:
        """The state as bytes: what differs from the module's own start. None where the module hides some of it."""
        return keeping.save(self._instance)

    @guarded
    def load(self, state: bytes) -> None:
        """Take over a state that an engine of the same module has saved; this one must be new.

        Raises `SnapshotError` for bytes that are damaged or foreign; the engine is not to be used then.
        """
        keeping.load(self._instance, state)
