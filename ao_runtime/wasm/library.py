"""wasmtime, or an error that says how to get it; and how it is set up: the same for every module."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import sys

from ..errors import InputError
from .signals import remember

try:
    import wasmtime
except ImportError:
    raise InputError("published modules need wasmtime, which is not installed", advice="pip install wasmtime") from None

__all__ = ["compiler", "engine", "fingerprint", "version", "wasmtime"]

__tracebackhide__ = True

#: Every x86 makes the same NaN, and it is the network's (`tostring(0/0)` is `-nan`); elsewhere one is agreed on.
_NAN = platform.machine().lower() not in ("x86_64", "amd64")

#: What decides about the machine code, and whether code may run at all. Nothing that two machines could answer
#: differently (threads, relaxed SIMD, bits of a NaN), and nothing that modules do not use.
_SETTINGS = {
    "wasm_memory64": True,
    "wasm_exceptions": True,  # our own glue throws (`glue`)
    "wasm_threads": False,
    "shared_memory": False,
    "wasm_relaxed_simd": False,
    "wasm_multi_memory": False,
    "wasm_gc": False,
    "wasm_function_references": False,
    "wasm_stack_switching": False,
    "wasm_component_model": False,
    "wasm_custom_page_sizes": False,
    "wasm_wide_arithmetic": False,
    "cranelift_nan_canonicalization": _NAN,
    "consume_fuel": True,
    "epoch_interruption": True,
    "max_wasm_stack": 1 << 20,  # about what the network's loader gives
    "macos_use_mach_ports": False,  # a thread of wasmtime's own, which a fork would not have
}

#: The process in which modules have been compiled by several threads; a fork of it does not have them any more.
_parallel_in: int | None = None


def _config(settings: dict[str, bool | int]) -> wasmtime.Config:
    config = wasmtime.Config()
    for name, value in settings.items():
        setattr(config, name, value)
    return config


@functools.lru_cache(maxsize=1)
def engine() -> wasmtime.Engine:
    """The engine whose stores run all modules of this program. It never compiles: see `compiler`."""
    made = wasmtime.Engine(_config(_SETTINGS))
    remember()
    return made


def compiler() -> wasmtime.Engine:
    """An engine that checks and compiles, in a fork of this program too."""
    global _parallel_in
    process = os.getpid()
    if _parallel_in is None:
        _parallel_in = process
    return _compiler(process == _parallel_in)


@functools.lru_cache(maxsize=2)
def _compiler(parallel: bool) -> wasmtime.Engine:
    config = _config(_SETTINGS)
    config.parallel_compilation = parallel
    made = wasmtime.Engine(config)
    remember()
    return made


def version() -> str:
    """The version of wasmtime; machine code of one is nothing to another."""
    return importlib.metadata.version("wasmtime")


@functools.lru_cache(maxsize=1)
def fingerprint() -> str:
    """What a compiled module is bound to beside its content: wasmtime, its settings, and the machine."""
    parts = [version(), sys.platform, platform.machine(), *(f"{name}={_SETTINGS[name]}" for name in _SETTINGS)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
