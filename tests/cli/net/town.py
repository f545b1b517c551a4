"""A network in a folder for the tests of the commands: alice's token, of which bob has got some."""

from __future__ import annotations

import re
from pathlib import Path

from ..running import ROOT, Ran, ao_run

TOKEN = str(ROOT / "examples/token/token.lua")
CLOCK = """
Ticks = 0
Handlers.add("Tick", "Tick", function() Ticks = Ticks + 1 Send({ Target = Owner, Action = "Tock", N = tostring(Ticks) }) end)
"""


def net(command: str, folder: Path, *args: str, input: str | None = None) -> Ran:
    """`ao-run net COMMAND FOLDER …`."""
    return ao_run("net", command, str(folder), *args, input=input)


def shape(ran: Ran) -> Ran:
    """What a command printed, with ids as `<id>` and numbers of instructions as `[n]`: they follow from the code."""
    out = re.sub(r"(?m)^( *)\[\d+\]", r"\1[n]", ran.out)
    return ran._replace(out=re.sub(r"(?<![\w-])[\w-]{43}(?![\w-])", "<id>", out))


def town(folder: Path) -> Path:
    """A folder with the wallets alice and bob, and the process Points: alice's token, of which bob has 250."""
    for ran in (
        net("init", folder, "--wallet", "alice", "--wallet", "bob"),
        net("spawn", folder, TOKEN, "--owner", "alice", "--name", "Points"),
        transfer(folder, "250"),
    ):
        assert (ran.code, ran.err) == (0, "")
    return folder


def transfer(folder: Path, quantity: str, sender: str = "alice", recipient: str = "bob", *more: str) -> Ran:
    """A transfer of points."""
    words = ["Action=Transfer", f"Recipient={recipient}", f"Quantity={quantity}"]
    return net("send", folder, "Points", "--from", sender, *words, *more)
