"""What comes from a child is checked before it is used: whatever bytes it sends, they are an answer or refused."""

from __future__ import annotations

import os
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import AoError
from ao_runtime.isolation.answers import ANSWER, read_answer, write_answer
from ao_runtime.isolation.wire import Frames, MalformedError, framed, read_values, write, write_values
from ao_runtime.models import FAILED, FAST, JSON, Result
from ao_runtime.state.failures import failure_of
from ao_runtime.state.lua_sources import LuaSources

VALUES = st.lists(st.one_of(st.binary(max_size=20), st.integers(-(2**63), 2**63 - 1), st.just(True), st.none()))
KINDS = st.sampled_from([FAST, FAILED, JSON, 0, 4, -1])
TEXT = st.sampled_from([b"", b"x", b"aos", b"\xff", b'[string "aos"]:99:', None])
#: Failures with frames.
FAILURES = st.tuples(
    st.tuples(st.just(FAILED), st.integers(-1, 9), st.sampled_from([b"", b'[string ".a"]:1: x', b"\xff"])),
    st.tuples(st.sampled_from([None, b"time", b"memory", b"instructions", b"other"]), TEXT, TEXT),
    st.lists(st.tuples(TEXT, st.integers(-9, 2**62), TEXT, st.integers(-9, 9), st.integers(-9, 9)), max_size=3).map(
        lambda frames: tuple(value for frame in frames for value in frame)
    ),
).map(lambda parts: sum(parts, ()))
#: Values as they stand in answers, mixed up.
ANSWERS = FAILURES | st.tuples(KINDS, st.integers(-1, 9)).flatmap(
    lambda first: st.lists(
        st.one_of(
            st.sampled_from([b"", b"time", b"x", b"\xff", b'{"Error":[]}', b"{}", None, True]), st.integers(-4, 4)
        ),
        max_size=24,
    ).map(lambda rest: (*first, *rest))
)


@given(VALUES)
def test_there_and_back(values: list[object]) -> None:
    """Values are the same on the other side."""
    _, back = read_values(write_values(b"P", values))
    assert back == tuple(values)
    assert [type(value) for value in back] == [type(value) for value in values]


@given(st.binary(max_size=80), VALUES, st.data())
def test_any_bytes(noise: bytes, values: list[object], data: st.DataObject) -> None:
    """Bytes that are no values are refused, and nothing else comes of them."""
    frame = bytearray(write_values(b"A", values))
    at = data.draw(st.integers(0, len(frame) - 1))
    frame[at : at + len(noise)] = noise
    for body in (noise, bytes(frame), bytes(frame[:at])):
        for read in (read_values, read_answer):
            try:
                read(body)
            except MalformedError:
                continue


@given(ANSWERS)
def test_what_is_taken_for_an_answer_can_be_read(values: tuple[object, ...]) -> None:
    """Whatever is not refused is a result that can be looked at from all sides, or an error of ours says why not."""
    try:
        raw = read_answer(write_values(ANSWER, values))
    except MalformedError:
        return
    assert raw == values
    if raw[0] == JSON:
        return
    failure = failure_of(raw, sources=LuaSources(None), boot_file=None, unstarted=False) if raw[0] == FAILED else None
    result = Result.of_answer(raw, failure)
    assert result.to_json()
    assert repr(result)
    try:
        _ = (result.messages, result.spawns, result.assignments, result.output, result.text, result.ok)
        result.raise_for_error()
    except AoError:
        pass


FINE = [
    (FAST, 5, b"data", b"prompt", True, 0),
    (FAST, 5, b"d", b"p", b"test", 2, b"t", b"data", b"a", -2, b"n", b"v", b"t", None, b"a", 1, b"n", b"v"),
    (FAST, 5, b"d", b"p", True, 1, b"t", b"d", b"a", -1),
    (FAILED, 0, b"text", None, None, None),
    (FAILED, 0, b"text", b"time", b"message", b"handler", b"aos", 1, None, 0, 9, b".x", 2, b"f", 1, 3),
    (JSON, 9, b'{"Error":"x"}'),
]
WRONG = [
    (),
    (FAST, 5),
    (7, 5, b"x"),
    (FAST, 5, b"d", b"p", None, 0),
    (FAST, 5, b"d", b"p", True, 1),
    (FAST, 5, b"d", b"p", True, -1),
    (FAST, 5, b"d", b"p", True, 2**62),
    (FAST, 5, b"d", b"p", True, 0, b"more"),
    (FAST, 5, b"d", b"p", True, 1, b"t", b"d", b"a", 2, b"n", b"v"),
    (FAST, 5, b"d", b"p", True, 1, b"t", b"d", b"a", -(2**63)),
    (FAST, 5, b"d", b"p", True, 2, b"t", b"d", b"a", 1, b"t", b"d", b"a", 0),
    (FAILED, 0, b"text", b"patience", None, None),
    (FAILED, None, b"text", None, None, None),
    (FAILED, 0, b"text", None, None, None, b"aos", 1, None),
    (FAILED, 0, b"text", None, None, None, b"aos", None, None, 1, 2),
    (JSON, 9, None),
    (JSON, 9, b"{}", b"more"),
]


@pytest.mark.parametrize("raw", FINE, ids=repr)
def test_answers(raw: tuple[object, ...]) -> None:
    """What engines answer goes through as it is."""
    assert read_answer(write_answer(raw)) == raw


@pytest.mark.parametrize("raw", WRONG, ids=repr)
def test_no_answers(raw: tuple[object, ...]) -> None:
    """What no engine answers is refused."""
    with pytest.raises(MalformedError):
        read_answer(write_values(ANSWER, raw))


def test_lengths_that_lie() -> None:
    """A frame that says that it holds more than it does is refused, without room being made for it."""
    with pytest.raises(MalformedError):
        read_values(b"A" + struct.pack("<I", 2**32 - 1))
    with pytest.raises(MalformedError):
        read_values(b"A" + struct.pack("<I", 1) + b"b" + struct.pack("<q", 2**40))
    with pytest.raises(MalformedError):
        read_values(b"A" + struct.pack("<I", 1) + b"b" + struct.pack("<q", -1) + b"x")


def test_frames() -> None:
    """Frames of any size arrive as they were sent, however the pipe cuts them; too long ones are refused."""
    reader, writer = os.pipe()
    sent = [b"", b"a", os.urandom(65528), b"b", os.urandom(3_000_000), *([b"c" * 100] * 2000), b"end"]

    def send() -> None:
        for body in sent[:5]:
            write(writer, framed(body))
        write(writer, b"".join(map(framed, sent[5:])))
        write(writer, struct.pack("<Q", 2**63))
        os.close(writer)

    thread = threading.Thread(target=send)
    thread.start()
    frames = Frames(reader)
    try:
        assert [frames.read() for _ in sent] == sent
        frames.most = 1 << 20
        with pytest.raises(MalformedError):
            frames.read()
        with pytest.raises(EOFError):
            Frames(reader).read()
    finally:
        thread.join()
        os.close(reader)
