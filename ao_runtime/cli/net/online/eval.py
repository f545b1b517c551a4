"""`ao-run net eval --url URL`: Lua code in a process of a running network, as its owner's Eval."""

from __future__ import annotations

import click

from ..opening import json_option, process_argument
from .asking import asked_options, connected, find, required, signer_option
from .telling import tell

__all__ = ["evaluate"]


@click.command("eval", short_help="Evaluate Lua code in a process of a running network.")
@process_argument
@click.argument("code", metavar="CODE")
@asked_options
@signer_option
@json_option
def evaluate(
    process: str, code: str, url: str, mu: str | None, cu: str | None, sender: str | None, as_json: bool
) -> int:
    """Evaluate CODE (Lua, or - for standard input) in PROCESS, as an Eval message of its owner's, who is --from.

    \b
    ao-run net eval --url http://localhost:4000 Points 'return Balances' --from wallet.json
    """
    from ....models import text as text_of
    from ...documents import stdin

    text = text_of(stdin()) if code == "-" else code
    wallet = required(sender)
    with connected(url, mu, cu, wallet) as client:
        to = find(client, process)["id"]
        id = client.message(to, Action="Eval", Data=text)
        wire = {"From": wallet.ao_address, "Tags": [{"name": "Action", "value": "Eval"}], "Data": text}
        return tell(client.result(to, id), id, to, wire, as_json=as_json)
