"""What holds in a project: its file, and over that the variables of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import InputError, LoadError
from ..models import Limits, shown
from ..vm import DIALECTS
from .finding import NAME, PYPROJECT, Found, find, read_file
from .keys import KEYS, Key, advice_on, is_table, key_of, read
from .toml import line_of, parse

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..models import GivenLimits
    from ..network import Network, NetworkProcess
    from ..process import Process
    from ..state import GivenOptions

__all__ = ["Configuration", "NetworkSettings", "Setting", "configure", "short_path"]

__tracebackhide__ = True

_LONGEST = 1 << 20
_NETWORK = re.compile(r"[\w-]{1,64}\Z", re.ASCII)


@dataclass(frozen=True)
class Setting:
    """A setting, and where it comes from."""

    name: str
    """With dots: `limits.memory`."""
    value: Any
    """As it was read; paths as they were written."""
    source: str
    """The file, with the line where that is known (`ao-run.toml:3`), a variable, or `default`."""
    base: Path
    """What paths in it are relative to."""

    @property
    def is_default(self) -> bool:
        """Whether nobody has said it."""
        return self.source == "default"


@dataclass(frozen=True)
class NetworkSettings:
    """A network as the project knows it; None is what it does not say."""

    name: str
    url: str | None = None
    mu: str | None = None
    cu: str | None = None
    gateway: str | None = None
    module: str | None = None
    scheduler: str | None = None
    authority: str | None = None
    wallet: Path | None = None


@dataclass(frozen=True)
class Configuration:
    """What holds in a project. `configure()` makes it."""

    folder: Path
    """The project's folder: that of its file, or the one that was asked for."""
    file: Path | None
    """The file of settings, if there is one."""
    settings: Mapping[str, Setting]
    """All settings by name, the defaults of those that were not given among them."""

    # ── single settings ────────────────────────────────────────────────────────────────────────────────────────

    def value(self, name: str) -> Any:
        """The value of a setting; None where nobody says it and it has no default."""
        setting = self.settings.get(name)
        return None if setting is None else setting.value

    def is_given(self, name: str) -> bool:
        """Whether the file or the environment says it; of `tags`, any of them."""
        return any(
            not setting.is_default and (known == name or known.startswith(f"{name}."))
            for known, setting in self.settings.items()
        )

    @property
    def process(self) -> tuple[Path, ...]:
        """The files of the process's code, in order; none where the project says none."""
        return self._paths("process")

    @property
    def owner(self) -> str | None:
        """The process's owner."""
        return cast("str | None", self.value("owner"))

    @property
    def id(self) -> str | None:
        """The process's id."""
        return cast("str | None", self.value("id"))

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The process's tags, in the order of the file."""
        return [(name, value) for name, setting in self._table("tags") for value in setting.value]

    @property
    def dialect(self) -> str:
        """The generation of aos."""
        return str(self.value("dialect"))

    @property
    def module(self) -> Path | None:
        """What is evaluated in place of our Lua."""
        return self._path("module")

    @property
    def limits(self) -> Limits:
        """What an evaluation may use: what is given, the defaults for the rest."""
        given = {name: setting.value for name, setting in self._table("limits")}
        return Limits.read(cast("GivenLimits", given))

    @property
    def replace(self) -> dict[str, Path]:
        """Modules that are read from other files, by the name that `require` is given."""
        return {name: setting.base / setting.value for name, setting in self._table("replace")}

    @property
    def modules(self) -> dict[str, str]:
        """What the ids of modules stand for: paths, or names of dialects."""
        return {
            name: setting.value if setting.value in DIALECTS else str(setting.base / setting.value)
            for name, setting in self._table("modules")
        }

    @property
    def scenario(self) -> Path | None:
        """The file of the scenario that `ao-run run` plays."""
        return self._path("scenario")

    @property
    def output(self) -> Path:
        """Where the bundle is written."""
        return cast("Path", self._path("build.output"))

    @property
    def include(self) -> tuple[str, ...]:
        """Modules that go into the bundle though their names are not written out where they are required."""
        return tuple(self.value("build.include") or ())

    @property
    def tests(self) -> tuple[Path, ...]:
        """Files and folders with tests: those that are given, or `tests` in the project's folder."""
        return self._paths("tests.paths")

    @property
    def jobs(self) -> int:
        """How many test files are run at the same time."""
        return int(self.value("tests.jobs"))

    def network(self, name: str | None = None) -> NetworkSettings:
        """A network by its name, or the one that is meant where none is said.

        Raises `InputError` for one that the project does not know. `local`, if the project says nothing of it, is what
        `ao-run serve` serves.
        """
        chosen = name or str(self.value("network"))
        beginning = f"networks.{chosen}."
        found = {
            known.removeprefix(beginning): setting
            for known, setting in self.settings.items()
            if known.startswith(beginning)
        }
        values: dict[str, Any] = {one: setting.value for one, setting in found.items()}
        if not values and chosen != "local":
            names = sorted(
                {known.split(".")[1] for known in self.settings if known.startswith("networks.")} | {"local"}
            )
            raise InputError(
                f"there is no network {shown(chosen)}", field="network", advice=f"there are {', '.join(names)}"
            )
        if chosen == "local" and not {"url", "mu", "cu", "gateway"} & set(values):
            values["url"] = "http://localhost:4000"
        if "wallet" in values:
            values["wallet"] = found["wallet"].base / os.path.expanduser(values["wallet"])
        return NetworkSettings(chosen, **values)

    # ── the project's process ──────────────────────────────────────────────────────────────────────────────────

    def spawn(
        self,
        path: str | Path | None = None,
        *,
        owner: str | None = None,
        id: str | None = None,
        tags: Any = None,
        **options: Unpack[GivenOptions],
    ) -> Process:
        """Start the project's process, in memory, as `ao-run handle` does; what is given here stands before it.

        `path` is another file of code; `tags` are in place of the project's; `options` are those of `Process`.

        Raises `LoadError` where its code fails, `InputError` where the project names no code and none is given.
        """
        from ..process import Process

        files = self.process if path is None else (Path(path),)
        if not files:
            raise InputError("the project says no file", field="process", advice=f'process = "process.lua" in {NAME}')
        merged: dict[str, Any] = {"limits": self.limits, **self._options(), **options}
        made = Process.spawn(
            short_path(files[0]),
            owner=owner or self.owner or "",
            id=id or self.id,
            tags=self.tags if tags is None else tags,
            **merged,
        )
        for file in files[1:]:
            result = made.eval_file(short_path(file))
            if result.failure is not None:
                made.close()
                raise LoadError.of(result.failure)
        return made

    def spawn_in(
        self,
        network: Network,
        path: str | Path | None = None,
        *,
        owner: Any = None,
        tags: Any = None,
        name: str | None = None,
        module: str | None = None,
    ) -> NetworkProcess:
        """Start the project's process in a network of this program, as `Network.spawn` does.

        The network decides on the dialect, unless `module`, an id that it knows, says another one; the project's owner
        is a wallet of that name.

        Raises as `spawn` and `Network.spawn` do.
        """
        files = self.process if path is None else (Path(path),)
        if not files:
            raise InputError("the project says no file", field="process", advice=f'process = "process.lua" in {NAME}')
        limits = self.limits if self.is_given("limits") else None
        who = self.owner if owner is None else owner
        own = self.tags if tags is None else tags
        made = network.spawn(short_path(files[0]), owner=who, tags=own or None, name=name, module=module, limits=limits)
        for file in files[1:]:
            result = made.eval(file.read_text(encoding="utf-8-sig"))
            result.raise_for_error()
        return made

    def _options(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.is_given("dialect"):
            found["dialect"] = self.dialect
        if self.module is not None:
            found["module"] = self.module
        if self.replace:
            found["replace"] = self.replace
        return found

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _table(self, table: str) -> Iterator[tuple[str, Setting]]:
        for name, setting in self.settings.items():
            if name.startswith(f"{table}."):
                yield name[len(table) + 1 :], setting

    def _path(self, name: str) -> Path | None:
        setting = self.settings.get(name)
        return None if setting is None else setting.base / setting.value

    def _paths(self, name: str) -> tuple[Path, ...]:
        setting = self.settings.get(name)
        return () if setting is None else tuple(setting.base / one for one in setting.value)


def configure(
    folder: str | os.PathLike[str] | None = None, *, environment: Mapping[str, str] | None = None
) -> Configuration:
    """What holds in a folder: the defaults, over them the file of its project, over that the environment.

    folder
        Where to look from; the working directory if it is not given. The file is `ao-run.toml` or the `pyproject.toml`
        with a table `[tool.ao-run]`, there or in a folder above it, within the same repository. The variable
        `AO_RUN_CONFIG` names another one, or none at all if it is empty.
    environment
        The variables; those of this program if they are not given.

    Raises `InputError`, with file, line and setting, for a file that cannot be read or is no TOML, for settings that
    there are none of, for values that make no sense, and for files that lie outside of the project.
    """
    variables = os.environ if environment is None else environment
    start = Path(os.path.abspath(folder if folder is not None else os.getcwd()))
    found = _found(start, variables)
    base = start if found is None else found.path.parent
    settings = {key.name: Setting(key.name, key.default, "default", base) for key in KEYS if key.default is not None}
    if found is not None:
        settings |= _of_file(found)
    settings |= _of_environment(variables, settings)
    if found is not None:
        # The folder that is written to may be a link, too.
        for key in KEYS:
            known = settings.get(key.name)
            if key.name == "build.output" and known is not None and known.is_default:
                _stay_inside(base, known.value, key.name)
    return Configuration(base, None if found is None else found.path, settings)


def _found(start: Path, variables: Mapping[str, str]) -> Found | None:
    named = variables.get("AO_RUN_CONFIG")
    if named is None:
        return find(start)
    if not named:
        return None
    path = Path(os.path.abspath(start / named))
    table = ("tool", "ao-run") if path.name == PYPROJECT else ()
    return Found(path, read_file(path, _LONGEST), table)


def _of_file(found: Found) -> dict[str, Setting]:
    file = short_path(found.path)
    inner: Any = parse(found.data, file)
    for name in found.table:
        inner = inner.get(name, {})
        if not isinstance(inner, dict):
            raise InputError("must be a table", file=file, field=".".join(found.table))
    settings: dict[str, Setting] = {}
    waiting: list[tuple[tuple[str, ...], Any]] = [((), inner)]
    while waiting:
        path, value = waiting.pop()
        line = line_of(found.data, (*found.table, *path)) if path else None
        key = key_of(path)
        name = ".".join(path)
        try:
            if key is not None:
                if path[0] == "networks" and not _NETWORK.match(path[1]):
                    raise InputError("is no name of a network", field=name, advice="letters, digits, - and _")
                known = read(key, value, name)
                if key.is_path or key.name == "modules.*":
                    _stay_inside(found.path.parent, known, name)
                source = file if line is None else f"{file}:{line}"
                settings[name] = Setting(name, known, source, found.path.parent)
            elif isinstance(value, dict) and is_table(path):
                waiting += [((*path, inner), one) for inner, one in reversed(value.items())]
            elif is_table(path):
                raise InputError(f"must be a table, found {shown(value)}", field=name)
            else:
                raise InputError("there is no such setting", field=name, advice=advice_on(path))
        except InputError as error:
            raise error.within(file=file, line=line) from None
    return settings


def _of_environment(variables: Mapping[str, str], known: Mapping[str, Setting]) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    here = Path(os.path.abspath("."))
    for key in KEYS:
        variable = key.variable
        given = variables.get(variable) if variable is not None else None
        if variable is None or not given:
            continue
        name = key.name
        if name.startswith("networks."):
            meant = str((settings.get("network") or known["network"]).value)
            if not _NETWORK.match(meant):
                raise InputError(f"{shown(meant)} is no name of a network", field="network")
            name = name.replace("*", meant)
        try:
            for one, value in _named(key, name, key.words(given)):
                settings[one] = Setting(one, read(key, value, one), variable, here)
        except InputError as error:
            raise InputError(error.problem, advice=error.advice, field=variable) from None
    return settings


def _named(key: Key, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The settings that a variable says: one, or those of a table."""
    if not name.endswith(".*"):
        yield name, value
        return
    for one, inner in value.items():
        yield name[:-1] + one, inner


def _stay_inside(folder: Path, value: str | tuple[str, ...], name: str) -> None:
    """Raises `InputError` for a file outside of the project: a project that somebody else made opens only its own."""
    for one in (value,) if isinstance(value, str) else value:
        if name.startswith("modules.") and one in DIALECTS:
            continue
        inside = folder.resolve()
        try:
            lies = (folder / one).resolve().is_relative_to(inside)
        except (OSError, RuntimeError, ValueError):
            lies = False
        if not lies:
            raise InputError(
                f"{shown(one)} lies outside of the project", field=name, advice="a path within the folder of the file"
            )


def short_path(path: Path) -> str:
    """A path as people write it: from the working directory, if it is in there."""
    whole = os.path.normpath(path)
    short = os.path.relpath(whole)
    return whole if short.startswith("..") else short
