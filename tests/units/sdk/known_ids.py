"""Hooks of schemathesis: ids in bodies are those of a process and a message that there are, most of the time."""

from __future__ import annotations

import os
import re
from random import Random
from typing import Any

import schemathesis

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_KNOWN = dict(part.split("=") for part in os.environ.get("AO_RUNTIME_KNOWN_IDS", "").split(",") if part)
_KIND = {
    "to": "process",
    "from_process": "process",
    "process-id": "process",
    "target_process": "process",
    "assign": "message",
    "message_id": "message",
    "module": "module",
}
_random = Random(3)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """A body whose ids, if they are some, are known ones."""
    if isinstance(body, dict):
        for name, value in body.items():
            known = _KNOWN.get(_KIND.get(name, ""))
            if known and isinstance(value, str) and _ID.fullmatch(value) and _random.random() < 0.9:
                body[name] = known
    return body
