"""Which tests failed the last time, in a file that no repository takes: for `ao-run test --rerun`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ...models import read_regular
from .outcome import Outcome

__all__ = ["last_failed", "note_failed"]

_FOLDER, _FILE = ".ao-run", "failed.json"
_LARGEST = 16 << 20


def last_failed() -> set[tuple[str, str]]:
    """Files and names of the tests that failed in this folder the last time."""
    try:
        found = json.loads(read_regular(Path(_FOLDER) / _FILE, _LARGEST))
        return {(str(file), str(name)) for file, name in found}
    except (OSError, ValueError, TypeError, RecursionError):
        return set()


def note_failed(outcomes: Sequence[Outcome]) -> None:
    """Note which tests failed. Those that were not run stay as they were. Where nothing can be written, nothing is."""
    ran = {(one.file, one.name) for one in outcomes}
    before = last_failed()
    failed = {(one.file, one.name) for one in outcomes if one.status == "failed"} | (before - ran)
    if failed == before:
        return
    folder = Path(_FOLDER)
    with suppress(OSError):
        if not folder.exists():
            folder.mkdir()
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        (folder / _FILE).write_text(json.dumps(sorted(failed), indent=1) + "\n", encoding="utf-8")
