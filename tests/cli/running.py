"""Runs `ao-run` for the tests, in this Python process or as a command of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.testing import CliRunner

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-c", "from ao_runtime.cli import main; main()"]


class Ran(NamedTuple):
    """What a run left."""

    code: int
    out: str
    err: str

    @property
    def results(self) -> list[Any]:
        """The lines of stdout, as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and its name, those of groups too: `item show`."""
    from ao_runtime.cli.main import cli

    context = click.Context(cli)
    waiting = [(name, cli.get_command(context, name)) for name in reversed(cli.list_commands(context))]
    while waiting:
        name, command = waiting.pop()
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            names = reversed(command.list_commands(context))
            waiting += [(f"{name} {inner}", command.get_command(context, inner)) for inner in names]


def ao_run(*args: str, input: str | bytes | None = None, env: dict[str, str] | None = None) -> Ran:
    """Runs the command here."""
    from ao_runtime.cli.main import cli

    done = CliRunner().invoke(cli, list(args), input=input, env=env, prog_name="ao-run")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def ao_run_outside(*args: str, input: str | None = None, cwd: Path = ROOT) -> Ran:
    """Runs the command as one of its own."""
    done = subprocess.run(
        [*COMMAND, *args], input=input, capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=60
    )
    return Ran(done.returncode, done.stdout, done.stderr)
