"""Runs pytest as a program of its own, on files that a test has written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

#: A token, as most of these tests use it; line 6 fails for what is no quantity.
TOKEN = """\
Balances = Balances or { [Owner] = 1000 }
local function tell(msg, action)
  ao.send({ Target = msg.Recipient, Action = action, Quantity = msg.Quantity })
end
Handlers.add("transfer", "Transfer", function(msg)
  local amount = assert(tonumber(msg.Quantity), "no quantity")
  assert(Balances[msg.From] and Balances[msg.From] >= amount, "Insufficient balance")
  Balances[msg.From] = Balances[msg.From] - amount
  Balances[msg.Recipient] = (Balances[msg.Recipient] or 0) + amount
  tell(msg, "Credit-Notice")
end)
Handlers.add("ask", "Ask", function(msg)
  local answer = Receive({ Action = "Answer", From = msg.From })
  Answered = answer.Data
end)
"""
_SECONDS = re.compile(r"\b\d+\.\d+(s| ms| s)\b")


class Ran(NamedTuple):
    """What a run left; times are `T`."""

    code: int
    out: str

    @property
    def failures(self) -> dict[str, str]:
        """What is shown of each test that failed, by the test."""
        parts = re.split(r"^_{3,} (.+?) _{3,}\n", self.out, flags=re.MULTILINE)
        found = zip(parts[1::2], parts[2::2], strict=True)
        return {name: re.split(r"^={3,}", text, flags=re.MULTILINE)[0].strip("\n") for name, text in found}

    @property
    def summary(self) -> str:
        """The last line."""
        return self.out.rstrip().rsplit("\n", 1)[-1]


def run_pytest(folder: Path, *args: str, **variables: str) -> Ran:
    """Run the tests in a folder, without randomness in their order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"COLUMNS": "100", "PY_COLORS": "0", **variables}
    # schemathesis changes what Hypothesis says.
    off = [word for name in ("randomly", "cacheprovider", "schemathesis") for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", *off, *args]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    return Ran(done.returncode, _SECONDS.sub(r"T\1", done.stdout + done.stderr))


def project(folder: Path, **files: str) -> Path:
    """A folder with a token and these files (`test_one__py` is `test_one.py`)."""
    (folder / "token.lua").write_text(TOKEN)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder
