"""The options that all commands of `ao-run colony` have in common: which colony, and whose key."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import InputError
from ..models import read_regular

if TYPE_CHECKING:
    from ..executor import Settings

__all__ = ["colony_options", "settings_of"]

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = [
    click.option("--url", metavar="URL", help="The colony's server, http(s)://HOST:PORT/api. [COLONIES_URL]"),
    click.option("--colony", metavar="NAME", help="The colony. [COLONIES_COLONY_NAME]"),
    click.option("--key", metavar="FILE", help="A file that holds the private key that signs. [COLONIES_PRVKEY]"),
    click.option("--type", "executortype", metavar="TYPE", help="The kind of executor. [ao-runtime]"),
    click.option("--data", metavar="DIR", help="The folder that executors and submitters share. [COLONIES_DATA]"),
    click.option("--config", metavar="FILE", help="Lines COLONIES_…=VALUE, for what the environment does not say."),
]


def colony_options(command: _F) -> _F:
    """Adds the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(
    url: str | None,
    colony: str | None,
    key: str | None,
    executortype: str | None,
    data: str | None,
    config: str | None,
    name: str | None = None,
) -> Settings:
    """What the options say, the environment, and the file of `--config`, in this order."""
    from ..executor import Settings, read_variables

    variables = read_variables(os.environ, config)
    prvkey = None if key is None else _key_in(key)
    return Settings.of(
        variables, url=url, colony=colony, prvkey=prvkey, name=name, executortype=executortype, data=data
    )


def _key_in(file: str) -> str:
    """A key is named by its file: what stands on a command line is seen by everybody on the machine."""
    try:
        return read_regular(file, 1 << 16).decode().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is no text"
        raise InputError(f"cannot be read: {reason}", file=file) from None
