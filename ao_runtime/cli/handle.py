"""`ao-run handle`: messages from files, results to the terminal or as JSON lines."""

from __future__ import annotations

from typing import Any

import click

from .options import Asked, process_options

__all__ = ["handle"]


@click.command("handle", short_help="Evaluate messages and show what the process answers.")
@click.argument("messages", metavar="MESSAGE...", nargs=-1)
@click.option("--from", "sender", metavar="ADDRESS", help="Who a message of NAME=VALUE is from.")
@click.option(
    "--cron/--no-cron",
    default=True,
    help="Evaluate the ticks of cron that are due before a scheduler's message. [yes]",
)
@process_options
def handle(messages: tuple[str, ...], sender: str | None, **options: Any) -> int:
    """Evaluate messages, one after the other, and show what the process answers.

    MESSAGE is a file of JSON, or - for standard input: one message, an array of messages, or JSON lines. A
    message has the network's fields (From, Target, Data, Tags, ...); other keys become tags, and what is left
    out is filled in. What a scheduler gives, nodes and pages, is read as a compute unit reads it. NAME=VALUE, several
    of them, are one message that comes last. Unless the first message is the process's own (its Id is the process's),
    the process is started first. A file may hold a scenario as well (docs/conformance.md), alone.

    \b
    ao-run handle -p token.lua messages.json
    ao-run handle -p token.lua --from bob Action=Transfer Recipient=ann Quantity=5
    ao-run handle -p token.lua --tag Name=Points --json messages.json | jq .Messages
    echo '{"From": "bob", "Action": "Balance"}' | ao-run handle -p token.lua -
    ao-run handle --env env.json recorded.jsonl
    """
    from .run import run
    from .words import given_messages

    asked = Asked.now(**options)
    if len(messages) == 1 and sender is None:
        from .scenario import scenario_in

        played = scenario_in(messages[0], asked)
        if played is not None:
            return run(*played)
    return run(given_messages(messages, sender), asked)
