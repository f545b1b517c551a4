"""How a process was started: all but its messages. Every engine of the process is made from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..models import Limits, encode, from_json, read_environment, read_regular, shown, to_json
from ..vm import DIALECTS, GAS_RULE, LuaEngine, network_has
from .as_written import AsWritten
from .data_files import DataFiles
from .defaults import Defaults, made_id
from .generations import code_id, is_wasm
from .inputs import Inputs
from .lua_sources import LuaSources, Replacements
from .options import Options

if TYPE_CHECKING:
    from ..isolation import IsolatedEngine, Pool
    from ..models import Environment
    from ..wasm import WasmModule
    from .engine import Engine

__all__ = ["MADE_MODULE", "WASM_INSTRUCTIONS", "Genesis", "UnreadableError", "named_module"]

__tracebackhide__ = True

#: The module of a process for which nobody names one.
MADE_MODULE = made_id("module", "")
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
                f"there is no dialect {shown(dialect)}",
                advice=f"the dialects are {', '.join(DIALECTS)}",
                field="dialect",
            )
        self.dialect = dialect
        self.limits = Limits.read(options.limits)
        #: The children that its engines live in; None where they live in this program.
        self.pool = pool_of(options.isolated, self.limits)
        self.boot_file = options.boot_file
        #: The same, where the caller has named it: no other is opened to show lines of.
        self.known_boot_file = options.boot_file
        self.written = AsWritten()
        #: Whether the process runs our Lua, and not a module that was brought.
        self.own = options.module is None
        self.format = options.format
        #: A published module, and the digest of its bytes; None where the process runs Lua.
        self.wasm: Path | None = None
        self.wasm_digest = ""
        self._wasm_module: WasmModule | None = None
        self._wasm_bytes: bytes | None = None
        if options.module is not None and is_wasm(options.module):
            self.wasm = Path(options.module).resolve()
            self.wasm_digest = _digest_of(self.wasm)
            if options.limits is None:
                self.limits = Limits(instructions=WASM_INSTRUCTIONS)
            if self.pool is not None:
                self._read_wasm()
        elif options.format is not None:
            raise InputError("is for published modules (.wasm) only", field="format")
        #: By which rule what it has used until now was counted.
        self.gas_rule = GAS_RULE
        #: What holds messages that somebody else has written down, when they are evaluated again; None where the
        #: process was started here.
        self.limits_again: Limits | None = None
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

        Raises `InputError` for a source of a wrong kind, for a folder that is no module, and where the network's own
        modules are to be replaced.
        """
        self._check_replaced(options.replace)
        if self.wasm is not None:
            # Nothing is read from them: they are in the process's code (`bundle`), and named by errors.
            inputs = Inputs(options.sources, options.files, options.replace)
            inputs.sources.are_bundled = True
            return inputs
        return Inputs(options.sources if options.module is None else options.module, options.files, options.replace)

    def _check_replaced(self, replace: Replacements | None) -> None:
        for name in replace or ():
            # A folder that is a module has all its own; and in our Lua a name without a dot is the project's first.
            ours = self.own or self.wasm is not None
            if ours and isinstance(name, str) and network_has(name) and (name.startswith(".") or self.wasm is not None):
                advice = "a process's own code may put what it likes into package.loaded"
                raise InputError(
                    f"{name} is the network's own module, not the project's", advice=advice, field="replace"
                )

    def check_module(self, inputs: Inputs, options: Options) -> None:
        """Raises `InputError` for a folder that is no module."""
        if options.module is not None and self.wasm is None and inputs.sources.find("process") is None:
            advice = "a module's handle is in its process.lua"
            raise InputError(f"{options.module} has no process.lua", advice=advice, field="module")

    def engine(self, inputs: Inputs) -> Engine:
        """A new engine: the process before its first message."""
        if self.pool is not None:
            return self._isolated(self.pool, inputs)
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
            code=code_id(self.id),
        )

    def _isolated(self, pool: Pool, inputs: Inputs) -> IsolatedEngine:
        """The same in a child."""
        options: dict[str, Any] = {"file": inputs.files.find}
        options |= {"memory": self.limits.memory, "seconds": self.limits.seconds}
        if self.wasm is not None:
            module = (str(self.wasm), self.wasm_digest, self.format)
            return pool.engine(inputs, self.environment, module=module, wasm=self._read_wasm, **options)
        options |= {"dialect": self.dialect, "own": self.own, "find": inputs.sources.find, "write": _printed.info}
        return pool.engine(inputs, self.environment, code=code_id(self.id), **options)

    def _read_wasm(self) -> bytes:
        """The bytes of the published module, read once as well."""
        if self._wasm_bytes is None:
            assert self.wasm is not None
            self._wasm_bytes = _bytes_of(self.wasm)
            if sha256(self._wasm_bytes).hexdigest() != self.wasm_digest:
                raise _replaced(self.wasm)
        return self._wasm_bytes

    def _published(self) -> WasmModule:
        """The published module, read once: a file that is replaced meanwhile is another module."""
        if self._wasm_module is None:
            from ..wasm import WasmModule

            assert self.wasm is not None
            module = WasmModule.read(self.wasm, self.format)
            if module.sha256 != self.wasm_digest:
                raise _replaced(self.wasm)
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
            "gas": self.gas_rule,
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
                    isolated=options.isolated,
                ),
            )
            genesis.own = own
            genesis.known_boot_file = options.boot_file
            genesis.gas_rule = described.get("gas", 1)
            if type(genesis.gas_rule) is not int or genesis.gas_rule < 1:
                raise UnreadableError("is damaged")
            if genesis.gas_rule > GAS_RULE:
                raise UnreadableError("was written by a newer ao-runtime")
            # What is written down gives itself no limits: without any from the caller, ours are taken.
            genesis.limits_again = Limits.read(options.limits)
            if kind == "wasm":
                told = described["wasm"]
                genesis._take_wasm(str(told["path"]), str(told["sha256"]), told["format"], options.module)
                if options.limits is None:
                    genesis.limits_again = Limits(instructions=WASM_INSTRUCTIONS)
            elif options.module is not None and (own or is_wasm(options.module)):
                raise InputError("is not what the process was started with", field="module")
            if sources is None and kind == "lua":
                sources = LuaSources.again(folder)
            changed = LuaSources.replaced_again(folder) if options.replace is None else options.replace
            if files is None:
                DataFiles.check(known)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UnreadableError("is damaged") from None
        inputs = genesis.inputs(Options(module=options.module, sources=sources, files=files, replace=changed))
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
                    f"{holder} holds a process with {known!r}, found {shown(value)}",
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
        if module is None and not is_wasm(path):
            raise UnreadableError("names a module that is none")
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
        # Every process of the network has a module: it spawns its like by that id.
        made = made_id("module", self.wasm_digest) if self.wasm else MADE_MODULE
        module = _tag(described["Tags"], "Module") or made
        complete.setdefault("Module", {"Id": module, "Tags": []})
        return complete


