"""The options of a process: how it is evaluated, and where what it reads comes from. One value, made once."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypedDict, cast

from ..errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Unpack

    from ..isolation import Pool
    from ..models import GivenLimits, Limits
    from .data_files import FileSource
    from .lua_sources import LuaSource, Replacements

__all__ = ["GivenOptions", "Options"]

__tracebackhide__ = True


class GivenOptions(TypedDict, total=False):
    """Options as keyword arguments; None is the same as leaving one out."""

    limits: Limits | GivenLimits | None
    """What one evaluation may use: `Limits`, or a mapping of some of them."""
    dialect: str | None
    """Which generation of the network's module is played: "2.0.6" (if nothing is said), "2.0.3", "2.0.1",
    "1" (aos 0.2.1) or "0.2.0"."""
    module: str | Path | None
    """What is evaluated instead of our Lua: a published module, a file that ends in `.wasm`; or a folder of Lua files
    with a `process.lua` whose `handle(msg, env)` is used."""
    sources: LuaSource | None
    """The project's own Lua, for `require`: a folder, or a mapping from names to texts."""
    modules: LuaSource | None
    """The old name of `sources`."""
    replace: Replacements | None
    """Modules that are others than in `sources` or in the folder of the process's file, all else being read from there:
    a mapping from the names that `require` is given to texts, or to the `Path`s of files."""
    files: FileSource | None
    """What `io.open("/data/<id>")` reads: a mapping, a folder or a function from ids to contents."""
    boot_file: str | os.PathLike[str] | None
    """The developer's file that the process's own Data was read from; errors name it."""
    format: str | None
    """The format of a published module, where it is not to be guessed."""
    history: int | None
    """So many of the last messages are kept in memory for `at()`, and some more; None is all of them."""
    isolated: bool | Pool | None
    """Whether messages are evaluated in a child process, whose limits hold against everything: True, or the `Pool` of
    children that it is to live in. `Limits(hard=True)` implies it."""


@dataclass(frozen=True)
class Options:
    """The options of a process as they were given; None is what was not given. `GivenOptions` says what they are."""

    limits: Limits | GivenLimits | None = None
    dialect: str | None = None
    module: str | Path | None = None
    sources: LuaSource | None = None
    replace: Replacements | None = None
    files: FileSource | None = None
    boot_file: str | None = None
    format: str | None = None
    history: int | None = None
    isolated: bool | Pool | None = None

    @classmethod
    def of(cls, **given: Unpack[GivenOptions]) -> Options:
        """The value of keyword arguments. Raises `InputError` for one that does not exist."""
        values: dict[str, Any] = dict(given)
        old = values.pop("modules", None)
        if old is not None:
            if values.get("sources") is not None:
                raise InputError("is the old name of sources: give one of them", field="modules")
            values["sources"] = old
        unknown = next((name for name in values if name not in _NAMES), None)
        if unknown is not None:
            from difflib import get_close_matches

            near = get_close_matches(unknown, _NAMES, 1)
            advice = f"did you mean {near[0]}?" if near else f"the options are {', '.join(_NAMES)}"
            raise InputError("there is no such option", field=unknown, advice=advice)
        history = values.get("history")
        if history is not None and (isinstance(history, bool) or not isinstance(history, int) or history < 0):
            raise InputError(f"must be a number of messages, found {history!r}", field="history")
        boot_file = values.get("boot_file")
        if boot_file is not None:
            values["boot_file"] = str(boot_file)
        return cls(**values)

    @property
    def given(self) -> GivenOptions:
        """As keyword arguments, for whoever takes options."""
        return cast("GivenOptions", {name: value for name in _NAMES if (value := getattr(self, name)) is not None})


_NAMES = tuple(field.name for field in fields(Options))
