"""`ao-run net spawn`: a process for a network in a folder."""

from __future__ import annotations

import click

from ..configured import configuration
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

    Without FILE.lua it is the project's, with its owner and tags (`ao-run config`), if there is one, else an empty one.
    `require` finds the files beside FILE.lua. A wallet that there is not is made. With --json: {"id", "process",
    "name", "nonce", "result", "failure", "tree"}.

    \b
    ao-run net spawn town token.lua --owner alice --name Points
    ao-run net spawn town clock.lua --tag Cron-Interval=1-minute --tag Cron-Tag-Action=Tick --monitor
    """
    if file is not None and code is not None:
        raise click.UsageError("FILE.lua and --code: give one of them")
    tags = [*tag]
    project = configuration() if file is None and code is None else None
    if project is not None and project.process:
        named = {known for known, _ in tags} | ({"Name"} if name is not None else set())
        tags = [one for one in project.tags if one[0] not in named] + tags
    if name is not None and all(known != "Name" for known, _ in tags):
        tags.insert(0, ("Name", name))
    with writing(folder, isolate=isolate) as network:
        if project is not None and project.process:
            made = project.spawn_in(network, owner=owner, tags=tags, name=name, module=module)
        else:
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
