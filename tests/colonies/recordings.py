"""What was recorded at a real server: exchanges, the keys of those who took part, and comparison without what is empty."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ao_runtime.colonies as colonies

FOLDER = Path(__file__).parent / "recorded"
KEYS: dict[str, dict[str, dict[str, str]]] = json.loads((FOLDER / "keys.json").read_text())
CRYPTO: list[dict[str, str]] = json.loads((FOLDER / "crypto.json").read_text(encoding="utf-8"))


@dataclass
class Exchange:
    """One call, or one subscription, as it was."""

    set: str
    n: int
    call: str
    case: str
    signer: str
    transport: str
    path: str
    request: str
    args: list[Any] | None
    kwargs: dict[str, Any] | None
    status: int | None = None
    content_type: str | None = None
    reply: str | None = None
    frames: list[tuple[float, str]] | None = None
    end: str | None = None

    def __str__(self) -> str:
        return f"{self.set}{self.n} {self.call}: {self.case}"

    @property
    def succeeds(self) -> bool:
        """Whether it is no refusal. (A subscription that is over is one, to us.)"""
        return self.case.startswith(("ok", "none"))

    @property
    def sent(self) -> dict[str, Any]:
        """The payload of the request."""
        payload: dict[str, Any] = opened(self.request)
        return payload

    @property
    def signer_id(self) -> str:
        """Whose key has signed it."""
        return KEYS[self.set][self.signer]["id"]

    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of the method."""
        return self._value(self.args), self._value(self.kwargs)

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$key" in value:
            return KEYS[self.set][value["$key"]]["prvkey"]
        if "$callback" in value:
            assert value["$callback"] == "true until the last entry of a batch has msgtype end"
            return lambda entries: entries[-1].msgtype != "end"
        fields = {name: self._value(item) for name, item in value.items() if name != "$model"}
        return getattr(colonies, value["$model"])(**fields) if "$model" in value else fields


def opened(envelope: str) -> Any:
    """The payload of an envelope."""
    return json.loads(base64.b64decode(json.loads(envelope)["payload"]))


@functools.cache
def recorded() -> tuple[Exchange, ...]:
    """All exchanges, in their order."""
    # Not `splitlines`: U+2028 stands in what was recorded, and parts no lines of JSON.
    texts = [file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.jsonl"))]
    return tuple(Exchange(**json.loads(line)) for text in texts for line in text.split("\n") if line)


def playable(call: str | None = None, transport: str = "http") -> list[Exchange]:
    """The exchanges of a call that a client can make; those that were malformed on purpose it cannot."""
    return [
        exchange
        for exchange in recorded()
        if exchange.args is not None and exchange.transport == transport and call in (None, exchange.call)
    ]


def malformed() -> list[Exchange]:
    """The exchanges whose requests no client would make: they were malformed on purpose."""
    return [exchange for exchange in recorded() if exchange.args is None]


def bare(value: Any) -> Any:
    """JSON without the fields that are empty: "", 0, false, null, [], {} and absent are the same on the wire."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, dict):
        fields = {name: bare(item) for name, item in value.items()}
        return {name: item for name, item in fields.items() if item not in ("", 0, False, None, [], {})}
    return value
