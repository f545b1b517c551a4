"""`ao-run net send --url URL`: messages to a process of a running network."""

from __future__ import annotations

import click

from ..opening import json_option, process_argument
from .asking import asked_options, connected, find, required, signer_option
from .telling import tell

__all__ = ["send"]


@click.command("send", short_help="Send messages to a process of a running network.")
@process_argument
@click.argument("messages", metavar="MESSAGE...", nargs=-1)
@asked_options
@signer_option
@json_option
def send(
    process: str,
    messages: tuple[str, ...],
    url: str,
    mu: str | None,
    cu: str | None,
    sender: str | None,
    as_json: bool,
) -> int:
    """Sign messages, send them to PROCESS (an id, or its tag Name) of the network at URL, and print each result.

    MESSAGE is as for ao-run handle; who it is from is the wallet that signs it. What it sets off in other processes is
    delivered there, and not shown. With --json, a line for each: {"id", "process", "result"}.

    \b
    ao-run net send --url http://localhost:4000 Points --from wallet.json Action=Balance
    """
    from ...words import given_messages

    wallet = required(sender)
    given = given_messages(messages, None)
    worst = 0
    with connected(url, mu, cu, wallet) as client:
        to = find(client, process)["id"]
        for one in given:
            wire = {name: value for name, value in one.wire.items() if name not in ("From", "Owner", "Target")}
            id = client.message(to, wire)
            told = {"From": wallet.ao_address, **wire}
            worst = max(worst, tell(client.result(to, id), id, to, told, as_json=as_json))
    return worst
