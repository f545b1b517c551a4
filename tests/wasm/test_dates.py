"""Dates: the same as C's, at every edge of the calendar."""

from __future__ import annotations

import calendar
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.wasm.dates import Moment, format_moment, from_seconds, to_seconds

SECONDS = st.integers(-62135596800, 253402300799)  # the years 1 to 9999


@given(SECONDS)
def test_from_seconds(seconds: int) -> None:
    """A moment's fields are those of `gmtime`."""
    there = time.gmtime(seconds)
    assert from_seconds(seconds).fields() == (
        *(there.tm_sec, there.tm_min, there.tm_hour, there.tm_mday, there.tm_mon - 1, there.tm_year - 1900),
        *((there.tm_wday + 1) % 7, there.tm_yday - 1, 0),
    )


@given(st.integers(-8_640_000_000_000, 8_640_000_000_000))
def test_there_and_back(seconds: int) -> None:
    """Every moment that there can be comes back."""
    assert to_seconds(from_seconds(seconds)) == seconds


@given(SECONDS)
def test_as_timegm(seconds: int) -> None:
    """The seconds of a moment are those of `timegm`."""
    assert to_seconds(from_seconds(seconds)) == calendar.timegm(time.gmtime(seconds))


@given(SECONDS.filter(lambda seconds: seconds > -30610224000))  # from the year 1000: C does not pad the others alike
def test_format(seconds: int) -> None:
    """All fields are written as C writes them."""
    pattern = "%a %A %b %B %C %d %D %e %F %g %G %h %H %I %j %m %M %n %p %r %R %S %t %T %u %U %V %w %W %x %X %y %Y %c"
    there = time.gmtime(seconds)
    # C pads the day of %c with a blank, emscripten with a zero.
    expected = time.strftime(pattern.removesuffix(" %c"), there) + time.strftime(" %a %b %d %H:%M:%S %Y", there)
    assert format_moment(pattern, from_seconds(seconds)) == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("%%", "%"), ("%Z%z", "+0000"), ("100%", "100%"), ("%Q", "%Q"), ("%Ey %Od", "70 01"), ("%E", "%E"), ("é", "é")],
)
def test_edges(pattern: str, text: str) -> None:
    """What is no field stays as it is."""
    assert format_moment(pattern, from_seconds(0)) == text


def test_too_far() -> None:
    """Beyond what the network's loader knows there is no date."""
    assert from_seconds(8_640_000_000_001) == from_seconds(-(1 << 63)) == Moment()


@given(st.tuples(*(st.integers(-(1 << 31), (1 << 31) - 1) for _ in range(9))))
def test_any_fields(fields: tuple[int, ...]) -> None:
    """Fields that make no sense are a moment all the same."""
    moment = Moment(*fields)
    assert isinstance(to_seconds(moment), int)
    assert isinstance(format_moment("%c %G %V %U %W %p %I %y %C %j", moment), str)
