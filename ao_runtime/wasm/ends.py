"""Why a module has stopped before it had an answer: a limit, an end of its own making, or somebody outside."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import InternalError
from .host import Host, StoppedError
from .library import wasmtime
from .memory import OutOfBoundsError
from .native import escaped
from .watch import Watch

__all__ = ["FUEL", "End", "why"]

__tracebackhide__ = True

#: Fuel where there is no limit.
FUEL = 1 << 62

_CODE = wasmtime.TrapCode
#: Texts of the network's loader. (It has another one for numbers too large for an integer; they are one trap here.)
_TRAPS = {
    _CODE.STACK_OVERFLOW: "Maximum call stack size exceeded",
    _CODE.MEMORY_OUT_OF_BOUNDS: "memory access out of bounds",
    _CODE.TABLE_OUT_OF_BOUNDS: "table index is out of bounds",
    _CODE.INDIRECT_CALL_TO_NULL: "null function or function signature mismatch",
    _CODE.BAD_SIGNATURE: "null function or function signature mismatch",
    _CODE.INTEGER_OVERFLOW: "divide result unrepresentable",
    _CODE.INTEGER_DIVISION_BY_ZERO: "divide by zero",
    _CODE.BAD_CONVERSION_TO_INTEGER: "float unrepresentable in integer range",
    _CODE.UNREACHABLE: "unreachable",
}


class End(NamedTuple):
    """Text of the error, the limit that was hit if it was one, and a message for people where the text is none."""

    text: str
    hit: str | None = None
    message: str | None = None


def why(error: BaseException, host: Host, watch: Watch) -> End:
    """What an exception of wasmtime's stands for. Raises what has come from outside, such as Ctrl-C."""
    stopped, host.stopped = host.stopped, None
    for outside in (watch.interrupted, escaped(), stopped):
        if outside is not None and not isinstance(outside, Exception):
            raise outside
    if isinstance(stopped, StoppedError):
        return End(str(stopped))
    if isinstance(stopped, MemoryError):
        return End("not enough memory", "memory", "memory limit reached")
    if stopped is not None and not isinstance(stopped, OutOfBoundsError):
        raise InternalError(f"an import of the module failed: {stopped!r}") from stopped
    if watch.late:
        return End("time limit reached", "time")
    if stopped is not None or isinstance(error, OutOfBoundsError):
        return End(_TRAPS[_CODE.MEMORY_OUT_OF_BOUNDS])
    code: Any = error.trap_code if isinstance(error, wasmtime.Trap) else None
    if code == _CODE.OUT_OF_FUEL:
        return End("instruction limit reached", "instructions")
    if code in _TRAPS:
        return End(_TRAPS[code])
    text = (str(error).strip().splitlines() or ["the module stopped"])[-1].strip()
    if text == "thrown Wasm exception":
        # The network's loader throws a number.
        return End("Infinity", None, "the module has jumped to where nobody waits for it")
    return End(text)
