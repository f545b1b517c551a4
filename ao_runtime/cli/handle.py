"""`ao-run handle`: messages from files, results to the terminal or as JSON lines."""

from __future__ import annotations

import os
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
    the process is started first.

    \b
    ao-run handle -p token.lua messages.json
    ao-run handle -p token.lua --from bob Action=Transfer Recipient=ann Quantity=5
    ao-run handle -p token.lua --tag Name=Points --json messages.json | jq .Messages
    echo '{"From": "bob", "Action": "Balance"}' | ao-run handle -p token.lua -
    ao-run handle --env env.json recorded.jsonl
    """
    from .documents import Given, read_messages
    from .run import run

    asked = Asked(**options)
    words = [word for word in messages if "=" in word and not os.path.exists(word)]
    given = [message for file in messages if file not in words for message in read_messages(file)]
    if words or sender is not None:
        given.append(Given(_of_words(words, sender), "NAME=VALUE", None))
    if not given:
        raise click.UsageError("Missing argument 'MESSAGE...': a file, - for standard input, or NAME=VALUE")
    return run(given, asked)


def _of_words(words: list[str], sender: str | None) -> dict[str, Any]:
    """The message of NAME=VALUE, ... Raises `InputError` for a name that is nearly a field, or is given twice."""
    from ..models import check_keywords, read_message

    fields: dict[str, Any] = {} if sender is None else {"From": sender}
    for word in words:
        name, _, value = word.partition("=")
        if not name:
            raise click.UsageError(f"{word!r} is not NAME=VALUE, such as Action=Balance")
        if name in fields:
            raise click.UsageError(f"{name} is given twice")
        fields[name] = value
    check_keywords(fields)
    return read_message(fields)
