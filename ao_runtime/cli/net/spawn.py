"""`ao-run net spawn`: a process for a network in a folder."""

from __future__ import annotations

import click

from ..options import name_value
from ..seeing import show_tree, verbosity_option
from ..text import document, echo, harmless, style
from .opening import folder_argument, isolate_option, json_option, writing
from .telling import code_of, described, tree_of

__all__ = ["spawn"]


@click.command("spawn", short_help="Start a process.")
@folder_argument
@click.argument("file", metavar="[FILE.lua]", required=False)
@click.option("--code", metavar="LUA", help="The process's code, in place of a file.")
@click.option("--owner", metavar="NAME", help="The wallet that owns it. [owner]")
@click.option("--name", metavar="NAME", help="Its tag Name, and what it is called here. [that of the file]")
@click.option("--tag", type=name_value, metavar="NAME=VALUE", multiple=True, help="A tag of it; may be repeated.")
@click.option("--module", metavar="ID", help="The id of its module. [that of the network's dialect]")
@click.option("--monitor", is_flag=True, help="Deliver what its cron ticks send.")
@isolate_option
@verbosity_option
@json_option
def spawn(
    folder: str,
    file: str | None,
    code: str | None,
    owner: str | None,
    name: str | None,
    tag: tuple[tuple[str, str], ...],
    module: str | None,
    monitor: bool,
    isolate: bool,
    verbosity: int,
    as_json: bool,
) -> int:
    """Start a process of the code in FILE.lua, and print its name and id, and what it did then.

    `require` finds the files beside FILE.lua. A wallet that there is not is made. With --json: {"id", "process",
    "name", "nonce", "result", "failure", "tree"}.

    \b
    ao-run net spawn town token.lua --owner alice --name Points
    ao-run net spawn town clock.lua --tag Cron-Interval=1-minute --tag Cron-Tag-Action=Tick --monitor
    """
    if file is not None and code is not None:
        raise click.UsageError("FILE.lua and --code: give one of them")
    tags = [*tag]
    if name is not None and all(known != "Name" for known, _ in tags):
        tags.insert(0, ("Name", name))
    with writing(folder, isolate=isolate) as network:
        made = network.spawn(file, code=code, owner=owner, tags=tags, name=name, module=module)
        if monitor:
            made.monitor()
        tree = tree_of(network, made.evaluations[0])
        if as_json:
            document(described(tree))
        else:
            echo(f"{style(harmless(made.name), bold=True)}  {made.id}")
            show_tree(network, tree, verbosity)
        return code_of(tree)
