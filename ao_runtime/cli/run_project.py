"""`ao-run run`: the project's process, with its scenario or with messages."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import InputError
from .configured import configuration

__all__ = ["run_project"]


@click.command("run", short_help="Run the project: its scenario, or messages to its process.")
@click.argument("messages", metavar="[MESSAGE...]", nargs=-1)
@click.option("--from", "sender", metavar="ADDRESS", help="Who a message of NAME=VALUE is from.")
@click.option("--scenario", metavar="FILE", help="Play this one. [the project's]")
@click.option("--watch", is_flag=True, help="Again whenever a file of the project changes; Ctrl-C ends it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line, and nothing else.")
def run_project(messages: tuple[str, ...], sender: str | None, scenario: str | None, watch: bool, as_json: bool) -> int:
    """Play the project's scenario; or evaluate messages to its process, as ao-run handle does.

    MESSAGE is a file of JSON, - for standard input, or NAME=VALUE, several of them. Without any, the scenario that the
    project names is played in a network in memory, as ao-run net run does: exit code 1 where something is not as it is
    expected there.

    \b
    ao-run run
    ao-run run --from bob Action=Transfer Recipient=carol Quantity=5
    ao-run run --watch
    """
    if scenario is not None and (messages or sender is not None):
        raise click.UsageError("--scenario and messages: give one of them")
    if watch and "-" in messages:
        raise click.UsageError("--watch cannot read standard input again")
    words = ["--json"] if as_json else []
    if messages or sender is not None:
        words += ["--from", sender] if sender is not None else []
        words += ["--", *messages]
        return _over(words, scenario=False, watch=watch)
    return _over([*words, "--memory"], scenario=True, watch=watch, file=scenario)


def _over(words: list[str], *, scenario: bool, watch: bool, file: str | None = None) -> int:
    def once() -> int:
        if not scenario:
            from .handle import handle

            if not configuration().process:
                raise InputError("the project says no file", field="process", advice="ao-run init makes a project")
            return int(handle.main(words, prog_name="ao-run run", standalone_mode=False) or 0)
        from ..projects import configure, short_path
        from .net.run import run

        path = configure().scenario if file is None else Path(file)
        if path is None:
            raise InputError(
                "the project says none", field="scenario", advice="give messages, or scenario = FILE in ao-run.toml"
            )
        return int(run.main([*words, "--", short_path(path)], prog_name="ao-run run", standalone_mode=False) or 0)

    if not watch:
        return once()
    from .watching import again_and_again

    found = configuration()
    again_and_again(found.folder, once, but=found.output)
    return 0
