"""Generated cases: the same for the same seed, of every kind, and mostly without errors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from random import Random

import pytest

from ao_runtime.conformance import OurLua
from ao_runtime.conformance.generate import case
from ao_runtime.conformance.maker import Maker, literal

from ..vm.running import value

DIALECTS = ["2.0.6", "2.0.3", "2.0.1", "1", "0.2.0"]
DIGEST = """
from hashlib import sha256
from random import Random
from ao_runtime.conformance.generate import case
print(sha256(repr([case(Random(f"x/{n}"), "x", 40, d) for n in range(5) for d in ("2.0.6", "1")]).encode()).hexdigest())
"""


def test_the_seed_makes_the_case() -> None:
    """The same seed makes the same case in every run of Python, another seed another one."""
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    digests = set()
    for seed in ("1", "2"):
        environment["PYTHONHASHSEED"] = seed
        digests.add(
            subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, check=True).stdout
        )
    assert len(digests) == 1
    assert case(Random("a"), "c", 40) != case(Random("b"), "c", 40)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_most_messages_are_answered(dialect: str) -> None:
    """Of the generated messages some fail, most do not; many send, wait and print."""
    met: Counter[str] = Counter()
    for number in range(10):
        scenario = case(Random(f"kinds/{number}"), "kinds", 60, dialect).scenario()
        assert len(scenario.messages) == 60
        for result in OurLua(dialect).results(scenario.complete()):
            met["all"] += 1
            met["failed"] += "Error" in result
            for outbox in ("Messages", "Spawns", "Assignments"):
                met[outbox] += bool(result.get(outbox))
    assert met["all"] == 600
    assert 10 < met["failed"] < 200
    assert met["Messages"] > 60
    assert met["Spawns"] > 0
    assert met["Assignments"] > 0


def test_literals() -> None:
    """A literal is the text, to the byte."""
    text = "a'\\\n\x00é"
    assert value(f"return {literal(text)}") == text


def test_weights() -> None:
    """What has no weight is never made."""
    maker = Maker(Random(1))
    made = Counter(maker.weighted((3, lambda: "a"), (0, lambda: "b"), (1, lambda: "c")) for _ in range(400))
    assert set(made) == {"a", "c"}
    assert made["a"] > 2 * made["c"]
