"""How a process was started: all but its messages. Every engine of the process is made from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError
from .filling import Filling, made_id
from .models.limits import Limits
from .models.reading import read_environment
from .models.text import from_json, to_json
from .sources import Files, FileSource, Modules, ModuleSource, Outside
from .vm.engine import DIALECTS, LuaEngine
from .vm.values import encode

if TYPE_CHECKING:
    from .engine import Engine
    from .models import Environment
    from .wasm.modules import WasmModule

__all__ = ["Birth", "UnreadableError"]

#: Of what is written down; a higher one is of a later ao-runtime.
_FORMAT = 1
_printed = logging.getLogger("ao_runtime.print")


#: What an evaluation of a published module may use, where no limit is given: one instruction of Lua takes some ten of
#: WebAssembly's.
WASM_INSTRUCTIONS = 20_000_000_000


class UnreadableError(Exception):
    """What is written down is no birth of a process that this version knows; says why."""


class Birth:
    """Environment, dialect, module and limits of a process.

    Raises `InputError` for an environment or an option that makes no sense.
    """

    def __init__(
        self,
        environment: Mapping[str, Any] | Environment | None,
        *,
        limits: Limits | Mapping[str, Any] | None = None,
        dialect: str | None = None,
        module: str | Path | None = None,
        boot_file: str | Path | None = None,
        format: str | None = None,
    ) -> None:
        dialect = "2.0.6" if dialect is None else dialect
        if dialect not in DIALECTS:
            raise InputError(
                f"there is no dialect {dialect!r}", advice=f"the dialects are {', '.join(DIALECTS)}", field="dialect"
            )
        self.dialect = dialect
        self.limits = Limits.read(limits)
        self.boot_file = None if boot_file is None else str(boot_file)
        #: Whether the process runs our module, and not one that was brought.
        self.own = module is None
        self.format = format
        #: A published module, and the digest of its bytes; None where the process runs Lua of ours.
        self.wasm: Path | None = None
        self.wasm_digest = ""
        self._wasm_module: WasmModule | None = None
        if module is not None and is_wasm(module):
            self.wasm = Path(module).resolve()
            self.wasm_digest = _digest_of(self.wasm)
            if limits is None:
                self.limits = Limits(instructions=WASM_INSTRUCTIONS)
        elif format is not None:
            raise InputError("is for published modules (.wasm) only", field="format")
        self.environment = self._complete(environment)

    @property
    def id(self) -> str:
        """The process's id."""
        return self.environment["Process"]["Id"]  # type: ignore[no-any-return]

    @property
    def owner(self) -> str:
        """The address of its owner."""
        return self.environment["Process"]["Owner"]  # type: ignore[no-any-return]

    def filling(self) -> Filling:
        """What fills in its messages."""
        return Filling(self.id, self.owner, _module_id(self.environment))

    def outside(self, module: str | Path | None, modules: ModuleSource | None, files: FileSource | None) -> Outside:
        """What the process reads from outside; nothing has been read yet."""
        if self.wasm is not None:
            return Outside(None, files)
        return Outside(modules if module is None else module, files)

    def engine(self, outside: Outside) -> Engine:
        """A new engine: the process before its first message."""
        if self.wasm is not None:
            from .wasm.engine import WasmEngine

            engine: Engine = WasmEngine(
                self.environment,
                module=self._published(),
                file=outside.files.find,
                memory=self.limits.memory,
            )
            return engine
        return LuaEngine(
            self.environment,
            dialect=self.dialect,
            find=outside.modules.find,
            file=outside.files.find,
            write=_printed.info,
            own=self.own,
            memory=self.limits.memory,
        )

    def _published(self) -> WasmModule:
        """The published module, read once: a file that is replaced meanwhile is another module."""
        if self._wasm_module is None:
            from .wasm.modules import WasmModule

            assert self.wasm is not None
            module = WasmModule.read(self.wasm, self.format)
            if module.sha256 != self.wasm_digest:
                raise InputError(f"{self.wasm} has just been replaced", advice="start again", field="module")
            self._wasm_module = module
        return self._wasm_module

    # ── written down ───────────────────────────────────────────────────────────────────────────────────────────

    def described(self, outside: Outside) -> dict[str, Any]:
        """All of it, as JSON may have it (`models.text`); what `again` reads.

        Raises `InputError` for an environment that JSON cannot hold.
        """
        try:
            environment = from_json(to_json(self.environment))
        except (InputError, TypeError, ValueError, RecursionError):
            environment = None
        if encode(environment) != encode(self.environment):
            advice = "keys are text, and numbers are finite"
            raise InputError("cannot be written down as JSON", field="environment", advice=advice)
        described: dict[str, Any] = {
            "format": _FORMAT,
            "engine": "lua" if self.wasm is None else "wasm",
            "environment": environment,
            "dialect": self.dialect,
            "own": self.own,
            "limits": {
                "instructions": self.limits.instructions,
                "memory": self.limits.memory,
                "seconds": self.limits.seconds,
            },
            "boot_file": self.boot_file,
            "files": outside.files.described(),
        }
        if self.wasm is None:
            described["modules"] = outside.modules.described()
        else:
            described["wasm"] = {"path": str(self.wasm), "sha256": self.wasm_digest, "format": self.format}
        return described

    @classmethod
    def again(
        cls,
        described: Mapping[str, Any],
        *,
        limits: Limits | Mapping[str, Any] | None = None,
        module: str | Path | None = None,
        modules: ModuleSource | None = None,
        files: FileSource | None = None,
        boot_file: str | Path | None = None,
    ) -> tuple[Birth, Outside]:
        """The birth that `described` tells of, and where it reads from: from where it did, unless others are given.

        Raises `UnreadableError` where it is none, `InputError` for what is given and does not go with it.
        """
        format_ = described.get("format")
        if isinstance(format_, int) and format_ > _FORMAT:
            raise UnreadableError("was written by a newer ao-runtime")
        try:
            kind, own = described["engine"], described["own"]
            folder, known = described.get("modules", {}), described["files"]
            if format_ != _FORMAT or kind not in ("lua", "wasm") or not isinstance(own, bool):
                raise UnreadableError("is damaged")
            birth = cls(
                described["environment"],
                limits=dict(described["limits"]) if limits is None else limits,
                dialect=described["dialect"],
                boot_file=described["boot_file"] if boot_file is None else boot_file,
            )
            birth.own = own
            if kind == "wasm":
                told = described["wasm"]
                birth._take_wasm(str(told["path"]), str(told["sha256"]), told["format"], module)
            elif module is not None and (own or is_wasm(module)):
                raise InputError("is not what the process was started with", field="module")
            if modules is None and kind == "lua":
                modules = Modules.again(folder)
            if files is None:
                Files.check(known)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UnreadableError("is damaged") from None
        outside = birth.outside(module, modules, files)
        given = modules is not None or module is not None or birth.wasm is not None
        outside.withhold(None if given else folder.get("folder"), None if files is not None else known.get("folder"))
        return birth, outside

    def _take_wasm(self, path: str, digest: str, format_: Any, module: str | Path | None) -> None:
        self.wasm = Path(path if module is None else module).resolve()
        self.format = format_ if isinstance(format_, str) else None
        self.wasm_digest = _digest_of(self.wasm)
        if self.wasm_digest != digest:
            raise InputError(
                f"{self.wasm} is another module than the one that the process was started with",
                advice=f"module= names a file with the SHA-256 {digest}",
                field="module",
            )

    def same_environment(self, environment: Mapping[str, Any] | Environment) -> bool:
        """Whether an environment that somebody gives is this one."""
        return encode(_sorted(self._complete(environment))) == encode(_sorted(self.environment))

    def _complete(self, environment: Mapping[str, Any] | Environment | None) -> dict[str, Any]:
        """The environment with an id, an owner, tags and a module, where they are not given."""
        complete = read_environment(environment)
        described = complete.setdefault("Process", {})
        described.setdefault("Owner", made_id("owner"))
        described.setdefault("Id", made_id("process", described["Owner"]))
        described.setdefault("Tags", [])
        # A published module reads the id of a module in its messages.
        module = _tag(described["Tags"], "Module") or (made_id("module", self.wasm_digest) if self.wasm else "")
        complete.setdefault("Module", {"Id": module, "Tags": []})
        return complete


def check_module(birth: Birth, outside: Outside, module: str | Path | None) -> None:
    """Raises `InputError` for a folder that is no module."""
    if module is not None and birth.wasm is None and outside.modules.find("process") is None:
        raise InputError(
            f"{module} has no process.lua", advice="a module's handle is in its process.lua", field="module"
        )


def is_wasm(module: str | Path) -> bool:
    """Whether a module is a published one: a file, and not a folder of Lua."""
    path = Path(module)
    return path.suffix == ".wasm" and not path.is_dir()


def _digest_of(path: Path) -> str:
    from hashlib import sha256

    try:
        return sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read: {reason}", field="module") from None


def _sorted(value: Any) -> Any:
    """The same value with all mappings in the order of their keys."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value, key=repr)}
    return [_sorted(item) for item in value] if isinstance(value, (list, tuple)) else value


def _tag(tags: list[dict[str, Any]], name: str) -> Any:
    return next((tag["value"] for tag in tags if tag["name"] == name), None)


def _module_id(environment: Mapping[str, Any]) -> str | None:
    module = environment.get("Module")
    found = module.get("Id") if isinstance(module, Mapping) else None
    found = found or _tag(environment["Process"]["Tags"], "Module")
    return found if isinstance(found, str) and found else None
