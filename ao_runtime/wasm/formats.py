"""The formats of published modules: what their imports and exports are called.

All are what emscripten makes; its generations differ in a few names and in the width of a pointer. The oldest has its
names shortened to letters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["FORMATS", "Format", "recognise"]


@dataclass(frozen=True)
class Format:
    """One generation."""

    name: str
    wide: bool
    """Whether pointers have 64 bits."""
    imports: dict[str, str] = field(default_factory=dict)
    """Names of imports that are called something else here: `a.w` is `env.__syscall_dup3`."""
    exports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the exports that we use may be called."""


_EXPORTS: dict[str, tuple[str, ...]] = {
    "memory": ("memory",),
    "table": ("__indirect_function_table",),
    "handle": ("handle",),
    "start": ("__wasm_call_ctors",),
    "stack_init": ("emscripten_stack_init",),
    "stack_end": ("emscripten_stack_get_end",),
    "stack_get": ("emscripten_stack_get_current", "stackSave"),
    "stack_set": ("_emscripten_stack_restore", "stackRestore"),
    "stack_take": ("_emscripten_stack_alloc", "stackAlloc"),
    "set_threw": ("setThrew",),
    "set_high": ("_emscripten_tempret_set", "setTempRet0"),
}
_LETTERS: dict[str, tuple[str, ...]] = {
    "memory": ("E",),
    "table": ("I",),
    "handle": ("G",),
    "start": ("F",),
    "stack_get": ("M",),
    "stack_set": ("N",),
    "stack_take": ("O",),
    "set_threw": ("L",),
}
_LETTER_IMPORTS = {
    "w": "__syscall_dup3",
    "d": "__syscall_fcntl64",
    "z": "__syscall_ioctl",
    "r": "__syscall_lstat64",
    "g": "__syscall_openat",
    "s": "__syscall_renameat",
    "t": "__syscall_rmdir",
    "e": "__syscall_unlinkat",
    "a": "_emscripten_date_now",
    "A": "_emscripten_get_now_is_monotonic",
    "p": "_emscripten_throw_longjmp",
    "B": "_gmtime_js",
    "C": "_localtime_js",
    "i": "_mktime_js",
    "j": "_tzset_js",
    "D": "abort",
    "k": "emscripten_memcpy_big",
    "q": "emscripten_resize_heap",
    "u": "environ_get",
    "v": "environ_sizes_get",
    "l": "exit",
    "c": "fd_close",
    "y": "fd_read",
    "o": "fd_seek",
    "f": "fd_write",
    "h": "getTempRet0",
    "x": "invoke_vii",
    "b": "setTempRet0",
    "n": "strftime",
    "m": "system",
}

_WIDE, _NARROW = "wasm64-unknown-emscripten-draft_", "wasm32-unknown-emscripten"
FORMATS = {
    known.name: known
    for known in (
        Format(_NARROW, False, {f"a.{letter}": name for letter, name in _LETTER_IMPORTS.items()}, _LETTERS),
        *(Format(_NARROW + suffix, False, exports=_EXPORTS) for suffix in ("2", "3", "4", "-metering")),
        *(Format(_WIDE + suffix, True, exports=_EXPORTS) for suffix in ("2024_02_15", "2024_10_16-metering")),
    )
}


def recognise(imports: set[str], wide: bool) -> Format:
    """The format of a module by what it imports (`env.exit`) and the width of its pointers."""
    metered = any(name.startswith("metering.") for name in imports)
    if wide:
        return FORMATS[_WIDE + ("2024_10_16-metering" if metered else "2024_02_15")]
    if any(name.startswith("a.") for name in imports):
        return FORMATS[_NARROW]
    if metered:
        return FORMATS[_NARROW + "-metering"]
    if "env._emscripten_date_now" in imports or "env.emscripten_memcpy_big" in imports:
        return FORMATS[_NARROW + "2"]
    if "env.emscripten_memcpy_js" in imports:
        return FORMATS[_NARROW + "3"]
    return FORMATS[_NARROW + "4"]
