"""`ao-run net send`: messages from wallets to a process."""

from __future__ import annotations

import click

from ...errors import InputError
from ..seeing import verbosity_option
from .opening import folder_argument, isolate_option, json_option, process_argument, writing
from .telling import tell

__all__ = ["send"]


@click.command("send", short_help="Send messages to a process, and deliver all that follows.")
@folder_argument
@process_argument
@click.argument("messages", metavar="MESSAGE...", nargs=-1)
@click.option("--from", "sender", metavar="NAME", help="The wallet that a message of NAME=VALUE is from. [the owner]")
@isolate_option
@verbosity_option
@json_option
def send(
    folder: str,
    process: str,
    messages: tuple[str, ...],
    sender: str | None,
    isolate: bool,
    verbosity: int,
    as_json: bool,
) -> int:
    """Send messages to PROCESS, deliver all that follows from each, and print it as a tree.

    MESSAGE is as for ao-run handle: NAME=VALUE, several of them, are one message; else it is a file of JSON, or - for
    standard input. A From is a wallet's name; one that there is not is made. A value that is the name of a wallet or
    process stands for its address (not so Action and Name, nor what stands in a list of Tags); @NAME does in any case,
    and makes the wallet if there is none.

    -v to -vvvv show what handlers did, as ao-run trace does. With --json, a line for each: {"id", "process", "name",
    "nonce", "result", "failure", "tree"}.

    \b
    ao-run net send town Points --from alice Action=Transfer Recipient=bob Quantity=5
    ao-run net send town Points messages.jsonl
    """
    from ...network import addressed
    from ..words import given_messages

    given = given_messages(messages, sender)
    worst = 0
    with writing(folder, isolate=isolate) as network:
        to = network.process(process)
        for one in given:
            try:
                sent = to.handle(addressed(network, one.wire, one.keys))
            except InputError as error:
                raise error.within(file=one.file, line=one.line) from None
            worst = max(worst, tell(sent.tree, as_json=as_json, network=network, verbosity=verbosity))
    return worst
