"""What an executor does: a function for each word that a process may ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

from ..job import Job

__all__ = ["FUNCTIONS", "Done", "Function"]


class Done(NamedTuple):
    """What came of a job."""

    #: The process's output: one object.
    output: dict[str, Any]
    #: What is noted at the process before it is closed, where something was written down that must not be twice.
    commit: str | None = None


@dataclass(frozen=True)
class Function:
    """A function as it is registered: its name, what it does and takes, and where it is."""

    name: str
    description: str
    #: Name, type, description, and whether it must be given.
    arguments: tuple[tuple[str, str, str, bool], ...]

    @property
    def run(self) -> Callable[[Job], Done]:
        """It itself, imported when it is first asked for."""
        found: Callable[[Job], Done] = getattr(import_module(f".{self.name}", __name__), self.name)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its arguments."""
        return tuple(name for name, *_ in self.arguments)


_JOB = ("job", "string", "The job's id, chosen by whoever submits it; the same id is the same job.", True)
_JOURNAL = ("journal", "string", "The journal: a path in the shared folder, or {ref, sha256}.", True)
_MODULE = ("module", "string", "The published module: a path in the shared folder, or {ref, sha256}.", False)
_DIALECT = ("dialect", "string", "Which generation of the network's module is played.", False)
_LIMITS = ("limits", "object", "What a message may use: instructions, memory, seconds.", False)
_PARTS = ("parts", "integer", "So many parts of a workflow, whose outputs come in, are put together.", False)

FUNCTIONS = {
    function.name: function
    for function in (
        Function(
            "evaluate",
            "Evaluates messages to an ao process on its journal, once each, or on a state that is given.",
            (
                _JOB,
                ("process", "string", "The process's id.", True),
                ("first", "integer", "The number of the first message: so many the process has seen.", True),
                ("messages", "array", "Messages, as objects or JSON texts; or {ref, sha256, count}.", True),
                ("state", "object", '{"journal": ref} or {"snapshot": ref}; "in" takes that of the job before.', False),
                ("environment", "object", "Of a process that has seen nothing yet, as an object or JSON text.", False),
                _LIMITS,
                _DIALECT,
                _MODULE,
            ),
        ),
        Function(
            "replay",
            "Evaluates messages of a journal again, and gives their results.",
            (
                _JOB,
                _JOURNAL,
                ("from", "integer", "The first message. [0]", False),
                ("to", "integer", "Before this one. [the end]", False),
                _LIMITS,
                _MODULE,
            ),
        ),
        Function(
            "verify",
            "Evaluates messages of a journal again, and compares each result with the recorded one.",
            (
                _JOB,
                _JOURNAL,
                ("from", "integer", "The first message. [0]", False),
                ("to", "integer", "Before this one. [the end]", False),
                ("state", "string", "The SHA-256 of the state that it must begin from.", False),
                ("digest", "string", "The SHA-256 of the state that it must end in.", False),
                ("history", "string", "The digest of the journal's messages before `to`.", False),
                _LIMITS,
                _MODULE,
                _PARTS,
            ),
        ),
        Function(
            "conform",
            "Compares our Lua with a published module, or with recorded answers.",
            (
                _JOB,
                ("scenarios", "string", "A file or folder of scenarios; without, those of the package.", False),
                _MODULE,
                _DIALECT,
                ("strict", "boolean", "Whether explained differences count.", False),
                _LIMITS,
            ),
        ),
        Function(
            "fuzz",
            "Compares our Lua with a published module by generated messages.",
            (
                _JOB,
                ("seeds", "array", "[from, to]: these seeds, the last one not among them.", True),
                ("messages", "integer", "Messages of each seed.", True),
                ("module", "string", "The published module: a path in the shared folder, or {ref, sha256}.", True),
                _DIALECT,
                ("strict", "boolean", "Whether explained differences count.", False),
                _PARTS,
            ),
        ),
    )
}
