"""Processes that are kept in a file, for the tests of the commands that look into such a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .running import ROOT, Ran, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")


def transfer(quantity: str, recipient: str = "bob", sender: str = "alice") -> dict[str, Any]:
    """A transfer of points."""
    return {"From": sender, "Action": "Transfer", "Recipient": recipient, "Quantity": quantity}


MESSAGES = [transfer("10"), transfer("x"), transfer("5", "carol", "bob"), {"From": "bob", "Action": "Balance"}]


def handle(file: Path, *args: str, messages: Any = MESSAGES) -> Ran:
    """`ao-run handle --state`."""
    return ao_run("handle", "--state", str(file), *args, "-", input=json.dumps(messages))


def token(file: Path) -> Path:
    """A journal of five messages, of which one failed: alice's token, from which others have got some."""
    ran = handle(file, "-p", TOKEN, "--owner", "alice")
    assert ran.code == 1
    return file
