"""The options that `handle` and `eval` have in common: which process, which limits, how to show it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from ..errors import InputError
from ..models import Limits, read_memory
from ..state import Options
from .configured import ProjectOption, from_project

__all__ = [
    "Asked",
    "above_zero",
    "isolate_option",
    "limit_options",
    "limits_of",
    "name_value",
    "process_options",
    "seeing_options",
]

_F = TypeVar("_F", bound=Callable[..., Any])
#: The options that say what a process is, rather than how it is evaluated.
_DESCRIBES = ("processes", "id", "owner", "tag", "dialect", "module", "replace")


class Asked(NamedTuple):
    """What was asked for on the command line."""

    processes: tuple[str, ...]
    env: str | None
    id: str | None
    owner: str | None
    tag: tuple[tuple[str, str], ...]
    limit_instructions: int | None
    limit_memory: int | None
    limit_seconds: float | None
    dialect: str | None
    module: str | None
    state: str | None
    reload: bool
    dry_run: bool
    json: bool
    report: str | None
    wide: bool
    verbose: bool
    isolate: bool = False
    replace: tuple[tuple[str, str], ...] = ()
    cron: bool = True
    #: The process's environment, where a scenario brings it.
    environment: dict[str, Any] | None = None
    #: Which of these the project says; of those that may be repeated, how many, which come first.
    of_project: dict[str, int] = {}  # noqa: RUF012 - nobody changes it

    @classmethod
    def now(cls, **options: Any) -> Asked:
        """What was asked for in this run of the command, with what the project says.

        A process that is in a file already, or that an environment describes, is not the project's to describe.
        """
        parts = {name: count for name in _DESCRIBES if (count := from_project(name))}
        kept = options["state"] is not None and os.path.exists(options["state"])
        asked = cls(**options, of_project=parts)
        if kept:
            return asked.without_project(
                *(_DESCRIBES if not asked.reload else set(_DESCRIBES) - {"processes", "replace"})
            )
        return asked.without_project("id", "owner", "tag") if asked.env else asked

    def without_project(self, *names: str) -> Asked:
        """The same, without what the project says of these; what the command line says stays."""
        found = {name: self.of_project[name] for name in names if name in self.of_project}
        values = {name: getattr(self, name) for name in found}
        left: dict[str, Any] = {
            name: value[found[name] :] if isinstance(value, tuple) else None for name, value in values.items()
        }
        rest = {name: count for name, count in self.of_project.items() if name not in found}
        return self._replace(**left, of_project=rest)

    @classmethod
    def seeing(cls, **options: Any) -> Asked:
        """What was asked for by `seeing_options`: nothing is kept, so that `--state` is a file to read."""
        return cls(**options, reload=False, dry_run=True, json=False, report=None, wide=False, verbose=False)

    @property
    def process(self) -> str | None:
        """The file of the process's own code; `processes` after the first are evaluated after it."""
        return self.processes[0] if self.processes else None

    @property
    def for_people(self) -> bool:
        """Whether people read what is printed."""
        return not self.json and self.report is None

    @property
    def limits(self) -> Limits:
        """The limits: those that were given, and the defaults."""
        return Limits.read(self.options.limits)

    @property
    def _replacements(self) -> dict[str, Path] | None:
        files = {name: Path(file) for name, file in self.replace}
        if len(files) < len(self.replace):
            raise InputError("a module is given twice", field="--replace", advice="one NAME=FILE.lua for each module")
        return files or None

    @property
    def options(self) -> Options:
        """The options of the process."""
        return Options(
            limits=limits_of(self.limit_instructions, self.limit_memory, self.limit_seconds),
            dialect=self.dialect,
            module=self.module,
            replace=self._replacements,
            isolated=True if self.isolate else None,
        )


def limits_of(instructions: int | None, memory: int | None, seconds: float | None) -> Limits | None:
    """The limits that were given, the defaults for the others; None where none was."""
    given = {"instructions": instructions, "memory": memory, "seconds": seconds}
    limits = {name: value for name, value in given.items() if value is not None}
    return Limits.read(limits) if limits else None


def name_value(text: str) -> tuple[str, str]:
    """`NAME=VALUE`; the value may hold `=` itself."""
    name, sign, value = text.partition("=")
    if not (sign and name):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as Name=Points")
    return name, value


def _module_file(text: str) -> tuple[str, str]:
    """`NAME=FILE.lua`."""
    name, sign, file = text.partition("=")
    if not (name and sign and file):
        raise click.BadParameter(f"{text!r} is not NAME=FILE.lua, such as utils=tests/utils.lua")
    return name, file


