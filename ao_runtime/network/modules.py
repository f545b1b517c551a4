"""Which modules a network knows, and what evaluates the processes that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, RefusedError
from ..models import shown
from ..state import GivenOptions, is_wasm, made_id, spoken
from .ids import is_id, short

__all__ = ["AOS", "Module", "Modules", "recorded"]

__tracebackhide__ = True

#: aos 2.0.6, the module of the aos command line.
AOS = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
#: Published modules by their ids, and the dialect of our Lua that plays each (spec: units, conventions).
_PUBLISHED = {
    AOS: "2.0.6",
    "WASM32-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g": "2.0.6",
    "JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g": "2.0.3",
    "Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM": "2.0.1",
    "ghSkge2sIUD_F00ym5sEimC63BDBuBrq4b5OcwxOjiw": "0.2.0",
}
_TAGS = {
    "Data-Protocol": "ao",
    "Variant": "ao.TN.1",
    "Type": "Module",
    "Module-Format": "wasm64-unknown-emscripten-draft_2024_02_15",
    "Input-Encoding": "JSON-V1",
    "Output-Encoding": "JSON-V1",
    "Memory-Limit": "1-gb",
    "Compute-Limit": "9000000000000",
    "Content-Type": "application/wasm",
}


@dataclass(frozen=True)
class Module:
    """A module: its id, and what `Process` evaluates its messages with."""

    id: str
    #: The dialect of our Lua that plays it; None where it is a file.
    dialect: str | None = None
    #: A published module's file, or a folder with a `process.lua`.
    path: str | None = None
    #: Name and value of its item's tags.
    tags: Mapping[str, str] = field(default_factory=lambda: _TAGS)

    @property
    def options(self) -> GivenOptions:
        """As options of a process."""
        if self.path is not None:
            return {"module": self.path}
        return {} if self.dialect is None else {"dialect": self.dialect}

    @property
    def has_boot(self) -> bool:
        """Whether its processes evaluate their own Data at their start."""
        if self.path is None:
            return self.dialect not in ("1", "0.2.0")
        said = spoken(self.path) if is_wasm(self.path) else None
        return said is None or said.dialect not in ("1", "0.2.0")

    def environment(self, owner: str) -> dict[str, Any]:
        """The module in a process's environment."""
        return {
            "Id": self.id,
            "Owner": owner,
            "Tags": [{"name": name, "value": value} for name, value in self.tags.items()],
        }


class Modules:
    """The modules that a network knows.

    given
        Ids, and a dialect ("2.0.6") or a path for each. They join the published ones, or take their places.

    Raises `InputError` for an id that is none, and for a dialect or path that is none.
    """

    def __init__(self, given: Mapping[str, str | Path] | None = None) -> None:
        self._known = {id: Module(id, dialect) for id, dialect in _PUBLISHED.items()}
        for id, what in (given or {}).items():
            if not is_id(id):
                raise InputError(f"{shown(id)} is no id", field="modules", advice="a module's id has 43 characters")
            self._known[id] = _read(id, what)

    def __contains__(self, id: object) -> bool:
        return id in self._known

    def __getitem__(self, id: str) -> Module:
        """The module of that id. Raises `RefusedError` for one that nobody knows."""
        found = self._known.get(id)
        if found is None:
            raise RefusedError(
                f"there is no module {short(id)}", advice="Network(modules={id: dialect or path}) makes one known"
            )
        return found

    def find(self, id: str) -> Module | None:
        """The module of that id, if it is known."""
        return self._known.get(id)

    def of_dialect(self, dialect: str) -> str:
        """The id of the module that speaks a dialect of our Lua. Raises `InputError` for one that there is not."""
        from ..vm import DIALECTS

        found = next((one.id for one in self._known.values() if one.dialect == dialect), None)
        if found is None and dialect in DIALECTS:
            found = made_id("module", dialect)
            self._known[found] = Module(found, dialect)
        if found is None:
            advice = f"the dialects are {', '.join(DIALECTS)}"
            raise InputError(f"there is no dialect {shown(dialect)}", field="dialect", advice=advice)
        return found

    @property
    def given(self) -> dict[str, str]:
        """What makes the same again."""
        return {one.id: one.path or one.dialect or "" for one in self._known.values()}


def recorded(modules: Any) -> dict[str, str]:
    """The modules that somebody's snapshot or folder names, as far as they are taken from there.

    Dialects, and published modules that are there (their digests are in the processes that run them). A folder of Lua
    is none: whoever wants that gives it again.
    """
    from ..vm import DIALECTS

    if not isinstance(modules, dict):
        raise ValueError("names no modules")
    return {
        str(id): str(what)
        for id, what in modules.items()
        if what in DIALECTS or (is_wasm(str(what)) and Path(str(what)).is_file())
    }


def _read(id: str, what: str | Path) -> Module:
    from ..vm import DIALECTS

    if str(what) in DIALECTS:
        return Module(id, str(what))
    path = Path(what)
    if not path.exists():
        advice = f"a dialect ({', '.join(DIALECTS)}), a file .wasm, or a folder with a process.lua"
        raise InputError(f"{what} is no module", field="modules", advice=advice)
    return Module(id, None, str(path.resolve()))
