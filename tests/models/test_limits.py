"""ao_runtime.models.limits: what an evaluation may use."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ao_runtime.errors import InputError
from ao_runtime.models import Limits


def test_defaults() -> None:
    """A billion instructions, 512 MiB, 60 seconds."""
    assert Limits() == Limits(instructions=1_000_000_000, memory=536_870_912, seconds=60.0)


@pytest.mark.parametrize(
    ("given", "size"),
    [
        (1234, 1234),
        ("1234", 1234),
        ("64MB", 67_108_864),
        ("64 MiB", 67_108_864),
        ("64-mb", 67_108_864),
        ("64m", 67_108_864),
        ("1.5gb", 1_610_612_736),
        ("1-gb", 1_073_741_824),
        ("512 kB", 524_288),
        ("7b", 7),
    ],
)
def test_sizes(given: int | str, size: int) -> None:
    """Memory is a number of bytes, or a text with a unit; units are powers of 1024 however they are written."""
    assert Limits(memory=given).memory == size


def test_none_is_no_limit() -> None:
    """Each limit can be lifted."""
    assert Limits(None, None, None) == Limits(instructions=None, memory=None, seconds=None)


def test_read() -> None:
    """Limits are given as such, as a mapping of some of them, or not at all."""
    limits = Limits(seconds=5)
    assert Limits.read(limits) is limits
    assert Limits.read({"seconds": 5}) == limits
    assert Limits.read(None) == Limits()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"memory": "lots"}, "memory: 'lots' is no size (give bytes, or a size such as 64MB)"),
        ({"memory": 0}, "memory: must be more than 0, found 0"),
        ({"memory": True}, "memory: True is no size"),
        ({"instructions": 1.5}, "instructions: must be a whole number, found 1.5"),
        ({"instructions": -1}, "instructions: must be more than 0, found -1"),
        ({"seconds": "5"}, "seconds: must be a number of seconds, found '5'"),
        ({"seconds": float("nan")}, "seconds: must be more than 0, found nan"),
        (
            {"minutes": 5},
            "limits: there is no limit called 'minutes' (the limits are instructions, memory, seconds and hard)",
        ),
        (5, "limits: must be Limits or a mapping"),
    ],
)
def test_wrong_limits(given: Any, complaint: str) -> None:
    """A limit that makes no sense is one error that names it."""
    with pytest.raises(InputError, match=re.escape(complaint)):
        Limits.read(given)


def test_immutable() -> None:
    """Limits are a value: nobody can change those that a process has."""
    with pytest.raises(AttributeError):
        Limits().seconds = 5  # type: ignore[misc]
    assert len({Limits(), Limits()}) == 1


@pytest.mark.parametrize(
    "given", [{"instructions": 2**63}, {"memory": 2**63}, {"memory": "9999999TB"}, {"seconds": 10**400}]
)
def test_more_than_can_be_counted(given: dict[str, Any]) -> None:
    """A number that the VM cannot count to is an error, which says how to have no limit."""
    with pytest.raises(InputError, match=r"is too large: .* \(None is no limit\)"):
        Limits(**given)
