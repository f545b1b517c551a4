"""The sides of a comparison: each starts a process for a scenario and answers its messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import InputError
from ..models import Limits, to_json
from ..process import Process
from ..state import Options, has_boot
from .scenario import Scenario

if TYPE_CHECKING:
    from ..isolation import Pool

__all__ = ["MODULES", "OurLua", "Published", "Recorded", "Side"]

#: The published module that each dialect plays.
MODULES = {
    "2.0.6": "aos2_0_6.wasm",
    "2.0.3": "aos2_0_3.wasm",
    "2.0.1": "aos2_0_1.wasm",
    "1": "aos.wasm",
    "0.2.0": "sqlite.wasm",
}


class Side(Protocol):
    """Somebody who answers messages."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def has_boot(self) -> bool:
        """Whether its processes evaluate their own Data at the start: before aos 2 they do not."""

    def results(self, scenario: Scenario) -> Iterator[Mapping[str, Any]]:
        """The result of each message of a complete scenario, in wire form, from a new process."""


class OurLua:
    """Our own Lua, in the VM."""

    def __init__(
        self, dialect: str = "2.0.6", *, limits: Limits | None = None, isolated: bool | Pool | None = None
    ) -> None:
        """`limits` and `isolated` are those of `Process`."""
        self.dialect = dialect
        self._limits = limits
        self._isolated = isolated

    @property
    def name(self) -> str:
        """See `Side`."""
        return f"our Lua, dialect {self.dialect}"

    @property
    def has_boot(self) -> bool:
        """See `Side`."""
        return has_boot(Options(dialect=self.dialect))

    def results(self, scenario: Scenario) -> Iterator[Mapping[str, Any]]:
        """See `Side`. Raises `InputError` for a dialect that there is not."""
        process = Process(
            scenario.environment,
            dialect=self.dialect,
            limits=self._limits,
            files=dict(scenario.files) or None,
            isolated=self._isolated,
        )
        for message in scenario.messages:
            yield process.handle(message).to_dict()


class Published:
    """A published module: a file of WebAssembly."""

    def __init__(
        self,
        module: str | Path,
        *,
        format: str | None = None,
        limits: Limits | None = None,
        isolated: bool | Pool | None = None,
    ) -> None:
        """`format`, `limits` and `isolated` are those of `Process`."""
        self.module = Path(module)
        self._format = format
        self._limits = limits
        self._isolated = isolated

    @property
    def name(self) -> str:
        """See `Side`."""
        return self.module.name

    @property
    def has_boot(self) -> bool:
        """See `Side`. Raises `InputError` for a file that cannot be read."""
        return has_boot(Options(module=self.module))

    def results(self, scenario: Scenario) -> Iterator[Mapping[str, Any]]:
        """See `Side`. Raises `InputError` for a file that is no module."""
        process = Process(
            scenario.environment,
            module=self.module,
            format=self._format,
            limits=self._limits,
            files=dict(scenario.files) or None,
            isolated=self._isolated,
        )
        for message in scenario.messages:
            yield process.handle(message).to_dict()


class Recorded:
    """Recorded answers: those of the scenario itself, or those of a file or folder of scenarios."""

    def __init__(self, place: str | Path | None = None) -> None:
        self._place = None if place is None else Path(place)

    @property
    def name(self) -> str:
        """See `Side`."""
        return "recorded answers" if self._place is None else str(self._place)

    @property
    def has_boot(self) -> bool:
        """See `Side`: what was recorded was answered, by whatever."""
        return True

    def results(self, scenario: Scenario) -> Iterator[Mapping[str, Any]]:
        """See `Side`. Raises `InputError` where there are none, and where they are those of other messages."""
        found = scenario
        if self._place is not None:
            file = self._place / f"{scenario.name}.json" if self._place.is_dir() else self._place
            found = Scenario.read(file)
            # As text: what is UTF-8 may be text here and bytes there.
            if to_json(list(found.complete().messages)) != to_json(list(scenario.messages)):
                raise InputError(
                    f"has the answers to other messages than those of {scenario.name}",
                    file=str(file),
                    advice="record it again with --record",
                )
        if found.results is None:
            raise InputError(
                f"the scenario {scenario.name} has no recorded answers",
                advice="compare with --module FILE.wasm, or record some with --record DIR",
            )
        yield from found.results
