"""`ao-run` itself: its commands, and what becomes of an error. Nobody ever sees a Python traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from ..errors import AoError, CodeError, InternalError
from . import show

__all__ = ["cli"]

_REPORT = "This is a bug of ao-run. Please report it, with what AO_RUN_DEBUG=1 shows"


#: Each command's file, and its name there.
_COMMANDS = {
    "handle": "handle",
    "eval": "evaluate",
    "log": "log",
    "replay": "replay",
    "diff": "diff",
    "verify": "verify",
    "conform": "conform",
    "module": "module",
    "item": "item",
    "wallet": "wallet",
}


class Commands(click.Group):
    """A group of commands whose errors all end in an exit code and a few words on stderr."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run with these arguments; always raises SystemExit."""
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
        except BrokenPipeError:
            # Whoever read our output has seen enough; Python must not complain about it at its end either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)
        except AoError as error:
            _end(error)
        except Exception as error:
            _end(error)

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order in which they are learnt."""
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, from its file: that of another one is not even read."""
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f".{name}", __package__), _COMMANDS[name])
        return command


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
    show.complain(f"{type(error).__name__}: {error}\n{_REPORT}")
    sys.exit(InternalError.exit_code)


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
    ao-run item verify message.item              is a signed message its owner's?

    \b
    Exit codes: 0 all fine, 1 a result has an Error, 2 wrong usage or input,
    3 the process's code cannot be loaded, 4 a limit was hit, 5 a file of --state cannot be used.
    """
