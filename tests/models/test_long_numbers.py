"""Numbers and names of any length are read or refused, by an error of ours, in time that follows their size."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ao_runtime import InputError, Limits, Process
from ao_runtime.errors import AoError
from ao_runtime.models import decode, encode, from_json
from ao_runtime.models.error_text import place_in

DIGITS = "1" * 5000
HUGE = 10**5000


@pytest.fixture(scope="module")
def process() -> Process:
    """A process."""
    return Process.spawn(code="X = 1")


@pytest.mark.parametrize("digits", [10, 11, 19, 4300, 4301, 100_000])
def test_line_number(process: Process, digits: int) -> None:
    """A place in an error's text is one where its line can be one; else it is text like other text.

    Of a chunk that nobody knows it is the caller's line that is told.
    """
    text = f'[string "a"]:{"1" * digits}: x'
    failure = process.eval(f"error({text!r}, 0)").failure
    assert failure is not None
    expected = ("x", "aos", 1) if digits == 10 else (text, None, None)
    assert (failure.message, *((failure.chunk, failure.line) if digits == 10 else (None, None))) == expected


def test_the_batch_is_kept() -> None:
    """A message with such an error keeps no other out of the journal."""
    process = Process.spawn(code="X = 1")
    ping = {"From": "bob", "Action": "Ping"}
    results = process.handle_many([ping, process.eval_message(f"""error('[string "a"]:{DIGITS}: x', 0)"""), ping])
    assert [result.ok for result in results] == [True, False, True]
    assert process.count == 4


@pytest.mark.parametrize(
    "message",
    [
        {"Timestamp": HUGE},
        {"Timestamp": DIGITS},
        {"Timestamp": float("inf")},
        {"Block-Height": -HUGE},
        {"Nonce": HUGE, "X": {"a": HUGE}},
        {"Tags": [{"name": "a", "value": HUGE}]},
        {"Tags": HUGE},
        {"From": HUGE},
        {HUGE: 1},
        {"X": {HUGE: 1}},
        {"X": {1: 2}},
    ],
    ids=lambda _: "message",
)
def test_in_a_message(message: Any) -> None:
    """What a message holds is taken (as Lua's numbers are), or an InputError; the next message is answered."""
    process = Process.spawn(code="X = 1")
    try:
        process.handle({"Action": "Ping", **message})
    except InputError as error:
        assert len(str(error)) < 500  # noqa: PT017 (it need not be raised)
    assert process.handle(Action="Ping").ok


@pytest.mark.parametrize("name", ["instructions", "memory", "seconds"])
@pytest.mark.parametrize("value", [HUGE, -HUGE, DIGITS, DIGITS + "MB", [HUGE], "9" * 400 + "MB"], ids=lambda _: "value")
def test_as_a_limit(name: str, value: Any) -> None:
    """A limit of so many digits is an InputError that can be read."""
    with pytest.raises(InputError) as caught:
        Limits.read({name: value})
    assert len(str(caught.value)) < 500


def test_elsewhere(process: Process) -> None:
    """So it is wherever a number is asked for, and in JSON."""
    for call in (
        lambda: process.at(HUGE),
        lambda: process.get(HUGE),  # type: ignore[arg-type]
        lambda: Process.spawn(code="X = 1", dialect=DIGITS),
        lambda: from_json(f'{{"a": {DIGITS}}}'),
        lambda: Process.spawn(code="X = 1", tags=HUGE),
    ):
        with pytest.raises(AoError):
            call()
    assert decode(encode([HUGE, -HUGE])) == [float("inf"), float("-inf")]


def test_places_are_found_in_one_go() -> None:
    """The places that an error's text begins with are found in time that follows their number."""
    began = time.process_time()
    place = place_in('[string "a"]:1: ' * 300_000 + "x")
    assert (place.chunk, place.line, place.message) == ("a", 1, "x")
    assert time.process_time() - began < 2


def test_long_keys() -> None:
    """What stands under a long key costs no more than under a short one."""
    value = {"k" * 1_000_000: list(range(20_000))}
    began = time.process_time()
    encode(value)
    with pytest.raises(InputError, match=r"^message\.k+\[0\]: a object cannot"):
        encode({"k" * 1000: [object()]})
    assert time.process_time() - began < 2
