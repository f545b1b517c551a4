"""`ao-run colony submit`: jobs for the executors of a colony, and their answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import InputError
from .colony_options import colony_options, settings_of
from .configured import ProjectOption, from_project
from .text import document, echo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..executor import Settings, Submitted, Submitter

__all__ = ["submit"]

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = [
    click.option("--job", metavar="NAME", help="The job's name. [made, of what it is]"),
    click.option("--wait", is_flag=True, help="Wait until it is done, and show what came out."),
    click.option("--max-seconds", type=click.IntRange(1), metavar="S", default=900, help="Time for each part. [900]"),
    click.option("--retries", type=click.IntRange(0), metavar="N", default=3, help="How often it is given again. [3]"),
    click.option("--priority", type=int, metavar="N", default=0, help="Higher comes first. [0]"),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else."),
]
_parts_option = click.option("--parts", type=click.IntRange(1), metavar="N", help="Parts. [4 for each executor]")
_dialect_option = click.option("--dialect", metavar="NAME", help="Generation: 2.0.6, 2.0.3, 2.0.1, 1 or 0.2.0.")
_strict_option = click.option("--strict", is_flag=True, help="Explained differences count, too.")


def _job_options(command: _F) -> _F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return colony_options(command)


@click.group("submit", short_help="Have the executors of a colony do something.")
def submit() -> None:
    """Submit a job to the executors of a colony: evaluate, verify, conform or fuzz.

    Large work becomes a workflow that all executors share. What is printed is the id that ao-run colony status takes;
    with --wait, what came out. Files are named as executors find them: in the folder of --data, which all share.
    """


class _Session:
    """What a command submits with, and how its answer is waited for."""

    def __init__(self, settings: Settings, submitter: Submitter, *, waits: bool, as_json: bool) -> None:
        self.settings = settings
        self.submitter = submitter
        self._waits = waits
        self._as_json = as_json

    def answers(self, submitted: Submitted, label: str) -> list[dict[str, Any]] | None:
        """The outputs, where they are waited for; else the id is printed, and there are none."""
        from ..executor import wait
        from .progress import progress

        if not self._waits:
            id = submitted.graph or submitted.answers[0]
            if self._as_json:
                document({"id": id, "processes": submitted.processes})
            else:
                echo(id)
            return None
        with progress(label) as tell:
            return wait(self.submitter.colonies, submitted, progress=tell)


@contextmanager
def _session(
    where: dict[str, Any], *, wait: bool, max_seconds: int, retries: int, priority: int, as_json: bool
) -> Iterator[_Session]:
    from ..executor import Submitter

    settings = settings_of(**where)
    with settings.client() as colonies:
        submitter = Submitter(settings, colonies, seconds=max_seconds, retries=retries, priority=priority)
        yield _Session(settings, submitter, waits=wait, as_json=as_json)


def _named(job: str | None, kind: str) -> str:
    """The job's name: what reads the same twice is evaluated again, so each has one of its own."""
    return job or f"{kind}-{secrets.token_hex(6)}"


_SESSION = ("wait", "max_seconds", "retries", "priority", "as_json")