def pool_of(isolated: bool | Pool | None, limits: Limits) -> Pool | None:
    """The children that the option `isolated` means. Raises `InputError` for what is none, or cannot be had."""
    if isolated is None or isolated is False:
        if not limits.hard:
            return None
        if isolated is False:
            raise InputError("are for processes in a child process only", advice="isolated=True", field="limits.hard")
    from ..isolation import Pool, missing, shared

    if limits.hard and (reason := missing()) is not None:
        raise InputError(f"hard limits cannot be had here: {reason}", field="limits.hard")
    if isinstance(isolated, Pool):
        return isolated
    if isolated is not None and not isinstance(isolated, bool):
        raise InputError(f"must be true, false or a Pool, found {isolated!r}", field="isolated")
    return shared()


def _replaced(path: Path) -> InputError:
    return InputError(f"{path} has just been replaced", advice="start again", field="module")


def _digest_of(path: Path) -> str:
    return sha256(_bytes_of(path)).hexdigest()


def _bytes_of(path: Path) -> bytes:
    try:
        return read_regular(path)
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


def named_module(environment: Mapping[str, Any]) -> Any:
    """The module's id as the environment itself names it; None where it does not."""
    module = environment.get("Module")
    return module.get("Id") if isinstance(module, Mapping) else None


def _module_id(environment: Mapping[str, Any]) -> str | None:
    """The module's id, if the environment names one: a made one is written into no message."""
    found = named_module(environment) or _tag(environment["Process"]["Tags"], "Module")
    return found if isinstance(found, str) and found and found != MADE_MODULE else None
