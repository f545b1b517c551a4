"""Hostile journals: whatever the bytes, they are refused or hold what they held, and the interpreter goes on."""

from __future__ import annotations

import os
import random

from ..fuzz.run import fuzz


def test_mutated_journals() -> None:
    """Some thousands of mutated files, logs and locks: `python -m tests.fuzz journals` does more."""
    seed = 1 if os.environ.get("CI") else random.randrange(10**6)
    outcomes = fuzz("journals", 2000, seed)
    assert outcomes.total() == 2000
    # They do mutate what matters, and not all is damaged by it.
    assert outcomes["is damaged"] > 500
    assert outcomes["the same"] > 100
