"""Published ao modules, by wasmtime: the only folder that imports it.

`WasmEngine` evaluates a process's messages in such a module, by the interface of `ao_runtime.engine`; `WasmModule` is a
file that has been read and compiled. Where wasmtime is not installed, importing this package raises `InputError`.
"""

from .engine import WasmEngine
from .modules import WasmModule

__all__ = ["WasmEngine", "WasmModule"]