def _size(text: str) -> int:
    """A number of bytes, such as `64MB`."""
    try:
        return read_memory(text)
    except InputError as error:
        advice = f" ({error.advice})" if error.advice else ""
        raise click.BadParameter(f"{error.problem}{advice}") from None


def above_zero(kind: type[int] | type[float]) -> Callable[[str], float]:
    """A reader of a number above zero."""

    def read(text: str) -> float:
        try:
            number = kind(text)
        except ValueError:
            raise click.BadParameter(f"{text!r} is no number") from None
        if not 0 < number < float("inf"):
            raise click.BadParameter(f"must be more than 0, found {text}")
        return number

    return read


_LIMITS = [
    click.option(
        "--limit-instructions",
        cls=ProjectOption,
        key="limits.instructions",
        type=above_zero(int),
        metavar="N",
        help="Lua instructions a message may use. [10^9]",
    ),
    click.option(
        "--limit-memory",
        cls=ProjectOption,
        key="limits.memory",
        type=_size,
        metavar="SIZE",
        help="Memory of the process, such as 64MB. [512MB]",
    ),
    click.option(
        "--limit-seconds",
        cls=ProjectOption,
        key="limits.seconds",
        type=above_zero(float),
        metavar="S",
        help="Seconds that a message may take. [60]",
    ),
]

_ISOLATE = click.option(
    "--isolate", is_flag=True, help="Evaluate in a child process, whose limits hold against everything."
)

#: Which process it is.
_WHICH = [
    click.option(
        "-p",
        "--process",
        "processes",
        cls=ProjectOption,
        key="process",
        metavar="FILE.lua",
        multiple=True,
        help="The process's code, evaluated when it starts; several are evaluated in order.",
    ),
    click.option("--env", metavar="FILE", help='Its environment, JSON: {"Process": {...}, "Module": {...}}.'),
    click.option(
        "--id", cls=ProjectOption, key="id", metavar="ID", help="The process's id (one is made if not given)."
    ),
    click.option(
        "--owner",
        cls=ProjectOption,
        key="owner",
        metavar="ADDRESS",
        help="The process's owner (one is made if not given).",
    ),
    click.option(
        "--tag",
        cls=ProjectOption,
        key="tags.*",
        type=name_value,
        metavar="NAME=VALUE",
        multiple=True,
        help="A tag of the process; may be repeated.",
    ),
    *_LIMITS,
    click.option(
        "--dialect",
        cls=ProjectOption,
        key="dialect",
        metavar="NAME",
        help="Generation: 2.0.6, 2.0.3, 2.0.1, 1 or 0.2.0. [2.0.6]",
    ),
    click.option(
        "--module",
        cls=ProjectOption,
        key="module",
        metavar="MODULE",
        help="Evaluated in place of our Lua: a published FILE.wasm, or a folder with process.lua.",
    ),
    click.option(
        "--replace",
        cls=ProjectOption,
        key="replace.*",
        type=_module_file,
        metavar="NAME=FILE.lua",
        multiple=True,
        help="A module that is read from another file than the one beside -p; may be repeated.",
    ),
    click.option("--state", metavar="FILE", help="Keep the process in this file, and go on with it the next time."),
]

_OPTIONS = [
    *_WHICH,
    click.option(
        "--reload", is_flag=True, help="With --state: evaluate the code of -p, and modules that changed, once more."
    ),
    click.option("--dry-run", is_flag=True, help="Evaluate every message on its own, and keep nothing."),
    _ISOLATE,
    click.option("--json", is_flag=True, help="Print results as JSON, one a line, and nothing else."),
    click.option(
        "--report",
        metavar="FORMAT",
        type=click.Choice(["json"]),
        help="Print an object for each message: message, result, failure, waits, warnings, seconds, instructions.",
    ),
    click.option("--wide", is_flag=True, help="Do not cut addresses and values short."),
    click.option("-v", "--verbose", is_flag=True, help="Say on stderr what was filled in, and what it took."),
]


#: For commands that evaluate what a file says, which may come from anybody.
isolate_option = click.option(
    "--isolate/--no-isolate", default=True, help="Evaluate in a child process, whose crash harms nobody. [yes]"
)


def process_options(command: _F) -> _F:
    """Adds the options to a command."""
    return _with(_OPTIONS, command)


def seeing_options(command: _F) -> _F:
    """Adds the options that say which process it is, to a command that leaves it as it is (`Asked.seeing`)."""
    return _with([*_WHICH, _ISOLATE], command)


def limit_options(command: _F) -> _F:
    """Adds the options for limits to a command (`limits_of`)."""
    return _with(_LIMITS, command)


def _with(options: Sequence[Callable[[_F], _F]], command: _F) -> _F:
    for option in reversed(options):
        command = option(command)
    return command