def _split(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of the colony, and of the session."""
    return (
        {name: value for name, value in options.items() if name not in _SESSION},
        {name: options[name] for name in _SESSION},
    )


@submit.command("evaluate", short_help="Evaluate messages to a process.")
@click.argument("messages", metavar="MESSAGES")
@_job_options
@click.option("--journal", metavar="FILE", help="The process's journal, which the messages become part of.")
@click.option("--snapshot", metavar="FILE", help="A snapshot to evaluate on; a new one comes out.")
@click.option("--first", type=click.IntRange(0), metavar="N", help="How many messages it has seen. [the journal's]")
@click.option(
    "-p",
    "--process",
    cls=ProjectOption,
    key="process",
    metavar="FILE.lua",
    help="The code of a process that is to begin.",
)
@click.option(
    "--id", cls=ProjectOption, key="id", metavar="ID", help="The process's id. [the journal's, or a made one]"
)
@click.option(
    "--owner", cls=ProjectOption, key="owner", metavar="ADDRESS", help="The owner of a process that is to begin."
)
@click.option(
    "--module", cls=ProjectOption, key="module", metavar="FILE.wasm", help="The published module that it runs on."
)
@click.option(
    "--dialect", cls=ProjectOption, key="dialect", metavar="NAME", help="Generation: 2.0.6, 2.0.3, 2.0.1, 1 or 0.2.0."
)
@click.option("--batch", type=click.IntRange(1), metavar="N", default=1000, help="Messages of one job. [1000]")
def evaluate(
    messages: str,
    job: str | None,
    journal: str | None,
    snapshot: str | None,
    first: int | None,
    process: str | None,
    id: str | None,
    owner: str | None,
    module: str | None,
    dialect: str | None,
    batch: int,
    **options: Any,
) -> int:
    """Evaluate the MESSAGES (as ao-run handle reads them) to a process, one after the other, in jobs of --batch.

    With --journal they become part of it, once each: a job that is sent again is answered from the journal. Else they
    are evaluated on --snapshot, or from the process's beginning, and a snapshot comes out. With --wait the results are
    shown as ao-run handle shows them. With --json: one a line.

    \b
    ao-run colony submit evaluate --data /srv/ao --journal points.ao -p token.lua messages.json --wait
    """
    from .colony_work import begun, show_results

    if journal is not None and snapshot is not None:
        raise click.UsageError("--journal and --snapshot: evaluate on one of them")
    if journal is not None or snapshot is not None:
        # What they hold is what the process is: the project does not say it.
        given = {"process": process, "id": id, "owner": owner, "module": module, "dialect": dialect}
        process, id, owner, module, dialect = (None if from_project(name) else one for name, one in given.items())
    where, session = _split(options)
    with _session(where, **session) as at:
        asked = begun(at.settings, messages, journal, snapshot, first, process, id, owner, dialect, module)
        submitted = at.submitter.evaluate(
            asked.process,
            asked.messages,
            asked.state,
            first=asked.first,
            batch=batch,
            job=job,
            environment=asked.environment,
            dialect=dialect,
            module=asked.module,
        )
        outputs = at.answers(submitted, "evaluating")
        return 0 if outputs is None else show_results(at.settings, asked, outputs, as_json=session["as_json"])


@submit.command("verify", short_help="Evaluate a journal again, in parts, and compare every result.")
@click.argument("file", metavar="FILE")
@_job_options
@click.option("--module", metavar="FILE.wasm", help="The published module, if it is not where it was.")
@_parts_option
def verify(file: str, job: str | None, module: str | None, parts: int | None, **options: Any) -> int:
    """Evaluate all messages of the journal FILE again, and compare every result, as ao-run verify does.

    It is cut where the journal keeps a state: each part begins from one and must end in the next, so that all parts
    together say what one replay would. With --wait: what ao-run verify prints, and its exit code.

    \b
    ao-run colony submit verify --data /srv/ao /srv/ao/points.ao --wait
    """
    from ..executor import reference_to
    from .colony_work import show_verified
    from .moment import open_to_read

    where, session = _split(options)
    with _session(where, **session) as at:
        ref = reference_to(at.settings, file)
        path = file if at.settings.data is None else str(at.settings.data / ref)
        module = None if module is None else reference_to(at.settings, module)
        with open_to_read(path) as store:
            submitted = at.submitter.verify(store, ref, _named(job, "verify"), parts=parts, module=module)
        outputs = at.answers(submitted, "verifying")
        return 0 if outputs is None else show_verified(outputs[0], as_json=session["as_json"])


@submit.command("conform", short_help="Compare our Lua with a published module, or with recorded answers.")
@click.argument("scenarios", metavar="[SCENARIOS]", required=False)
@_job_options
@click.option("--module", metavar="FILE.wasm", help="The published module to compare with.")
@_dialect_option
@_strict_option
def conform(
    scenarios: str | None, job: str | None, module: str | None, dialect: str | None, strict: bool, **options: Any
) -> int:
    """Compare scenarios, a file or folder of them, as ao-run conform does; without any, those of the package.

    With --wait: what ao-run conform prints, and its exit code.

    \b
    ao-run colony submit conform --data /srv/ao --module aos2_0_6.wasm --wait
    """
    from ..executor import reference_to
    from .colony_work import show_conformed

    where, session = _split(options)
    with _session(where, **session) as at:
        submitted = at.submitter.conform(
            _named(job, "conform"),
            scenarios=None if scenarios is None else reference_to(at.settings, scenarios),
            module=None if module is None else reference_to(at.settings, module),
            dialect=dialect,
            strict=strict or None,
        )
        outputs = at.answers(submitted, "comparing")
        return 0 if outputs is None else show_conformed(at.settings, outputs[0], as_json=session["as_json"])


@submit.command("fuzz", short_help="Compare our Lua with a published module by generated messages.")
@_job_options
@click.option("--module", metavar="FILE.wasm", required=True, help="The published module to compare with.")
@click.option("--messages", type=click.IntRange(1), metavar="N", required=True, help="Messages of each seed.")
@click.option("--seeds", metavar="A-B", required=True, help="Seeds, such as 1-8: what messages are generated from.")
@_parts_option
@_dialect_option
@_strict_option
def fuzz(
    job: str | None,
    module: str,
    messages: int,
    seeds: str,
    parts: int | None,
    dialect: str | None,
    strict: bool,
    **options: Any,
) -> int:
    """Compare generated messages of several seeds, which executors share; each as ao-run conform --fuzz does.

    With --wait the differences are shown, and the exit code is 1 if there are any.

    \b
    ao-run colony submit fuzz --data /srv/ao --module aos2_0_6.wasm --messages 2000 --seeds 1-16 --wait
    """
    from ..executor import reference_to
    from .colony_work import show_fuzzed

    where, session = _split(options)
    with _session(where, **session) as at:
        submitted = at.submitter.fuzz(
            _seeds(seeds),
            messages,
            reference_to(at.settings, module),
            _named(job, "fuzz"),
            parts=parts,
            dialect=dialect,
            strict=strict or None,
        )
        outputs = at.answers(submitted, "fuzzing")
        return 0 if outputs is None else show_fuzzed(at.settings, outputs[0], as_json=session["as_json"])


def _seeds(text: str) -> tuple[int, int]:
    """`1-8` is the seeds 1 to 8; `7` is one."""
    first, _, last = text.partition("-")
    try:
        found = int(first), int(last or first) + 1
    except ValueError:
        found = 0, 0
    if not 0 <= found[0] < found[1]:
        raise InputError(f"{text!r} is no range of seeds", field="--seeds", advice="1-8")
    return found
