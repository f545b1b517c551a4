"""How a process was started: all but its messages. Every engine of the process is made from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..models import Limits, encode, from_json, read_environment, to_json
from ..vm import DIALECTS, LuaEngine
from .data_files import DataFiles
from .defaults import Defaults, made_id
from .inputs import Inputs
from .lua_sources import LuaSources
from .options import Options

if TYPE_CHECKING:
    from ..models import Environment
    from ..wasm import WasmModule
    from .engine import Engine

__all__ = ["Genesis", "UnreadableError"]

__tracebackhide__ = True

#: Of what is written down; a higher one is of a later ao-runtime.
_FORMAT = 1
_DIALECT = DIALECTS[0]
_printed = logging.getLogger("ao_runtime.print")

#: What an evaluation of a published module may use, where no limit is given: one instruction of Lua takes some ten of
#: WebAssembly's.
WASM_INSTRUCTIONS = 20_000_000_000


class UnreadableError(Exception):
    """What is written down is no genesis of a process that this version knows; says why."""


class Genesis:
    """Environment, dialect, module and limits of a process.

    Raises `InputError` for an environment or an option that makes no sense.
    """

    def __init__(self, environment: Mapping[str, Any] | Environment | None, options: Options) -> None:
        dialect = _DIALECT if options.dialect is None else options.dialect
        if dialect not in DIALECTS:
            raise InputError(
                f"there is no dialect {dialect!r}", advice=f"the dialects are {', '.join(DIALECTS)}", field="dialect"
            )
        self.dialect = dialect
        self.limits = Limits.read(options.limits)
        self.boot_file = options.boot_file
        #: Whether the process runs our Lua, and not a module that was brought.
        self.own = options.module is None
        self.format = options.format
        #: A published module, and the digest of its bytes; None where the process runs Lua.
        self.wasm: Path | None = None
        self.wasm_digest = ""
        self._wasm_module: WasmModule | None = None
        if options.module is not None and is_wasm(options.module):
            self.wasm = Path(options.module).resolve()
            self.wasm_digest = _digest_of(self.wasm)
            if options.limits is None:
                self.limits = Limits(instructions=WASM_INSTRUCTIONS)
        elif options.format is not None:
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

    def defaults(self) -> Defaults:
        """What fills in its messages."""
        return Defaults(self.id, self.owner, _module_id(self.environment))

    def inputs(self, options: Options) -> Inputs:
        """What the process reads from outside; nothing has been read yet.

        Raises `InputError` for a source of a wrong kind, and for a folder that is no module.
        """
        if self.wasm is not None:
            return Inputs(None, options.files)
        if options.module is None:
            return Inputs(options.sources, options.files)
        return Inputs(options.module, options.files)

    def check_module(self, inputs: Inputs, options: Options) -> None:
        """Raises `InputError` for a folder that is no module."""
        if options.module is not None and self.wasm is None and inputs.sources.find("process") is None:
            advice = "a module's handle is in its process.lua"
            raise InputError(f"{options.module} has no process.lua", advice=advice, field="module")

    def engine(self, inputs: Inputs) -> Engine:
        """A new engine: the process before its first message."""
        if self.wasm is not None:
            from ..wasm import WasmEngine

            engine: Engine = WasmEngine(
                self.environment,
                module=self._published(),
                file=inputs.files.find,
                memory=self.limits.memory,
            )
            return engine
        return LuaEngine(
            self.environment,
            dialect=self.dialect,
            find=inputs.sources.find,
            file=inputs.files.find,
            write=_printed.info,
            own=self.own,
            memory=self.limits.memory,
        )

    def _published(self) -> WasmModule:
        """The published module, read once: a file that is replaced meanwhile is another module."""
        if self._wasm_module is None:
            from ..wasm import WasmModule

            assert self.wasm is not None
            module = WasmModule.read(self.wasm, self.format)
            if module.sha256 != self.wasm_digest:
                raise InputError(f"{self.wasm} has just been replaced", advice="start again", field="module")
            self._wasm_module = module
        return self._wasm_module

    # ── written down ───────────────────────────────────────────────────────────────────────────────────────────

    def described(self, inputs: Inputs) -> dict[str, Any]:
        """All of it, as JSON may have it (`models.json_text`); what `recorded` reads.

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
            "files": inputs.files.described(),
        }
        if self.wasm is None:
            described["modules"] = inputs.sources.described()
        else:
            described["wasm"] = {"path": str(self.wasm), "sha256": self.wasm_digest, "format": self.format}
        return described

    @classmethod
    def recorded(cls, described: Mapping[str, Any], options: Options) -> tuple[Genesis, Inputs]:
        """The genesis that `described` tells of, and where it reads from: from where it did, unless others are given.

        Raises `UnreadableError` where it is none, `InputError` for what is given and does not go with it.
        """
        format_ = described.get("format")
        if isinstance(format_, int) and format_ > _FORMAT:
            raise UnreadableError("was written by a newer ao-runtime")
        sources, files = options.sources, options.files
        try:
            kind, own = described["engine"], described["own"]
            folder, known = described.get("modules", {}), described["files"]
            if format_ != _FORMAT or kind not in ("lua", "wasm") or not isinstance(own, bool):
                raise UnreadableError("is damaged")
            genesis = cls(
                described["environment"],
                Options(
                    limits=Limits.read(dict(described["limits"])) if options.limits is None else options.limits,
                    dialect=described["dialect"],
                    boot_file=described["boot_file"] if options.boot_file is None else options.boot_file,
                ),
            )
            genesis.own = own
            if kind == "wasm":
                told = described["wasm"]
                genesis._take_wasm(str(told["path"]), str(told["sha256"]), told["format"], options.module)
            elif options.module is not None and (own or is_wasm(options.module)):
                raise InputError("is not what the process was started with", field="module")
            if sources is None and kind == "lua":
                sources = LuaSources.again(folder)
            if files is None:
                DataFiles.check(known)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UnreadableError("is damaged") from None
        inputs = genesis.inputs(Options(module=options.module, sources=sources, files=files))
        given = sources is not None or options.module is not None or genesis.wasm is not None
        inputs.withhold(None if given else folder.get("folder"), None if files is not None else known.get("folder"))
        return genesis, inputs

    def check_options(self, options: Options, holder: str) -> None:
        """Raises `InputError` for an option that is given and is not as it was; `holder` is what says how it was."""
        for name, value, known in (
            ("dialect", options.dialect, self.dialect),
            ("format", options.format, self.format),
        ):
            if value is not None and value != known:
                raise InputError(
                    f"{holder} holds a process with {known!r}, found {value!r}",
                    advice="leave it out to go on with that process",
                    field=name,
                )

    def check_environment(self, environment: Mapping[str, Any] | Environment, holder: str) -> None:
        """Raises `InputError` where an environment that somebody gives is not this one."""
        given = self._complete(environment)
        if self.environment.get("Module") == {"Id": "", "Tags": []} and not read_environment(environment).get("Module"):
            given["Module"] = self.environment["Module"]  # Begun by 0.1.0, which gave no id to a module.
        if encode(_sorted(given)) != encode(_sorted(self.environment)):
            raise InputError(
                f"{holder} holds a process with another environment",
                advice="leave it out to go on with that process",
                field="environment",
            )

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

    def _complete(self, environment: Mapping[str, Any] | Environment | None) -> dict[str, Any]:
        """The environment with an id, an owner, tags and a module, where they are not given."""
        complete = read_environment(environment)
        described = complete.setdefault("Process", {})
        described.setdefault("Owner", made_id("owner"))
        described.setdefault("Id", made_id("process", described["Owner"]))
        described.setdefault("Tags", [])
        # On the network there always is one: processes and published modules read it.
        module = _tag(described["Tags"], "Module") or made_id("module", self.wasm_digest)
        complete.setdefault("Module", {"Id": module, "Tags": []})
        return complete


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
