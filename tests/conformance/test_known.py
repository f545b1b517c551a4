"""The differences that are meant."""

from __future__ import annotations

import re

import pytest

from ao_runtime.conformance.known import KNOWN, Known

from ..cli.running import ROOT

PAGE = (ROOT / "docs/differences.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_every_known_difference_is_documented(known: Known) -> None:
    """Each has a section of its own in docs/differences.md, and a reason."""
    assert f"\n### {known.name}\n" in PAGE
    assert len(known.reason) > 20


def test_every_explained_section_is_known() -> None:
    """Each section about what the fuzzer explains is an entry."""
    part = PAGE.split("\n## Explained by ao-run conform\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^### (.*)$", part, re.MULTILINE)) == {known.name for known in KNOWN}


def test_no_entry_explains_everything() -> None:
    """Each asks for something in the message or in a result."""
    assert all(known.message or known.ours or known.theirs or known.rewrites for known in KNOWN)
