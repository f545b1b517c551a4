"""`ao-run why`: which handler would take a message, and which would not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .options import Asked, seeing_options
from .seeing import html_option, verbosity_option, write_page
from .text import document, echo

if TYPE_CHECKING:
    from ..testing import Why

__all__ = ["why"]


@click.command("why", short_help="Ask each handler whether it would take a message.")
@click.argument("words", metavar="MESSAGE...", nargs=-1)
@click.option("--from", "sender", metavar="ADDRESS", help="Who a message of NAME=VALUE is from.")
@verbosity_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object for each message.")
@html_option
@seeing_options
def why(
    words: tuple[str, ...], sender: str | None, verbosity: int, as_json: bool, page: str | None, **options: Any
) -> int:
    """Ask each handler whether it would take a message, and say why it would not. No handler runs, nothing is kept.

    MESSAGE is as for ao-run handle; each is asked of the process as it is, none comes after another. FOLDER, a process
    and a message ask a process of a network. Patterns that are functions are called in a copy of the process, each
    within limits of its own. What is nearly right is told: another letter case, a tag that is called otherwise, a
    sender who is not the owner. -vvvv shows every field and the code of patterns.

    \b
    ao-run why -p token.lua --from bob action=transfer Quantity=5
    ao-run why town Points --from bob Action=Transfr
    """
    if not words and sender is None:
        raise click.UsageError("Missing argument 'MESSAGE...': a file, - for standard input, or NAME=VALUE")
    pages: list[str] = []
    for one in _asked(words, sender, Asked.seeing(**options)):
        if as_json:
            document(one.to_dict())
        elif page is None:
            from ..testing import why_text

            echo(why_text(one, max(verbosity, 2)))
        if page is not None:
            from ..testing import why_html

            pages.append(why_html(one, f"{one.action} from {one.sender}"))
    if page is not None:
        if len(pages) != 1:
            raise click.UsageError("--html is for one message")
        write_page(page, pages[0])
    return 0


def _asked(words: tuple[str, ...], sender: str | None, asked: Asked) -> Iterator[Why]:
    if words and os.path.isdir(words[0]):
        if len(words) < 2:
            raise click.UsageError(f"{words[0]} is a folder: give a process in there, and a message")
        yield from _in_folder(words[0], words[1], words[2:], sender)
        return
    from ..errors import InputError
    from ..testing import why as asked_why
    from .start import load_file, start
    from .words import given_messages

    given = given_messages(words, sender)
    process, own, _ = start(asked, given[0].wire)
    if own is not None:
        process.close()
        raise InputError("the process's own message starts it: there are no handlers to ask before", field="Id")
    with process:
        for file in asked.processes[1:]:
            load_file(process, file)
        for item in given:
            try:
                yield asked_why(process, dict(item.wire))
            except InputError as error:
                raise error.within(file=item.file, line=item.line) from None


def _in_folder(folder: str, name: str, words: tuple[str, ...], sender: str | None) -> Iterator[Why]:
    from ..network import addressed
    from ..testing import why as asked_why
    from .net.opening import reading
    from .words import given_messages

    given = given_messages(words, sender)
    with reading(folder) as network:
        process = network.compute.process(network.found(name))
        for item in given:
            wire = addressed(network, item.wire, item.keys)
            who = wire.get("Owner") or wire.get("From")
            wire["From"] = wire["Owner"] = process.owner if who is None else network.sender(who)
            yield asked_why(process, wire)
