"""A scenario for the tests, and sides that answer as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ao_runtime.conformance import OurLua, Scenario

CODE = "Handlers.add('ping', 'Ping', function(msg) msg.reply({Action = 'Pong', Data = msg.Data}) print('ping') end)"
PING = {"From": "bob", "Action": "Ping", "Data": "hello"}


def ping(*messages: Mapping[str, Any]) -> Scenario:
    """A process that answers pings, and messages to it."""
    return Scenario.of(None, messages or [PING], code=CODE, name="ping")


class Changed:
    """Our Lua, with its results changed by a function of the message's number and the result."""

    name = "changed"

    def __init__(self, change: Callable[[int, dict[str, Any]], Mapping[str, Any]], dialect: str = "2.0.6") -> None:
        self._change = change
        self._dialect = dialect

    def results(self, scenario: Scenario) -> Iterator[Mapping[str, Any]]:
        """See `Side`."""
        for index, result in enumerate(OurLua(self._dialect).results(scenario)):
            yield self._change(index, dict(result))


def silent(index: int, result: dict[str, Any]) -> dict[str, Any]:
    """A result without its first message, but for the process's own."""
    return {**result, "Messages": result["Messages"][1:]} if index and result.get("Messages") else result
