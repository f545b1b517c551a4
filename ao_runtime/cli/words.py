"""A message of words on the command line: `NAME=VALUE`, several of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .documents import Given

__all__ = ["given_messages"]


def given_messages(messages: Sequence[str], sender: str | None) -> list[Given]:
    """What was given: the messages of files and of standard input, and last that of NAME=VALUE, from `sender`.

    Raises `InputError` for what is no message, and for a name that is nearly a field; `click.UsageError` where nothing
    was given.
    """
    from .documents import read_messages

    words = [word for word in messages if "=" in word and not os.path.exists(word)]
    given = [message for file in messages if file not in words for message in read_messages(file)]
    if words or sender is not None:
        given.append(_of_words(words, sender))
    if not given:
        raise click.UsageError("Missing argument 'MESSAGE...': a file, - for standard input, or NAME=VALUE")
    return given


def _of_words(words: list[str], sender: str | None) -> Given:
    from ..models import check_keywords, read_message
    from .documents import Given

    fields: dict[str, str] = {} if sender is None else {"From": sender}
    for word in words:
        name, _, value = word.partition("=")
        if not name:
            raise click.UsageError(f"{word!r} is not NAME=VALUE, such as Action=Balance")
        if name in fields:
            raise click.UsageError(f"{name} is given twice")
        fields[name] = value
    check_keywords(fields)
    return Given(read_message(fields), "NAME=VALUE", None, tuple(fields))
