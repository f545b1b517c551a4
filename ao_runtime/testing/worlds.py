"""Networks that tests begin with: each is started once in a session, and put back after every test.

A test's world is the network that `ao_network` gives, or a copy of it in which the test's process was started. How it
is put back is the network's matter (`Network.anchor`): what a test has not touched costs nothing, a process comes back
from its saved state, or from a copy of the engine where that is cheaper.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .current import at_work

if TYPE_CHECKING:
    from ..network import Evaluation, Network, NetworkProcess

__all__ = ["OPTIONS", "Spec", "World", "Worlds", "written"]

__tracebackhide__ = True

#: What the marker `ao` may say.
OPTIONS = ("process", "code", "owner", "tags", "name", "limits", "module", "sources")


@dataclass(frozen=True)
class Spec:
    """The process of a test: what `Network.spawn` is given; without a file or code it is the project's."""

    folder: Path
    """Where the project is looked for, and what paths are relative to."""
    given: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, given: Mapping[str, Any]) -> Spec:
        """Raises `InputError` for an option that there is not."""
        for name in given:
            if name not in OPTIONS:
                from difflib import get_close_matches

                near = get_close_matches(name, OPTIONS, 1)
                advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(OPTIONS)}"
                raise InputError("there is no such option", field=f"ao({name}=)", advice=advice)
        if "process" in given and "code" in given:
            raise InputError("a process has a file or code, not both", field="ao(process=, code=)")
        return cls(folder, dict(given))

    @property
    def key(self) -> str:
        """The same for whatever starts in the same way."""
        return f"{self.folder}\0{sorted(self.given.items())!r}"

    def start(self, network: Network) -> NetworkProcess:
        """Start it. Raises as `Network.spawn`, and `InputError` where nobody says which process."""
        given = {**self.given}
        path = given.pop("process", None)
        if path is not None:
            path = self._found(path)
        if path is None and "code" not in given:
            return self._configured(network, given)
        return network.spawn(None if path is None else written(path), **given)

    def _found(self, path: str | Path) -> Path:
        """The file, relative to the test's folder or to that of the project."""
        beside = self.folder / path
        if beside.exists():
            return beside
        from ..projects import configure

        inside = configure(self.folder).folder / path
        return inside if inside.exists() else beside

    def _configured(self, network: Network, given: dict[str, Any]) -> NetworkProcess:
        from ..projects import configure

        known = configure(self.folder)
        if not known.process:
            raise InputError(
                "nobody says which process is tested",
                field="process",
                advice='@pytest.mark.ao(process="token.lua"), or process = "token.lua" in ao-run.toml',
            )
        allowed = ("owner", "tags", "name", "module")
        for name in given:
            if name not in allowed:
                raise InputError("goes with process= or code= only", field=f"ao({name}=)")
        return known.spawn_in(network, **given)


def written(path: Path) -> str:
    """A path as people write it: from the working directory, if it is in there."""
    whole = os.path.abspath(path)
    try:
        short = os.path.relpath(whole)
    except ValueError:  # another drive
        return whole
    return whole if short.startswith("..") else short


class World:
    """A network, and the process in it that is tested, if there is one."""

    def __init__(self, network: Network, process: NetworkProcess | None = None) -> None:
        self.network = network
        self.process = process
        self._counts: dict[str, int] = {}

    @contextmanager
    def anchored(self) -> Iterator[World]:
        """A test, or an example: all that happens in here is undone afterwards."""
        before = self._counts
        with self.network.anchor(), at_work(self):
            self._counts = self.counts()
            try:
                yield self
            finally:
                self._counts = before

    def counts(self) -> dict[str, int]:
        """How many evaluations each process has."""
        return {unit.id: len(unit.evaluations) for unit in self.network.processes}

    def messages(self) -> int:
        """How many messages were evaluated in this test."""
        return sum(count - self._counts.get(id, 0) for id, count in self.counts().items())

    def roots(self) -> list[Evaluation]:
        """What wallets have sent in this test, as it was evaluated."""
        known = self._counts
        found: list[Evaluation] = []
        for process in self.network.processes:
            fresh = process.evaluations[known.get(process.id, 0) :]
            found += [one for one in fresh if one.cause is None and one.tick is None]
        return sorted(found, key=lambda one: one.timestamp)


class Worlds:
    """All worlds of a session, by how they are started."""

    def __init__(self) -> None:
        self._known: dict[str, World | BaseException] = {}

    def get(self, base: Network, spec: Spec | None) -> World:
        """The world of a test: `base` itself, or a copy of it with the process of `spec`, started the first time.

        What failed to start fails again without another try.
        """
        if spec is None:
            return World(base)
        key = f"{id(base)}\0{spec.key}"
        found = self._known.get(key)
        if found is None:
            try:
                network = base.fork()
                found = World(network, spec.start(network))
            except Exception as error:
                found = error
            self._known[key] = found
        if isinstance(found, BaseException):
            raise found.with_traceback(None)
        return found

    def close(self) -> None:
        """Let go of all of them."""
        for one in self._known.values():
            if isinstance(one, World):
                one.network.close()
        self._known.clear()
