"""docs/testing.md: the tutorial, from an empty folder on, prints what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from ..cli.running import COMMAND, ROOT
from ..test_docs import blocks, uncounted

PAGE = ROOT / "docs" / "testing.md"
#: pytest as it is where nothing else is said: no settings of this project, nothing random.
PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-c",
    os.devnull,
    "--rootdir",
    ".",
    "-p",
    "no:randomly",
    "-p",
    "no:cacheprovider",
    # it changes what Hypothesis says
    "-p",
    "no:schemathesis",
]


def test_tutorial(tmp_path: Path) -> None:
    """Every command of the page, one after the other; times and numbers of instructions may be others."""
    functions = "".join(
        f'{name}() {{ {shlex.join(command)} "$@"; }}\n' for name, command in (("ao-run", COMMAND), ("pytest", PYTEST))
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    # With CI, Hypothesis measures no time: the machine may be busy.
    environment |= {"COLUMNS": "100", "PY_COLORS": "0", "CI": "true"}
    folder = tmp_path / "empty"
    folder.mkdir()
    for command, output in [one for block in blocks(PAGE) for one in block]:
        done = subprocess.run(
            ["bash", "-c", f"trap 'pwd >{tmp_path}/.pwd' EXIT\n{functions}{command}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=folder,
            env=environment,
            timeout=120,
        )
        folder = Path((tmp_path / ".pwd").read_text().strip())
        assert _untimed(done.stdout) == _untimed(output), command


def _untimed(text: str) -> str:
    text = re.sub(r"\b\d+\.\d+( ?m?s)\b", r"T\1", uncounted(text))
    text = re.sub(r"\[\d+\]|\[…\]", "[I]", text)
    return re.sub(r"(?<![\w-])[\w-]{43}(?![\w-])", "ID", text)
