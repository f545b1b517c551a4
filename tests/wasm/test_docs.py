"""docs/wasm.md: what it says that Python does with a published module is so."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "wasm.md"


def test_python(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its examples run, in a folder with the module, and answer what they say."""
    monkeypatch.chdir(published)
    text = "\n".join(re.findall(r"```py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    doctest.DocTestRunner().run(test, out=said.append)
    assert len(test.examples) == 10
    assert "".join(said) == ""
