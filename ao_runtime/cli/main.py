"""`ao-run` itself: its commands, and what becomes of an error. Nobody ever sees a Python traceback."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from ..errors import AoError, CodeError, InternalError, StateError
from . import show
from .strict import strict
from .text import harmless

__all__ = ["cli"]

_REPORT = "This is a bug of ao-run. Please report it, with what AO_RUN_DEBUG=1 shows"


#: Each command's file, and its name there.
_COMMANDS = {
    "handle": "handle",
    "eval": "evaluate",
    "get": "get",
    "log": "log",
    "trace": "trace",
    "why": "why",
    "replay": "replay",
    "diff": "diff",
    "verify": "verify",
    "net": "net",
    "test": "test",
    "conform": "conform",
    "module": "module",
    "item": "item",
    "wallet": "wallet",
    "serve": "serve",
    "colony": "colony",
    "config": "config",
    "init": "init",
    "run": "run_project",
    "build": "build",
    "publish": "publish",
    "completion": "completion",
}

#: Those whose files are called otherwise: `run` is what `handle` and `eval` have in common.
_FILES = {"run": "run_project"}


class Commands(click.Group):
    """A group of commands whose errors all end in an exit code and a few words on stderr."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run with these arguments; always raises SystemExit."""
        sys.stdout = _whole(sys.stdout)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # A terminal that lacks a letter is no reason to die.
                stream.reconfigure(errors="backslashreplace")
        try:
            sys.exit(super().main(args, *rest, **{**options, "standalone_mode": False}) or 0)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            sys.exit(130)
        except _OutputError as error:
            # Python must not complain about it at its end either.
            _silence(sys.stdout)
            if isinstance(error.error, BrokenPipeError):  # Whoever read our output has seen enough.
                _silence(sys.stderr)
                sys.exit(141)
            show.complain(f"standard output cannot be written: {error.error.strerror or error.error}")
            sys.exit(StateError.exit_code)
        except AoError as error:
            _end(error)
        except Exception as error:
            _end(error)

    def invoke(self, context: click.Context) -> Any:
        """Run the command, and write out what it has printed: click would make exit code 1 of a closed pipe."""
        try:
            code = super().invoke(context)
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError as error:
            if isinstance(error, BrokenPipeError) or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise _OutputError(error) from None
            raise
        return code

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; for a name that is none, the one that is near."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name.lower(), _COMMANDS, 1)
            advice = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(_COMMANDS)}"
            context.fail(f"No such command {harmless(name)!r}: {advice}")
        return super().resolve_command(context, args)

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order in which they are learnt."""
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, from its file: that of another one is not even read."""
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f".{_FILES.get(name, name)}", __package__), _COMMANDS[name])
        return strict(command)


def _whole(stream: Any) -> Any:
    """The same stream, which writes all that it is given: with PYTHONUNBUFFERED the rest of a large text may get lost,
    and nobody hears of a pipe that is closed."""
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase):
        return stream
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding=stream.encoding, errors=stream.errors, write_through=True)


class _OutputError(Exception):
    """What is printed reaches nobody."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def _silence(stream: Any) -> None:
    """What is still to be written to a stream goes nowhere."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end(error: Exception) -> NoReturn:
    """Tell of an error, and end with its exit code."""
    if os.environ.get("AO_RUN_DEBUG"):
        raise error
    if isinstance(error, CodeError):
        show.load_error(error)
        sys.exit(error.exit_code)
    if isinstance(error, AoError) and not isinstance(error, InternalError):
        show.complain(str(error))
        sys.exit(error.exit_code)
    if isinstance(error, OSError):
        file = f"{error.filename}: " if error.filename else ""
        show.complain(f"{file}{error.strerror or error}{_gone_folder()}")
        sys.exit(StateError.exit_code)
    show.complain(f"{type(error).__name__}: {error}\n{_REPORT}")
    sys.exit(InternalError.exit_code)


def _gone_folder() -> str:
    try:
        os.getcwd()
    except OSError:
        return " (the folder that the command was started in is gone)"
    return ""


def _version(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from .. import __version__

        click.echo(f"ao-run {__version__}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    callback=_version,
    expose_value=False,
    is_eager=True,
    help="Show the version and exit.",
)
def cli() -> None:
    """Evaluate messages to ao processes on your own machine, with the network's results.

    \b
    ao-run handle -p token.lua messages.json     what does my process answer?
    ao-run eval -p token.lua 'return Balances'   what is in its state?
    ao-run handle --state points.ao new.json     what does the one answer that is kept in a file?
    ao-run log points.ao                         what has happened to it?
    ao-run net send town Points Action=Info      what follows from it in a whole network?
    ao-run init points --template token          a project of one's own, with tests
    ao-run item verify message.item              is a signed message its owner's?

    \b
    Exit codes: 0 all fine, 1 a result has an Error, 2 wrong usage or input,
    3 the process's code cannot be loaded, 4 a limit was hit, 5 a file cannot be used or written,
    6 a colony's server refuses or does not answer, or a job there has failed.
    """
