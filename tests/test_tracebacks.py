"""What pytest shows of an error of ours: the caller's line and the error's words, no frames of this package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CASES = {
    "a_failed_message": 'Process.spawn(code=\'Handlers.add("h", "H", function()\\n  error("boom")\\nend)\').handle(Action=\'H\').raise_for_error()',
    "code_that_does_not_load": "Process.spawn(code='x = = 1')",
    "a_message_that_makes_no_sense": "Process.spawn().handle({'Tags': [5]})",
    "a_message_model": "Message(Timestamp='noon')",
    "an_option": "Process.spawn(dialekt='1')",
    "a_limit": "Limits(seconds=-1)",
    "a_path": "Process.spawn().get('a.b.c')",
    "a_snapshot": "Process.restore(b'nothing')",
    "a_journal": "Process.open('/dev/null/x.ao')",
    "a_module": "Process(module='/nowhere.wasm')",
    "a_moment": "Process.spawn().at(7)",
    "a_closed_process": "p = Process.spawn(); p.close(); p.handle(Action='X')",
}


def test_pytest_shows_no_frames_of_ours(tmp_path: Path) -> None:
    """Every kind of error ends at the line of the test, with the words of the error."""
    lines = ["from ao_runtime import Limits, Message, Process"]
    for name, code in CASES.items():
        lines += [f"def test_{name}():", f"    {code}"]
    (tmp_path / "test_it.py").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert f"{len(CASES)} failed" in done.stdout
    ours = [line for line in done.stdout.splitlines() if "ao_runtime/" in line]
    assert ours == []
    assert 'E         > 2 |   error("boom")' in done.stdout


@pytest.mark.parametrize("code", list(CASES.values()), ids=list(CASES))
def test_it_is_an_error_of_ours(code: str) -> None:
    """Each of these raises, and one of `ao_runtime.errors`."""
    import ao_runtime

    with pytest.raises(ao_runtime.AoError):
        exec(code, {name: getattr(ao_runtime, name) for name in ("Limits", "Message", "Process")})
