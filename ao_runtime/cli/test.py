"""`ao-run test`: Lua tests, each in a state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .configured import configuration
from .options import above_zero
from .seeing import verbosity_option
from .text import document, echo, style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..testing import LuaOptions

__all__ = ["test"]

_COLOURS: dict[str, dict[str, Any]] = {
    "passed": {"fg": "green"},
    "failed": {"fg": "red", "bold": True},
    "pending": {"fg": "yellow"},
    "place": {"fg": "cyan"},
    "source": {"fg": "red"},
}


@click.command("test", short_help="Run the Lua tests of a process, each in a state of its own.")
@click.argument("paths", metavar="[PATH...]", nargs=-1)
@click.option("-p", "--process", "processes", metavar="FILE.lua", multiple=True, help="The process that all are about.")
@click.option("--owner", metavar="NAME", help="Its owner: a wallet of this name.")
@click.option("--match", metavar="REGEX", help="Only tests with something like this in their name.")
@click.option("--list", "only_list", is_flag=True, help="Say which tests there are, and run none.")
@click.option("--fail-fast", is_flag=True, help="Stop after the first that fails.")
@click.option("--rerun", is_flag=True, help="Only those that failed the last time; all, if none did.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), metavar="N", help="Run them in so many programs. [1]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Their order; another one each time.")
@click.option("--timeout", type=above_zero(float), metavar="S", default=60.0, help="Seconds that a test may take. [60]")
@click.option("--junit", metavar="FILE", help="Write JUnit's XML, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
@click.option("--bundle", is_flag=True, help="Run them on the project's bundle, which is built first.")
@click.option("--watch", is_flag=True, help="Run them again whenever a Lua file changes; Ctrl-C ends it.")
@verbosity_option
def test(
    paths: tuple[str, ...],
    processes: tuple[str, ...],
    owner: str | None,
    match: str | None,
    only_list: bool,
    fail_fast: bool,
    rerun: bool,
    jobs: int | None,
    seed: int | None,
    timeout: float,
    junit: str | None,
    as_json: bool,
    bundle: bool,
    watch: bool,
    verbosity: int,
) -> int:
    """Run the tests in files *_test.lua and *_spec.lua: in PATH, else where the project says, else here.

    A file is about the process that -p names, else the one in its line `-- ao-run: process=FILE.lua owner=NAME`, else
    the one beside it (token.lua for token_test.lua), else the project's. Each test begins with the state in which the
    process was after its start. docs/testing.md says what a test may do. -v to -vvvv tell of all tests, and show what
    handlers did, as ao-run trace does.

    With --bundle the project's process is what ao-run build makes of it; files that name another process have that.

    The exit code is 1 where a test fails, and 3 where a file or a process cannot be loaded. With --json one object:
    {"passed", "failed", "pending", "seconds", "seed", "tests", "unloadable"}.

    \b
    ao-run test
    ao-run test tests/token_test.lua --match transfer -vv
    ao-run test --rerun --fail-fast
    """
    from ..testing import LuaOptions, lua_files

    known = configuration()
    where: Sequence[Any] = paths
    if not paths:
        where = known.tests
        if not known.is_given("tests.paths"):
            # The folder `tests` is only what is usual.
            where = [path for path in known.tests if path.is_dir() and lua_files([path])] or ["."]
    asked = _Asked(
        where,
        LuaOptions(processes, owner, timeout, verbosity),
        match,
        only_list,
        fail_fast,
        rerun,
        jobs or known.jobs,
        seed,
        junit,
        as_json,
        verbosity,
    )
    if bundle:
        if watch or processes:
            raise click.UsageError("--bundle goes with neither --watch nor -p")
        from ..projects import bundle_in_place

        with bundle_in_place(known):
            return asked.run()
    if watch:
        asked.watch()
    return asked.run()


class _Asked:
    """What was asked for."""

    def __init__(
        self,
        paths: Sequence[Any],
        options: LuaOptions,
        match: str | None,
        only_list: bool,
        fail_fast: bool,
        rerun: bool,
        jobs: int,
        seed: int | None,
        junit: str | None,
        as_json: bool,
        level: int,
    ) -> None:
        self.paths = paths
        self.options = options
        self.match = match
        self.only_list = only_list
        self.fail_fast = fail_fast
        self.rerun = rerun
        self.jobs = jobs
        self.seed = seed
        self.junit = junit
        self.as_json = as_json
        self.level = level

    def run(self) -> int:
        """Run the tests once; the exit code."""
        from time import perf_counter

        from ..errors import InputError, LoadError, ProcessError
        from ..testing import LuaSuite, lua_dict, lua_files, lua_summary, select_tests, shuffled_tests

        files = lua_files(self.paths)
        if not files:
            raise InputError(
                "there are no tests", field=", ".join(map(str, self.paths)), advice="files *_test.lua, *_spec.lua"
            )
        began = perf_counter()
        suite = LuaSuite(files, self.options)
        try:
            tests, bad = suite.load()
            chosen = select_tests(tests, self.match, self._last())
            if not chosen and not bad:
                raise InputError("no test has that in its name" if self.match else "there are no tests in there")
            if self.only_list:
                return self._list(chosen, bad)
            seed = _any() if self.seed is None else self.seed
            outcomes = []
            if not self.as_json:
                self._show_bad(bad)
            for outcome in suite.run(shuffled_tests(chosen, seed), self.jobs):
                outcomes.append(outcome)
                if not self.as_json:
                    self._show(outcome)
                if self.fail_fast and outcome.status == "failed":
                    break
        finally:
            suite.close()
        seconds = perf_counter() - began
        self._write(outcomes, bad, seconds)
        if self.as_json:
            document(lua_dict(outcomes, bad, seconds, seed))
        else:
            failed = bad or any(one.status == "failed" for one in outcomes)
            echo(style(lua_summary(outcomes, bad, seconds, seed), fg="red" if failed else "green"))
        if bad:
            return LoadError.exit_code
        return ProcessError.exit_code if any(one.status == "failed" for one in outcomes) else 0

    def watch(self) -> None:
        """Run the tests, and again after every change. Ends with KeyboardInterrupt."""
        from pathlib import Path

        from ..errors import AoError, InputError
        from . import show

        try:
            from watchfiles import watch
        except ImportError:
            raise InputError("watchfiles is not there", field="--watch", advice="pip install watchfiles") from None
        if self.only_list:
            raise click.UsageError("--watch runs tests: --list does not go with it")

        def matters(_: Any, path: str) -> bool:
            return path.endswith((".lua", ".toml"))

        while True:
            try:
                self.run()
            except AoError as error:
                show.complain(str(error))
            configuration_folder = configuration().folder
            folders = {
                Path(configuration_folder),
                *(Path(path).parent if Path(path).is_file() else Path(path) for path in self.paths),
            }
            echo(style("waiting for a change …", dim=True), err=True)
            next(iter(watch(*folders, watch_filter=matters)))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _last(self) -> set[tuple[str, str]] | None:
        if not self.rerun:
            return None
        from ..testing import last_failed

        return last_failed() or None

    def _list(self, chosen: Sequence[tuple[Path, str]], bad: Sequence[Any]) -> int:
        from ..errors import LoadError
        from ..testing import written

        if self.as_json:
            document({"tests": [{"file": written(path), "name": name} for path, name in chosen]})
        else:
            self._show_bad(bad)
            for path, name in chosen:
                echo(_harmless(f"{written(path)}: {name}"))
        return LoadError.exit_code if bad else 0

    def _show_bad(self, bad: Sequence[Any]) -> None:
        from ..testing import lua_problem

        for one in bad:
            echo(_styled(f"✗ {_harmless(one.file)} cannot be loaded", "failed"))
            for line in lua_problem(one.problem, _styled):
                echo(line)
            echo()

    def _show(self, outcome: Any) -> None:
        from ..testing import lua_report

        for line in lua_report(outcome, self.level, _styled):
            echo(line)

    def _write(self, outcomes: Sequence[Any], bad: Sequence[Any], seconds: float) -> None:
        from pathlib import Path

        from ..testing import lua_junit, note_failed

        if self.junit is not None:
            Path(self.junit).write_bytes(lua_junit(outcomes, bad, seconds))
        note_failed(outcomes)


def _any() -> int:
    from random import randrange

    return randrange(2**32)


def _styled(text: str, what: str) -> str:
    return style(text, **_COLOURS[what])


def _harmless(text: str) -> str:
    from .text import harmless

    return harmless(text)
