"""Options that are given twice: an error, unless they may be. By default the first would be dropped without a word."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["strict"]


def strict(command: click.Command) -> click.Command:
    """The command, for which an option that is given twice is wrong usage; a group's commands, too."""
    if getattr(command, "_is_strict", False):
        return command
    make = command.make_parser

    def make_parser(context: click.Context) -> Any:
        parser = make(context)
        read = parser.parse_args

        def parse_args(args: list[str]) -> Any:
            values, rest, order = read(args)
            for option in order:
                if isinstance(option, click.Option) and not (option.multiple or option.is_flag or option.count):
                    times = sum(other is option for other in order)
                    if times > 1:
                        raise click.UsageError(f"{option.opts[-1]} is given {times} times: once is enough", context)
            return values, rest, order

        parser.parse_args = parse_args  # type: ignore[method-assign]
        return parser

    command.make_parser = make_parser  # type: ignore[method-assign, assignment]
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            strict(inner)
    command._is_strict = True  # type: ignore[attr-defined]
    return command
