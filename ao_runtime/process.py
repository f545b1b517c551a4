"""One ao process: takes messages, gives results. What fails leaves no trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, LoadError
from .filling import Filling, made_id
from .journal import Journal
from .models.failure import Failure, Frame
from .models.limits import Limits
from .models.reading import read_environment, read_message
from .models.result import Result
from .sources import Files, FileSource, Modules, ModuleSource
from .vm.engine import DIALECTS, LuaEngine
from .vm.packing import Packed, pack, pack_complete
from .vm.results import failed, reason, to_wire
from .vm.values import to_bytes

if TYPE_CHECKING:
    from .models import Environment, Message

__all__ = ["Process"]

_printed = logging.getLogger("ao_runtime.print")


class Process:
    """One ao process: its code and its state, at the moment after the last message that it accepted.

    `Process(environment)` has seen nothing yet: the first message must be its own (`Id` equal to the process's id).
    `Process.spawn(...)` makes environment and first message as well.

    environment
        {"Process": {"Id", "Owner", "Tags"}, "Module": {...}}, as a dict or `Environment`.
    limits
        What one evaluation may use: `Limits`, or a mapping of some of them.
    dialect
        Which generation of the network's module is played: "2.0.6", "2.0.1" or "1" (spec: dialects of the ao module).
    module
        A folder of Lua files with a `process.lua` whose `handle(msg, env)` is used instead of ours.
    modules
        The project's own modules, for `require`: a folder, or a mapping from names to sources.
    files
        What `io.open("/data/<id>")` reads: a mapping, a folder or a function from ids to contents.
    boot_file
        The developer's file that the process's own Data was read from; errors name it.

    Raises `InputError` for an environment or an option that makes no sense.
    """

    def __init__(
        self,
        environment: Mapping[str, Any] | Environment | None = None,
        *,
        limits: Limits | Mapping[str, Any] | None = None,
        dialect: str = "2.0.6",
        module: str | Path | None = None,
        modules: ModuleSource | None = None,
        files: FileSource | None = None,
        boot_file: str | Path | None = None,
    ) -> None:
        if dialect not in DIALECTS:
            raise InputError(
                f"there is no dialect {dialect!r}", advice=f"the dialects are {', '.join(DIALECTS)}", field="dialect"
            )
        self._environment = _complete(read_environment(environment))
        self._dialect = dialect
        self._limits = Limits.read(limits)
        self._own = module is None
        self._modules = Modules(modules if module is None else module)
        if module is not None and self._modules.find("process") is None:
            raise InputError(
                f"{module} has no process.lua", advice="a module's handle is in its process.lua", field="module"
            )
        self._files = Files(files)
        self._boot_file = None if boot_file is None else str(boot_file)
        described = self._environment["Process"]
        self._id: str = described["Id"]
        self._owner: str = described["Owner"]
        self._journal = Journal()
        # Until its own message has been accepted.
        self._unborn = True
        self._filling = Filling(self._id, self._owner, _module_id(self._environment))
        self._engine: LuaEngine | None = self._start()
        #: Result of the process's own message, where `spawn` evaluated it.
        self.spawn_result: Result | None = None

    @classmethod
    def spawn(
        cls,
        path: str | Path | None = None,
        *,
        code: str | bytes | None = None,
        owner: str = "",
        id: str | None = None,
        tags: Any = None,
        environment: Mapping[str, Any] | Environment | None = None,
        limits: Limits | Mapping[str, Any] | None = None,
        dialect: str = "2.0.6",
        module: str | Path | None = None,
        modules: ModuleSource | None = None,
        files: FileSource | None = None,
    ) -> Process:
        """Start a process: make its environment and its own message, and evaluate that.

        `path` is a Lua file, evaluated as the process's own Data (`On-Boot = Data`); `require` finds the files beside
        it. `code` is such code as text. Without either the process is empty. `tags` are the process's tags, in any form
        that a message's tags have. Without an `owner` or an `id` there are made ones, always the same. What
        `environment` says of them stands, where nothing else is given.

        Raises `LoadError` where the code does not load, `InputError` where it cannot be read. `process.spawn_result` is
        the result of the process's own message.
        """
        if path is not None:
            if code is not None:
                raise InputError("give a file or code, not both", field="code")
            try:
                code = Path(path).read_bytes()
            except (OSError, ValueError) as error:
                reason_given = getattr(error, "strerror", None) or str(error)
                raise InputError(f"cannot be read: {reason_given}", file=ascii(str(path))[1:-1]) from None
            if modules is None:
                modules = Path(path).resolve().parent
        elif isinstance(code, str):
            code = to_bytes(code)
        given = read_environment(environment)
        described = given.setdefault("Process", {})
        owner = described["Owner"] = owner or described.get("Owner") or made_id("owner")
        own = described.get("Tags", []) + read_message({"Tags": tags if tags is not None else []})["Tags"]
        names = {tag["name"] for tag in own}
        defaults = {"Data-Protocol": "ao", "Variant": "ao.TN.1", "Type": "Process"}
        own = [{"name": name, "value": value} for name, value in defaults.items() if name not in names] + own
        described["Tags"] = own
        parts = sorted((tag["name"], str(tag["value"])) for tag in own)
        process_id = described["Id"] = id or described.get("Id") or made_id("process", owner, str(parts))
        process = cls(
            given, limits=limits, dialect=dialect, module=module, modules=modules, files=files, boot_file=path
        )
        first_tags = list(own)
        first: dict[str, Any] = {
            "Id": process_id,
            "From": owner,
            "Owner": owner,
            "Target": process_id,
            "Tags": first_tags,
        }
        if code is not None:
            first["Data"] = code
            if "On-Boot" not in names:
                first_tags.append({"name": "On-Boot", "value": "Data"})
        result = process.handle(first)
        if result.failure is not None:
            raise LoadError.of(result.failure)
        process._ready().settle()
        process.spawn_result = result
        return process

    @property
    def id(self) -> str:
        """The process's id."""
        return self._id

    @property
    def owner(self) -> str:
        """The address of the process's owner, as its environment says."""
        return self._owner

    @property
    def environment(self) -> dict[str, Any]:
        """The environment, as the network writes it."""
        return self._environment

    @property
    def limits(self) -> Limits:
        """The limits of an evaluation that is given no others."""
        return self._limits

    def handle(
        self,
        message: Mapping[str, Any] | Message | None = None,
        *,
        limits: Limits | Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Result:
        """Evaluate one message and keep the state that it leaves, unless the result is an error.

        The message is a dict with the network's names or Python's, a `Message`, keyword arguments, or both. What is
        left out is filled in (`ao_runtime.filling`). Limits given here are those of this evaluation alone.

        Raises `InputError` for a message that makes no sense. An error of the process's code, and a limit that was hit,
        raise nothing: they are `result.error` and `result.failure`.
        """
        packed = pack_complete(message) if type(message) is dict and not fields else None
        if packed is not None:
            wire: dict[str, Any] = message  # type: ignore[assignment]
            if self._unborn:
                self._check_first(wire)
            self._filling.saw(wire["Timestamp"], wire["Block-Height"])
        else:
            wire = read_message(message, fields)
            if self._unborn:
                self._check_first(wire)
            self._filling.fill(wire)
            packed = pack(wire)
        return self._evaluate(packed, self._limits if limits is None else Limits.read(limits))

    def fill(self, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> dict[str, Any]:
        """A message as `handle` evaluates it next, in the network's form: with all that it fills in. Keeps nothing."""
        wire = read_message(message, fields)
        copy(self._filling).fill(wire)
        return wire

    def eval(self, code: str | bytes, *, limits: Limits | Mapping[str, Any] | None = None) -> Result:
        """Evaluate Lua code as the owner's Eval message; what it changes is kept, unless it fails."""
        return self.handle(self.eval_message(code), limits=limits)

    def eval_message(self, code: str | bytes) -> dict[str, Any]:
        """The message by which the owner has code evaluated: from whoever the process takes for its owner now."""
        owner = self.get("Owner") if self._own else None
        sender = owner if isinstance(owner, str) else self._owner
        return {"From": sender, "Owner": sender, "Tags": [{"name": "Action", "value": "Eval"}], "Data": code}

    def get(self, path: str) -> Any:
        """Look at a value of the process's state without a message: `get("Balances.alice")`, `get("Inbox[1].Data")`.

        Tables with the keys 1…n become lists (as in JSON, the empty one too), others dicts; functions a description.
        Nothing of the process's code runs. None where there is no such value. Raises `InputError` for a path through
        something that is no table, and for a table that holds itself.
        """
        if not isinstance(path, str):
            raise InputError(f"must be text, found {path!r}", field="path", advice='get("Balances.alice")')
        return self._ready().get(path)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _check_first(self, wire: Mapping[str, Any]) -> None:
        if self._own and wire.get("Id") != self._id:
            raise InputError(
                "the first message of a process must be its own",
                advice=f"give it the Id {self._id}, or start the process with Process.spawn",
                field="Id",
            )

    def _start(self) -> LuaEngine:
        return LuaEngine(
            self._environment,
            dialect=self._dialect,
            find=self._modules.find,
            file=self._files.find,
            write=_printed.info,
            own=self._own,
            memory=self._limits.memory,
        )

    def _ready(self) -> LuaEngine:
        """The engine at the state after the last accepted message."""
        engine = self._engine
        if engine is None:
            engine = self._start()
            self._journal.replay(engine)
            self._engine = engine
        return engine

    def _evaluate(self, packed: Packed, limits: Limits) -> Result:
        engine = self._engine or self._ready()
        # Until the result is known to be good, the engine's state is one that must not be used again.
        self._engine = None
        if engine.limits is not limits:
            engine.limit(limits.instructions, limits.seconds, limits.memory)
            engine.limits = limits
        raw = engine.evaluate(packed)
        if failed(raw):
            return Result.from_raw(raw, raw[1], self._failure(raw), decode=to_wire)
        result = Result.from_raw(raw, raw[1], None, decode=to_wire)
        self._engine = engine
        self._unborn = False
        self._journal.append(packed, limits.instructions)
        return result

    def _failure(self, raw: tuple[Any, ...]) -> Failure:
        known = reason(raw)
        boot_file = self._boot_file
        frames = tuple(
            Frame(chunk, line, name, boot_file if boot else self._modules.path(chunk))
            for chunk, line, name, boot in known["frames"]
        )
        chunk = known["chunk"]
        file = None
        if chunk is not None:
            # Code at boot has no other chunk name than an Eval's; only the frames tell them apart.
            at_boot = known["boot"] or (chunk == "aos" and not frames and self._unborn)
            file = boot_file if at_boot else self._modules.path(chunk)
        return Failure(known["message"], chunk, known["line"], known["handler"], frames, known["limit"], file)


def _complete(environment: dict[str, Any]) -> dict[str, Any]:
    """The environment with an id, an owner, tags and a module, where they are not given."""
    described = environment.setdefault("Process", {})
    described.setdefault("Owner", made_id("owner"))
    described.setdefault("Id", made_id("process", described["Owner"]))
    described.setdefault("Tags", [])
    environment.setdefault("Module", {"Id": _tag(described["Tags"], "Module") or "", "Tags": []})
    return environment


def _tag(tags: list[dict[str, Any]], name: str) -> Any:
    return next((tag["value"] for tag in tags if tag["name"] == name), None)


def _module_id(environment: Mapping[str, Any]) -> str | None:
    module = environment.get("Module")
    found = module.get("Id") if isinstance(module, Mapping) else None
    found = found or _tag(environment["Process"]["Tags"], "Module")
    return found if isinstance(found, str) and found else None
