"""`ao-run trace`: what each handler does with a message."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from .options import Asked, seeing_options
from .seeing import exit_code, html_option, show_trace, verbosity_option, write_page

if TYPE_CHECKING:
    from ..process import Process
    from ..testing import Trace
    from .documents import Given

__all__ = ["trace"]

#: How a journal begins: it is a database of SQLite's.
_JOURNAL = b"SQLite format 3\x00"


@click.command("trace", short_help="Show what each handler does with a message, and why.")
@click.argument("words", metavar="MESSAGE...", nargs=-1)
@click.option("--from", "sender", metavar="ADDRESS", help="Who a message of NAME=VALUE is from.")
@verbosity_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object for each message that was given.")
@html_option
@seeing_options
def trace(
    words: tuple[str, ...], sender: str | None, verbosity: int, as_json: bool, page: str | None, **options: Any
) -> int:
    """Evaluate messages and show what each handler does with them: which ran, which did not match and why.

    MESSAGE is as for ao-run handle: a file of JSON, - for standard input, NAME=VALUE; or a scenario, which is played in
    a network in memory. With --state nothing is kept: messages go to the process as it is in that file. Two words trace
    again what was evaluated before: FOLDER and a message there (Points#3, or an id); or a journal and a number.

    -v shows the handlers that ran, what they printed and sent; -vv those that did not match, and why; -vvv the globals
    that changed; -vvvv all that is known. --json and --html have all that is known in any case.

    \b
    ao-run trace -vv -p token.lua --from bob Action=Transfer Recipient=ann Quantity=5
    ao-run trace -vvv town Points#3
    ao-run trace points.ao 12 --html trace.html
    """
    if not words and sender is None:
        raise click.UsageError("Missing argument 'MESSAGE...': a file, - for standard input, or NAME=VALUE")
    found: list[Trace] = []
    for one in _traces(words, sender, Asked.seeing(**options)):
        found.append(one)
        if as_json or page is None:
            show_trace(one, verbosity, as_json=as_json)
    if page is not None:
        from ..testing import trace_html

        title = f"ao-run trace {' '.join(words)}"
        write_page(page, trace_html(found, title if len(title) <= 80 else f"{title[:79]}…"))
    return exit_code(found)


def _traces(words: tuple[str, ...], sender: str | None, asked: Asked) -> Iterator[Trace]:
    if words and os.path.isdir(words[0]):
        if len(words) != 2:
            raise click.UsageError(f"{words[0]} is a folder: give a message in there, such as Points#3")
        yield _in_folder(*words)
    elif len(words) == 2 and _is_journal(words[0]):
        yield _in_journal(words[0], words[1], asked)
    elif len(words) == 1 and sender is None and (played := _scenario(words[0])) is not None:
        yield from _played(played)
    else:
        from .words import given_messages

        yield from _messages(given_messages(words, sender), asked)


def _in_folder(folder: str, message: str) -> Trace:
    from ..testing import trace_tree
    from .net.opening import reading
    from .net.tree import found

    with reading(folder) as network:
        assert network.keeper is not None
        network.keeper.link()
        return trace_tree(network, found(network, message))


def _in_journal(file: str, number: str, asked: Asked) -> Trace:
    from ..process import of_journal, watched_in
    from ..testing import trace_of
    from .moment import last_of, open_to_read

    if not number.isdecimal() or len(number) > 18:
        raise click.UsageError(f"{number!r} is no number of a message in {file}, such as 12")
    with open_to_read(file) as store:
        nonce = last_of(store, int(number), "MESSAGE")
        # The file may be anybody's: it reads what it has read, and does not run in here.
        options = replace(asked.options, sources={}, files={}, isolated=True)
        twin, there = (of_journal(store, nonce, options) for _ in range(2))
        return trace_of(watched_in(store, nonce, twin, there))


def _scenario(file: str) -> Any:
    """The scenario that a file holds, for a network; None where it holds messages."""
    from .scenario import may_be_scenario

    if not may_be_scenario(file):
        return None
    from ..conformance import Scenario, read_scenario

    found = read_scenario(file)
    return found.in_network() if isinstance(found, Scenario) else found


def _played(scenario: Any) -> Iterator[Trace]:
    from ..conformance import play
    from ..network import Network
    from ..testing import trace_tree

    with Network() as network:
        for played in play(scenario, network):
            for tree in played.trees:
                yield trace_tree(network, tree.root)


def _messages(given: list[Given], asked: Asked) -> Iterator[Trace]:
    from ..errors import InputError
    from .start import load_file, start

    process, own, code = start(asked, given[0].wire)
    with process:
        for file in asked.processes[1:]:
            load_file(process, file)
        for number, item in enumerate(given):
            try:
                yield from _of(process, own if number == 0 and own is not None else None, item)
            except InputError as error:
                raise error.within(file=item.file, line=item.line) from None
            if number == 0 and code is not None:
                process.handle(code)


def _of(process: Process, own: dict[str, Any] | None, item: Given) -> Iterator[Trace]:
    from ..testing import trace as traced

    if own is None and item.node is not None:
        for message, _ in process.scheduled(item.node):
            if message is not None:
                yield traced(process, message, keep=True)
        return
    yield traced(process, dict(item.wire) if own is None else own, keep=True)


def _is_journal(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return opened.read(len(_JOURNAL)) == _JOURNAL
    except (OSError, ValueError):
        return False
