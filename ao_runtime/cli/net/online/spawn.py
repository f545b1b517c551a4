"""`ao-run net spawn --url URL`: a process on a running network."""

from __future__ import annotations

import click

from ...options import name_value
from ...text import echo, style
from ..opening import json_option
from .asking import asked_options, connected, required, signer_option
from .telling import tell

__all__ = ["spawn"]


@click.command("spawn", short_help="Start a process on a running network.")
@click.argument("file", metavar="[FILE.lua]", required=False)
@click.option("--code", metavar="LUA", help="The process's code, in place of a file.")
@asked_options
@signer_option
@click.option("--name", metavar="NAME", help="Its tag Name.")
@click.option("--tag", type=name_value, metavar="NAME=VALUE", multiple=True, help="A tag of it; may be repeated.")
@click.option("--module", metavar="ID", help="The id of its module. [aos 2.0.6]")
@click.option("--scheduler", metavar="ID", help="The address of its scheduler. [what the gateway says]")
@click.option("--monitor", is_flag=True, help="Deliver what its cron ticks send.")
@json_option
def spawn(
    file: str | None,
    code: str | None,
    url: str,
    mu: str | None,
    cu: str | None,
    sender: str | None,
    name: str | None,
    tag: tuple[tuple[str, str], ...],
    module: str | None,
    scheduler: str | None,
    monitor: bool,
    as_json: bool,
) -> int:
    """Start a process of the code in FILE.lua on the network at URL, and print its id and the result of its start.

    The code is evaluated at its boot (On-Boot=Data), together with the files beside FILE.lua that it requires: one
    message holds them all. It belongs to the wallet --from. With --json: {"id", "process", "result"}.

    \b
    ao-run net spawn token.lua --url http://localhost:4000 --from wallet.json --name Points
    """
    from pathlib import Path

    from ....process import read_code
    from ....state import bundled

    if (file is None) == (code is None):
        raise click.UsageError("FILE.lua and --code: give one of them")
    text = bundled(read_code(file), Path(file).resolve().parent) if file is not None else (code or "").encode()
    wallet = required(sender)
    tags = [*tag]
    for own, given in (("Name", name), ("On-Boot", "Data")):
        if given is not None and all(known != own for known, _ in tags):
            tags.append((own, given))
    with connected(url, mu, cu, wallet) as client:
        id = client.spawn(text, module=module, scheduler=scheduler, tags=tags)
        if monitor:
            client.monitor(id)
        if not as_json:
            echo(f"{style(name or Path(file or 'process').stem, bold=True)}  {id}")
        wire = {"From": wallet.ao_address, "Tags": [{"name": "Type", "value": "Process"}], "Data": text}
        return tell(client.result(id, id), id, id, wire, as_json=as_json)
