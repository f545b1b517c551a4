"""A real browser: Debian's chromium, driven by `playwright-core` of npm. Both are installed by name where they may be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.differential.fetch import OracleMissingError, node, packages

__all__ = ["chromium", "drive", "library"]

LIBRARY = "playwright-core@1.65.1"
SECONDS = 300
HERE = Path(__file__).parent


def chromium() -> str:
    """The path of chromium; installs it where we may. Raises `OracleMissingError` where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        # Another test may be at it: it is waited for. A machine that is new has no lists of packages yet.
        apt = ["apt-get", "-qq", "-o", f"DPkg::Lock::Timeout={SECONDS}"]
        try:
            for command in (["install", "-y", "chromium"], ["update"], ["install", "-y", "chromium"]):
                if not shutil.which("chromium"):
                    subprocess.run([*apt, *command], capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise OracleMissingError(f"chromium did not come within {SECONDS} s") from None
        found = shutil.which("chromium")
        if found is not None:
            return found
    raise OracleMissingError("there is no chromium here, and it cannot be installed")


def library() -> Path:
    """The folder with playwright-core; fetches it if it is not there yet. Raises `OracleMissingError`."""
    return packages(LIBRARY, LIBRARY, seconds=SECONDS)


def drive(script: str, profile: Path, acts: Callable[[], object] | None = None, **told: Any) -> Any:
    """What a script beside this file says in its last line, as JSON; whatever it needs to know is in `told`.

    When it has said "ready" on a line of its own, `acts` is called. Raises `OracleMissingError` without a browser.
    """
    given = {"chromium": chromium(), "library": str(library()), "profile": str(profile), **told}
    command = [node(), "--no-warnings", str(HERE / script), json.dumps(given)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        if acts is not None:
            line = running.stdout.readline()
            if line.strip() == "ready":
                acts()
        try:
            out, problem = running.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            running.kill()
            raise
    assert running.returncode == 0, problem
    return json.loads(out.splitlines()[-1])
