"""All Lua tests of some files: what there is, in which order, and run in this program or in several."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from ...errors import AoError, CodeError, InputError
from ..starting import network_of_project
from ..worlds import Spec, Worlds, written
from .finding import root_of, spec_of
from .outcome import Outcome, Problem
from .running import CannotLoadError, LuaTests

__all__ = ["LuaOptions", "LuaSuite", "Unloadable", "select_tests", "shuffled_tests"]

__tracebackhide__ = True


@dataclass(frozen=True)
class LuaOptions:
    """How tests are run."""

    process: tuple[str, ...] = ()
    owner: str | None = None
    seconds: float = 60.0
    """Of a test at most."""
    level: int = 0
    """How much is told of the messages (docs/seeing.md): of those of tests that fail, and from 1 on of all."""


class Unloadable(NamedTuple):
    """A file whose tests cannot be run."""

    file: str
    problem: Problem


@dataclass
class LuaSuite:
    """The tests of files. `load` says what there is; `run` gives outcomes as they come.

    What a process is started with is kept for all files that are about it.
    """

    files: Sequence[Path]
    options: LuaOptions = field(default_factory=LuaOptions)

    def __post_init__(self) -> None:
        self._worlds = Worlds()
        self._networks: dict[Path, object] = {}
        self._loaded: dict[Path, LuaTests] = {}

    def load(self) -> tuple[list[tuple[Path, str]], list[Unloadable]]:
        """The tests, each its file and its name, in the order of the files; and what cannot be loaded."""
        tests, bad = [], []
        for path in self.files:
            found = self.tests(path)
            if isinstance(found, Unloadable):
                bad.append(found)
            else:
                tests += [(path, test.name) for test in found.tests]
        return tests, bad

    def tests(self, path: Path) -> LuaTests | Unloadable:
        """The tests of a file, loaded the first time."""
        known = self._loaded.get(path)
        if known is not None:
            return known
        name = written(path)
        try:
            spec = spec_of(path, self.options.process, self.options.owner)
            root = root_of(path)
            base = self._networks.setdefault(root, network_of_project(root))
            world = self._worlds.get(base, spec)  # type: ignore[arg-type]
            assert world.process is not None
            made = LuaTests(world.network, world.process, Path(os.path.abspath(path)), name, root, _code_of(spec))
        except CannotLoadError as error:
            return Unloadable(name, error.problem)
        except CodeError as error:
            file = error.file if error.file is None else written(Path(error.file))
            text = f"the process cannot be loaded: {error.message}"
            return Unloadable(name, Problem(text, file or name, error.line, tuple(error.excerpt)))  # type: ignore[arg-type]
        except AoError as error:
            return Unloadable(name, Problem(str(error), name))
        self._loaded[path] = made
        return made

    def run(self, chosen: Sequence[tuple[Path, str]], jobs: int = 1) -> Iterator[Outcome]:
        """Run tests, in this order; with several jobs those of a part of it in a program each."""
        if jobs > 1 and len(chosen) > 1:
            yield from _in_parallel(self.options, chosen, jobs)
            return
        for path, name in chosen:
            yield self.run_one(path, name)

    def run_one(self, path: Path, name: str) -> Outcome:
        """Run a test by its name."""
        found = self.tests(path)
        if isinstance(found, Unloadable):
            return Outcome(found.file, name, "failed", problem=found.problem)
        number = next((at for at, test in enumerate(found.tests) if test.name == name), None)
        if number is None:
            return Outcome(written(path), name, "failed", problem=Problem("there is no such test", written(path)))
        return found.run(number, seconds=self.options.seconds, level=self.options.level)

    def close(self) -> None:
        """Let go of everything."""
        for one in self._loaded.values():
            one.close()
        self._loaded.clear()
        self._worlds.close()


def select_tests(
    tests: Sequence[tuple[Path, str]], match: str | None = None, names: set[tuple[str, str]] | None = None
) -> list[tuple[Path, str]]:
    """Those whose name has something like `match` (a regular expression) in it, and that are among `names`.

    Raises `InputError` where `match` is no regular expression.
    """
    try:
        pattern = None if match is None else re.compile(match)
    except re.error as error:
        raise InputError(f"is no regular expression: {error.msg}", field="--match") from None
    return [
        (path, name)
        for path, name in tests
        if (pattern is None or pattern.search(name)) and (names is None or (written(path), name) in names)
    ]


def shuffled_tests(tests: Sequence[tuple[Path, str]], seed: int) -> list[tuple[Path, str]]:
    """In the order of a seed: files, and in each its tests."""
    random = Random(seed)
    files: dict[Path, list[tuple[Path, str]]] = {}
    for test in tests:
        files.setdefault(test[0], []).append(test)
    order = [*files.values()]
    random.shuffle(order)
    for group in order:
        random.shuffle(group)
    return [test for group in order for test in group]


def _code_of(spec: Spec) -> Path | None:
    path = spec.given.get("process")
    if path is not None:
        return Path(path)
    from ...projects import configure

    known = configure(spec.folder).process
    return known[0] if len(known) == 1 else None


def _in_parallel(options: LuaOptions, chosen: Sequence[tuple[Path, str]], jobs: int) -> Iterator[Outcome]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    jobs = min(jobs, len(chosen))
    size = -(-len(chosen) // jobs)
    parts = [chosen[at : at + size] for at in range(0, len(chosen), size)]
    # A new program, not a copy of this one, which may have threads.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for outcomes in pool.map(_run_part, [options] * len(parts), parts):
            yield from outcomes


def _run_part(options: LuaOptions, part: Sequence[tuple[Path, str]]) -> list[Outcome]:
    files = [*dict.fromkeys(path for path, _ in part)]
    suite = LuaSuite(files, options)
    try:
        return [*suite.run(part)]
    finally:
        suite.close()
