"""`approves`: what a message led to is what was recorded once, and looked at by somebody."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

from ..errors import InputError
from ..models import Result
from ..network import QUIET_TAGS, Evaluation, Sent
from .happened import Unmet, in_line

__all__ = ["approves"]

__tracebackhide__ = True

_FOLDER = "approved"
#: Ids of 43 characters that nobody has a name for.
_ID = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])")
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100
#: So much of data is in the file.
_LONGEST = 20_000


def approves(result: Sent | Result, name: str | None = None) -> None:
    """What came of a message is what the file `approved/<file>/<test>.txt` beside the test says.

    `--ao-update` writes the file. In it are the messages that were evaluated, what they sent, with all tags and data,
    what they printed and how they failed; not what changes with every change: ids (those with a name are that name,
    others are numbered), references, timestamps, instructions. `name` is another name for the file than the test's: a
    test with two of them needs one.

    Raises AssertionError, whose text is the difference; `InputError` outside of pytest, and for something that is no
    result.
    """
    from .running import item_at_work

    item = item_at_work()
    if item is None:
        raise InputError("only pytest tests have recorded files", advice="call it in a test, with the plugin on")
    text = account(result)
    safe = _NOT_IN_NAMES.sub("-", name or item.name).strip("-.")[:_LONGEST_NAME] or "test"
    path = Path(item.path).parent / _FOLDER / Path(item.path).stem / f"{safe}.txt"
    shown = os.path.relpath(path)
    if item.config.getoption("ao_update"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    try:
        recorded = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unmet(f"{shown} is not there yet: pytest --ao-update writes it\n\n{text}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", file=shown) from None
    if recorded != text:
        lines = difflib.unified_diff(recorded.splitlines(), text.splitlines(), shown, "now", lineterm="", n=3)
        raise Unmet("\n".join([f"{shown} says otherwise (pytest --ao-update writes it)", "", *lines]))


def account(result: Sent | Result) -> str:
    """All that came of a message, without what changes each time. Raises `InputError` for what is no result."""
    if isinstance(result, Sent):
        lines = _evaluations(result)
        label = result.tree.label
    elif isinstance(result, Result):
        lines = _result(result, "")
        label = str
    else:
        raise InputError(f"must be what handle() or send() gave, found {type(result).__name__}", field="result")
    numbers: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        address = match[0]
        name = label(address)
        if name != address and not address.startswith(name[:4]):
            return name
        return numbers.setdefault(address, f"<id {len(numbers) + 1}>")

    return "".join(f"{_ID.sub(named, line)}\n" for line in lines)


def _evaluations(sent: Sent) -> list[str]:
    lines: list[str] = []
    stack: list[tuple[Evaluation, int]] = [(sent.evaluation, 0)]
    while stack:
        one, depth = stack.pop()
        margin = "  " * depth
        item = one.item
        what = "tick" if item is None else item.action or "message"
        lines.append(f"{margin}{one.process} {what}{'' if item is None else f' from {item.sender}'}")
        if one.skipped:
            lines.append(f"{margin}  not evaluated again")
        if one.result is not None:
            lines += _result(one.result, f"{margin}  ")
        inner = [outcome for delivery in one.effects for outcome in delivery.outcomes]
        stack += [(each, depth + 1) for each in reversed(inner)]
    return lines


def _result(result: Result, margin: str) -> list[str]:
    failure = result.failure
    if failure is not None:
        place = (
            "" if failure.line is None else f" ({os.path.basename(failure.file or failure.chunk or '')}:{failure.line})"
        )
        return [f"{margin}error: {in_line(failure.message)}{place}"]
    if result.error is not None:
        return [f"{margin}error: {in_line(result.error)}"]
    lines = []
    if result.text:
        lines += [f"{margin}output: {in_line(one, _LONGEST)}" for one in result.text.split("\n")]
    for message in result.messages:
        lines.append(f"{margin}message to {message.target or 'nobody'}")
        if message.action:
            lines.append(f"{margin}  Action = {in_line(message.action)}")
        lines += [
            f"{margin}  {in_line(str(tag.name))} = {in_line(str(tag.value), _LONGEST)}"
            for tag in message.tags
            if tag.name not in QUIET_TAGS
        ]
        if message.data not in (None, ""):
            lines.append(f"{margin}  Data: {in_line(str(message.data), _LONGEST)}")
    for spawn in result.spawns:
        tags = [f"{tag.name} = {tag.value}" for tag in spawn.tags if tag.name not in QUIET_TAGS]
        lines.append(f"{margin}spawn ({in_line(', '.join(tags), _LONGEST)})")
    lines += [f"{margin}assignment" for _ in result.assignments]
    return lines
