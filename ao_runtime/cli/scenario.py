"""A scenario for one process, from its file: what `ao-run handle` evaluates, and what is expected between messages."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .documents import Given
from .options import Asked
from .run import Check, EvalCode

if TYPE_CHECKING:
    from ..conformance import Scenario
    from ..models import Result
    from ..process import Process

__all__ = ["may_be_scenario", "scenario_in"]

#: Longer files are messages: no scenario is looked for in them.
_LONGEST = 64 << 20


def scenario_in(file: str, asked: Asked) -> tuple[list[Given | EvalCode | Check], Asked] | None:
    """What a file's scenario asks for, with the options that go with it; None where the file is of messages.

    Raises `InputError` for a scenario that is wrong, and for one that a single process cannot play.
    """
    if not may_be_scenario(file):
        return None
    from ..conformance import Scenario, environment_of, read_scenario
    from ..state import has_boot

    found = read_scenario(file)
    asked = asked.without_project("processes", "id", "owner", "tag")
    if isinstance(found, Scenario):
        return _recorded(found, file, asked)
    try:
        member, steps = found.alone()
    except InputError as error:
        raise error.within(file=file) from None
    if asked.processes or asked.env:
        raise click.UsageError(f"{file} says which process it is: leave out -p and --env")
    environment = environment_of(member)
    described = environment["Process"]
    own: dict[str, Any] = {"Id": described["Id"], "From": described["Owner"], "Owner": described["Owner"]}
    tags = [{"name": "Type", "value": "Process"}]
    own["Tags"] = tags
    given: list[Given | EvalCode | Check] = [Given(own, file, None)]
    if member.file is not None:
        asked = asked._replace(processes=(str(member.file),))
    elif member.code is not None and has_boot(asked.options):
        tags.append({"name": "On-Boot", "value": "Data"})
        own["Data"] = member.code
    elif member.code is not None:
        given.append(EvalCode(member.code))
    inboxes: dict[str, int] = {}
    for step in steps:
        if step.kind == "expect":
            given.append(_Expected(f"{step.at}.expect", step.value, inboxes))
            continue
        given.append(EvalCode(step.value) if step.kind == "eval" else Given(step.value, file, None, step.keys))
        if step.error is not None:
            given.append(_Error(f"{step.at}.error", step.error))
    return given, asked._replace(environment=environment)


def _recorded(found: Scenario, file: str, asked: Asked) -> tuple[list[Given | EvalCode | Check], Asked]:
    from ..models import read_message

    messages = [Given(read_message(message), file, None, tuple(message)) for message in found.messages]
    return [*messages], asked if asked.env else asked._replace(environment=dict(found.environment))


def may_be_scenario(file: str) -> bool:
    """Whether a file is one JSON object with steps."""
    from ..models import from_json

    try:
        if os.path.getsize(file) > _LONGEST:
            return False
        data = Path(file).read_bytes()
    except (OSError, ValueError):
        return False
    if b'"steps"' not in data or not data.lstrip().startswith(b"{"):
        return False
    try:
        document = from_json(data)
    except InputError:
        return False
    return isinstance(document, dict) and isinstance(document.get("steps"), list)


class _Expected:
    """Values of the process's state, and messages that it has sent."""

    def __init__(self, at: str, wanted: Mapping[str, Any], seen: dict[str, int]) -> None:
        self._at = at
        self._wanted = wanted
        self._seen = seen

    def unmet(self, process: Process, results: Sequence[Result]) -> Sequence[object]:
        """See `Check`."""
        from ..conformance import unmet_inbox, unmet_state

        found: list[object] = []
        for name, wanted in self._wanted.items():
            at = f"{self._at}.{name}"
            if name != "inbox":
                found += unmet_state(at, wanted, process.get, lambda value: value)
                continue
            for wallet, messages in wanted.items():
                inbox = [one for result in results for one in result.messages if one.target == wallet]
                found += unmet_inbox(at, wallet, messages, inbox[self._seen.get(wallet, 0) :], lambda value: value)
                self._seen[wallet] = len(inbox)
        return found


class _Error:
    """That the message before it fails, or does not."""

    is_of_error = True

    def __init__(self, at: str, wanted: bool | str) -> None:
        self._at = at
        self._wanted = wanted

    def unmet(self, process: Process, results: Sequence[Result]) -> Sequence[object]:
        """See `Check`."""
        from ..conformance import unmet_error

        return unmet_error(self._at, self._wanted, results[-1].error)
