"""What `Network.spawn` is given, as a process's Data and the options of its evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..models import GivenLimits, Limits, to_bytes
from ..process import folder_of, read_code
from ..state import GivenOptions, LuaSource, bundled, is_wasm
from .modules import Module

__all__ = ["Given", "read_spawn"]

__tracebackhide__ = True


@dataclass(frozen=True)
class Given:
    """A process to be started."""

    name: str
    data: bytes | None
    #: Whether its Data is code that it evaluates at its start.
    boots: bool
    #: The code that its owner has it evaluate after that, where modules do not do it themselves.
    evaluation: bytes | None
    options: GivenOptions


def read_spawn(
    path: str | Path | None,
    code: str | bytes | None,
    data: str | bytes | None,
    module: Module,
    sources: LuaSource | None,
    limits: Limits | GivenLimits | None,
) -> Given:
    """Read it. Raises `InputError` for what makes no sense or cannot be read."""
    if sum(one is not None for one in (path, code, data)) > 1:
        raise InputError("give one of them: a file, code or data", field="code")
    options: GivenOptions = {}
    if limits is not None:
        options["limits"] = Limits.read(limits)
    text = to_bytes(code) if isinstance(code, str) else code
    name = "process"
    if path is not None:
        text = read_code(path)
        options["boot_file"] = str(path)
        name = Path(path).stem
        if sources is None:
            sources = folder_of(path)
    if sources is not None and not (module.path is not None and is_wasm(module.path)):
        options["sources"] = sources
    if text is None:
        return Given(name, to_bytes(data) if isinstance(data, str) else data, False, None, options)
    if module.path is not None and is_wasm(module.path):
        text = bundled(text, sources)
    if module.has_boot:
        return Given(name, text, True, None, options)
    return Given(name, None, False, text, options)
