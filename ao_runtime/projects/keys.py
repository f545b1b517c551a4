"""The settings that a project has: their names, what their values may be, and the variables that say them, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from ..errors import InputError
from ..models import shown
from . import values

__all__ = ["KEYS", "Key", "advice_on", "advice_on_setting", "is_table", "key_of", "order", "read", "strange_variables"]


class Key(NamedTuple):
    """A setting. `*` in its name stands for any name that the project gives: `tags.*`."""

    name: str
    read: Callable[[Any], Any]
    """From TOML's value to the setting's; raises `InputError` for one that it cannot have."""
    words: Callable[[str], Any]
    """From the text of a variable to a value as TOML would have it."""
    about: str
    default: Any = None
    is_path: bool = False
    """Whether it names files: relative to the project's folder, and within it."""

    @property
    def variable(self) -> str | None:
        """The variable of the environment that says it, too."""
        return _VARIABLES.get(self.name)


KEYS = (
    Key("process", values.texts, values.paths, "the process's code: a file, or several in order", is_path=True),
    Key("owner", values.text, str, "the process's owner"),
    Key("id", values.text, str, "the process's id"),
    Key("tags.*", values.tag, values.pairs, "a tag of the process; an array is several of that name"),
    Key("dialect", values.dialect, str, "the generation of aos", "2.0.6"),
    Key("module", values.text, str, "what is evaluated in place of our Lua", is_path=True),
    Key("limits.instructions", values.count, values.number, "Lua instructions of a message", 1_000_000_000),
    Key("limits.memory", values.size, str, "memory of the process, such as 64MB", "512MB"),
    Key("limits.seconds", values.seconds, values.number, "seconds of a message", 60),
    Key("replace.*", values.text, values.pairs, "a module that is read from another file", is_path=True),
    Key("modules.*", values.text, values.pairs, "what the id of a module stands for: a file, folder or dialect"),
    Key("scenario", values.text, str, "what `ao-run run` plays", is_path=True),
    Key(
        "build.output",
        values.lua_file,
        str,
        "where `ao-run build` writes the bundle",
        "build/process.lua",
        is_path=True,
    ),
    Key("build.include", values.texts, values.paths, "modules that are required by names that are not written out"),
    Key("tests.paths", values.texts, values.paths, "where tests are", ("tests",), is_path=True),
    Key("tests.jobs", values.count, values.number, "test files at the same time", 1),
    Key("network", values.text, str, "the network that `ao-run publish` means", "local"),
    Key("networks.*.url", values.url, str, "a network that serves all under one address"),
    Key("networks.*.mu", values.url, str, "its messenger"),
    Key("networks.*.cu", values.url, str, "its compute unit"),
    Key("networks.*.gateway", values.url, str, "its gateway"),
    Key("networks.*.module", values.text, str, "the id of the module that processes are spawned with there"),
    Key("networks.*.scheduler", values.text, str, "its scheduler's address"),
    Key("networks.*.authority", values.text, str, "its messenger's address, which processes trust"),
    Key("networks.*.wallet", values.text, str, "the file of the wallet that signs; it may lie outside of the project"),
)

_VARIABLES = {
    "process": "AO_RUN_PROCESS",
    "owner": "AO_RUN_OWNER",
    "id": "AO_RUN_ID",
    "tags.*": "AO_RUN_TAGS",
    "dialect": "AO_RUN_DIALECT",
    "module": "AO_RUN_MODULE",
    "limits.instructions": "AO_RUN_LIMIT_INSTRUCTIONS",
    "limits.memory": "AO_RUN_LIMIT_MEMORY",
    "limits.seconds": "AO_RUN_LIMIT_SECONDS",
    "replace.*": "AO_RUN_REPLACE",
    "modules.*": "AO_RUN_MODULES",
    "scenario": "AO_RUN_SCENARIO",
    "build.output": "AO_RUN_OUTPUT",
    "tests.paths": "AO_RUN_TESTS_PATHS",
    "tests.jobs": "AO_RUN_TESTS_JOBS",
    "network": "AO_RUN_NETWORK",
    # Of the network that is meant, whichever it is.
    "networks.*.url": "AO_RUN_URL",
    "networks.*.wallet": "AO_RUN_WALLET",
}
#: Variables that are no settings of a project.
_OTHERS = ("AO_RUN_DEBUG", "AO_RUN_FORK", "AO_RUN_CONFIG")


def key_of(path: tuple[str, ...]) -> Key | None:
    """The setting that a path of TOML's keys leads to."""
    return next((key for key in KEYS if _fits(key.name.split("."), path)), None)


def order(name: str) -> tuple[int, str]:
    """Where a setting comes in a list of them: as in `KEYS`, names that the project gives in the order of letters."""
    key = key_of(_split(name))
    return (len(KEYS) if key is None else KEYS.index(key)), name


def advice_on_setting(name: str) -> str | None:
    """What may have been meant by a setting's name with dots; None where there is such a setting, or such a table."""
    path = _split(name)
    return None if key_of(path) is not None or is_table(path) else advice_on(path)


def _split(name: str) -> tuple[str, ...]:
    """The path of a setting's name; names in `tags` and the like may have dots themselves."""
    first, dot, rest = name.partition(".")
    if dot and any(key.name == f"{first}.*" for key in KEYS):
        return first, rest
    return tuple(name.split("."))


def _fits(parts: list[str], path: tuple[str, ...]) -> bool:
    return len(parts) == len(path) and all(part in ("*", name) for part, name in zip(parts, path, strict=True))


def is_table(path: tuple[str, ...]) -> bool:
    """Whether a path leads to a table that holds settings."""
    return any(_fits(key.name.split(".")[: len(path)], path) and key.name.count(".") >= len(path) for key in KEYS)


def advice_on(path: tuple[str, ...]) -> str:
    """What may have been meant by a path that leads nowhere."""
    beside = {
        parts[len(path) - 1]
        for key in KEYS
        if len(parts := key.name.split(".")) >= len(path) and _fits(parts[: len(path) - 1], path[:-1])
    }
    near = get_close_matches(path[-1].lower(), sorted(beside), 1)
    if near:
        return f"did you mean {'.'.join([*path[:-1], near[0]])}?"
    elsewhere = next((key.name for key in KEYS if key.name.split(".")[-1] == path[-1]), None)
    if elsewhere is not None:
        return f"did you mean {elsewhere}?"
    return f"there are {', '.join(sorted(beside))}"


def strange_variables(environment: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The variables that begin as ours do and say nothing, and what may have been meant."""
    known = [*_VARIABLES.values(), *_OTHERS]
    for name in sorted(environment):
        if name.startswith("AO_RUN_") and name not in known:
            near = get_close_matches(name, known, 1)
            yield name, f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def read(key: Key, value: Any, name: str) -> Any:
    """A setting's value. Raises `InputError`, whose field is the setting."""
    try:
        return key.read(value)
    except InputError as error:
        raise InputError(error.problem, advice=error.advice, field=name) from None
    except RecursionError:
        raise InputError(f"cannot be {shown(type(value).__name__)}", field=name) from None
