"""How a process is started: its environment and its own message, from what a caller gives."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, LoadError
from ..models import read_environment, read_message, to_bytes, told, wire_of
from ..state import MADE_MODULE, Options, State, code_id, has_boot, is_wasm, made_id, named_module

if TYPE_CHECKING:
    from ..models import Environment, Packed, Result

__all__ = ["Start", "boot", "evaluation_of", "folder_of", "read_code"]

__tracebackhide__ = True

_DEFAULTS = {"Data-Protocol": "ao", "Variant": "ao.TN.1", "Type": "Process"}


@dataclass(frozen=True)
class Start:
    """A process to be started."""

    environment: dict[str, Any]
    #: Its own message, in the network's form.
    message: dict[str, Any]
    options: Options
    #: What of it the caller has named, and is not made up: "code", "id", "owner", "tags".
    named: frozenset[str]
    #: The process's code, as it is evaluated.
    code: bytes | None = None
    #: The owner's Eval that brings the code, where that is not in the process's own message: before aos 2.
    evaluation: dict[str, Any] | None = None

    @classmethod
    def of(
        cls,
        path: str | Path | None,
        options: Options,
        *,
        code: str | bytes | None = None,
        owner: str = "",
        id: str | None = None,
        tags: Any = None,
        environment: Mapping[str, Any] | Environment | None = None,
    ) -> Start:
        """What `Process.spawn` is given. Raises `InputError` for what makes no sense or cannot be read."""
        if path is not None:
            if code is not None:
                raise InputError("give a file or code, not both", field="code")
            code = read_code(path)
            beside = folder_of(path) if options.sources is None else options.sources
            options = replace(options, boot_file=str(path), sources=beside)
        elif isinstance(code, str):
            code = to_bytes(code)
        if code is not None and options.module is not None and is_wasm(options.module):
            from ..state import bundled

            code = bundled(code, options.sources, options.replace)
        given = read_environment(environment)
        described = given.setdefault("Process", {})
        owner = owner or described.get("Owner") or ""
        id = id or described.get("Id")
        own = described.get("Tags", []) + read_message({"Tags": tags if tags is not None else []})["Tags"]
        known = {"code": code, "id": id, "owner": owner, "tags": own}
        named = frozenset(name for name, value in known.items() if value)
        owner = described["Owner"] = owner or made_id("owner")
        names = {tag["name"] for tag in own}
        own = [{"name": name, "value": value} for name, value in _DEFAULTS.items() if name not in names] + own
        described["Tags"] = own
        parts = sorted((tag["name"], str(tag["value"])) for tag in own)
        id = described["Id"] = id or made_id("process", owner, str(parts))
        if "Module" not in names and options.module is None:
            # On the network there always is one: `ao._module` is what a process spawns others of its kind with.
            module = named_module(given)
            own.append({"name": "Module", "value": module if module and isinstance(module, str) else MADE_MODULE})
        first_tags = list(own)
        first: dict[str, Any] = {"Id": id, "From": owner, "Owner": owner, "Target": id, "Tags": first_tags}
        evaluation = None
        if code is not None and has_boot(options):
            first["Data"] = code
            if "On-Boot" not in names:
                first_tags.append({"name": "On-Boot", "value": "Data"})
        elif code is not None:
            evaluation = evaluation_of(id, owner, own, code)
        return cls(given, first, options, named, code, evaluation)

    def check(self, environment: Mapping[str, Any], first: Packed, second: Packed | None, file: str) -> None:
        """Raises `InputError` where the process that a journal (`file`) holds was started with something else.

        `first` is its own message, `second` the one after it.
        """
        mine, its = self.environment["Process"], environment["Process"]
        for name, field in (("id", "Id"), ("owner", "Owner"), ("tags", "Tags")):
            if name in self.named and mine[field] != its[field] and not self._only_module_is_new(its[field]):
                raise InputError(
                    f"{file} holds a process that was started with another one",
                    advice="leave it out to go on with that process, or give another file",
                    field=name,
                )
        brought = wire_of(first)
        after = {} if second is None else wire_of(second)
        if after.get("Id") == code_id(brought.get("Id", "")):
            brought = after
        data = brought.get("Data")
        data = to_bytes(data) if isinstance(data, str) else data
        if "code" in self.named and data != self.code:
            raise InputError(
                f"{file} holds a process that was started with other code",
                advice="leave the code out to go on with that process, give another file to start a new one, or Eval"
                " the new code (ao-run: --reload)",
                field="code",
            )

    def _only_module_is_new(self, tags: Any) -> bool:
        """Whether the tags are those of a version that gave a process no module."""
        mine = self.environment["Process"]["Tags"]
        return bool(mine[:-1] == tags and mine[-1]["name"] == "Module")


def folder_of(path: str | Path) -> Path | None:
    """The folder that `require` finds files in; none for a bundle with its source map, which has all of them in it."""
    from ..models import SourceMap

    return None if SourceMap.beside(path) is not None else Path(os.path.abspath(path)).resolve().parent


def read_code(path: str | os.PathLike[str]) -> bytes:
    """The code in a Lua file, without a byte order mark. Raises `InputError` where it cannot be read."""
    try:
        return Path(path).read_bytes().removeprefix(codecs.BOM_UTF8)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason}", file=ascii(str(path))[1:-1]) from None


def evaluation_of(id: str, owner: str, tags: list[dict[str, Any]], code: bytes) -> dict[str, Any]:
    """The Eval by which the owner brings a process's code; `tags` are the process's, which may name its owner."""
    sender = next((tag["value"] for tag in tags if tag["name"] == "From-Process"), owner)
    action = [{"name": "Action", "value": "Eval"}]
    return {"Id": code_id(id), "From": sender, "Owner": sender, "Target": id, "Tags": action, "Data": code}


def boot(state: State, start: Start) -> list[Result]:
    """Evaluate the process's own message, and the Eval that brings its code, where there is one.

    Raises `LoadError` where the process's code fails. A module that fails by itself is no matter of the code's: its
    error is the result.
    """
    results = []
    for message in (start.message, start.evaluation):
        if message is not None:
            packed = state.filled(read_message(message))
            result = state.evaluate(packed, state.genesis.limits)
            brings = message is start.evaluation or any(tag["name"] == "On-Boot" for tag in message["Tags"])
            if result.failure is not None and brings:
                raise LoadError.of(result.failure, told(result.failure))
            if result.failure is None:
                state.note_handlers(packed, result)
            results.append(result)
    state.ask(lambda engine: engine.settle())
    return results
