"""`ao-run colony`: evaluations as processes of a colony (ColonyOS)."""

from __future__ import annotations

import logging
import os
import signal
from types import FrameType
from typing import Any

import click

from .colony_options import colony_options, settings_of
from .colony_submit import submit
from .text import echo, harmless

__all__ = ["colony"]


@click.group("colony", short_help="Have a colony (ColonyOS) evaluate, or evaluate for one.")
def colony() -> None:
    """Have the executors of a colony (ColonyOS) evaluate, verify and compare, or be one of them.

    Where the colony is, and whose key signs, is said by options, by COLONIES_* in the environment, or by a file.

    \b
    ao-run colony executor --data /srv/ao
    ao-run colony submit verify --data /srv/ao /srv/ao/points.ao --wait
    ao-run colony status
    """


@colony.command("executor", short_help="Take jobs of a colony, and evaluate them.")
@colony_options
@click.option("--name", metavar="NAME", help="The executor's name, where it has none yet. [COLONIES_EXECUTOR_NAME]")
@click.option("--fetch-from", metavar="HOST", multiple=True, help="Jobs may name https files of this host.")
@click.option("--limit-instructions", type=click.IntRange(1), metavar="N", help="Most that a message may use. [10^9]")
@click.option("--limit-memory", metavar="SIZE", default="512MB", help="Most that a process may use. [512MB]")
@click.option("--limit-seconds", type=float, metavar="S", default=60.0, help="Most that a message may take. [60]")
@click.option("--grace", type=float, metavar="S", default=60.0, help="Seconds for a job's end after SIGTERM. [60]")
@click.option("--sign-of-life", type=float, metavar="S", default=120.0, help="Seconds between signs of life. [120]")
def executor(
    name: str | None,
    fetch_from: tuple[str, ...],
    limit_instructions: int | None,
    limit_memory: str,
    limit_seconds: float,
    grace: float,
    sign_of_life: float,
    **where: Any,
) -> int:
    """Take jobs of a colony one after the other: evaluate, replay, verify, conform and fuzz.

    Code of jobs runs in child processes, whose limits hold against everything, and names no file outside of --data.
    What is evaluated on a journal is written to it once, also where this command is killed at any moment. It ends on
    SIGTERM or Ctrl-C: it takes no more jobs, and the one that is under way has --grace seconds. docs/executor.md has
    all of it. Start one for each processor that is to work.

    \b
    COLONIES_PRVKEY=… ao-run colony executor --url https://colony.example/api --colony lab --data /srv/ao
    """
    from ..executor import Worker
    from ..models import Limits

    worker = Worker(
        settings_of(**where, name=name),
        most=Limits(limit_instructions, limit_memory, limit_seconds),
        fetch_from=fetch_from,
        say=lambda text: echo(harmless(text), err=True),
        grace=grace,
        sign_of_life=sign_of_life,
    )

    def stop(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            # The second Ctrl-C waits for nothing.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        worker.stop()
        # Straight to the system: a line may just be being written.
        os.write(2, b"takes no more jobs\n")

    # What goes wrong inside of an evaluation that was given up is no news, and its traceback none for people.
    logging.getLogger("ao_runtime").addHandler(logging.NullHandler())
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


colony.add_command(submit)


@colony.command("status", short_help="Show how a colony, or a job in it, is doing.")
@colony_options
@click.argument("id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def status(id: str | None, as_json: bool, **where: Any) -> int:
    """Show the executors of a colony and how many jobs wait, run, and are done; with ID, a process or a workflow.

    ID is what ao-run colony submit prints. The exit code is 1 if that has failed. With --json: {"colony",
    "executors": [{"name", "type", "state", "heard", "functions"}], "statistics"}; with ID {"id", "state", "processes":
    [{"id", "job", "function", "state", "retries", "executor", "errors", "output"}]}.

    \b
    ao-run colony status
    ao-run colony status 8a1bb79f…
    """
    from .colony_status import show_colony, show_job

    settings = settings_of(**where)
    with settings.client() as colonies:
        if id is None:
            return show_colony(settings, colonies, as_json=as_json)
        return show_job(colonies, id, as_json=as_json)
