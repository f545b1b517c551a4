"""The host's locale does not reach a process."""

import locale
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ao_runtime import Process

#: A number as text, a comparison of text, text as a number, and what a letter is.
CODE = """
return tostring(1.5) .. " " .. tostring("a" < "B") .. " " .. tostring(tonumber("2.5")) .. " " .. string.format("%.1f", 0.5)
  .. " " .. tostring(string.find("\\228", "%a")) .. " " .. tostring(string.upper("\\228") == "\\228")
"""
EXPECTED = "1.5 false 2.5 0.5 nil true"


@pytest.fixture(params=["de_DE.UTF-8", "de_DE.ISO-8859-1"])
def foreign(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A host program that has set another locale; made here where the machine has none."""
    name: str = request.param
    before = locale.setlocale(locale.LC_ALL)
    if shutil.which("localedef"):
        language, charmap = name.split(".")
        made = subprocess.run(
            ["localedef", "--no-archive", "-i", language, "-f", charmap, str(tmp_path / name)], capture_output=True
        )
        if made.returncode == 0:
            monkeypatch.setenv("LOCPATH", str(tmp_path))
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        pytest.skip(f"this machine has no locale {name} and cannot make it (Debian's package locales)")
    yield locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, before)


def test_foreign_locale(foreign: str) -> None:
    """Numbers, order and letters are the C locale's, whatever locale the host has set; the host keeps its own."""
    assert Process.spawn(code="").eval(CODE).text == EXPECTED
    assert locale.setlocale(locale.LC_ALL) == foreign


def test_locale_set_later(later: Process, foreign: str) -> None:
    """A locale that the host sets while a process lives does not reach it either."""
    assert later.eval(CODE).text == EXPECTED


@pytest.fixture
def later() -> Process:
    """A process that was started before."""
    return Process.spawn(code="")
