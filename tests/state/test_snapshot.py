"""A snapshot is a moment of a process as bytes: whole or refused, and the same bytes for the same moment."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ao_runtime
from ao_runtime import AoError, InputError, Limits, Process, SnapshotError
from ao_runtime.state.journal import Checkpoint
from ao_runtime.state.snapshot import MAGIC, Moment, read_snapshot, write_snapshot
from ao_runtime.vm import chunks
from tests.state.engines import CODE, ENGINES, playing

NO_LIMIT = Limits(memory=None)


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every engine in turn."""
    with playing(request.param):
        yield request.param


def sealed(data: bytes) -> bytes:
    """The same bytes with a digest that is right."""
    return data + blake2b(data, digest_size=32).digest()


BIRTH = {"format": 1}
BASES = st.builds(
    Checkpoint,
    st.integers(0, 5),
    st.none() | st.binary(max_size=3_000_000),
    st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5) | st.floats(allow_nan=False),
    st.just(7),
    st.just(True),
)
SHAPES = st.tuples(st.just(("Id", None, "Action")), st.tuples(st.binary(max_size=9), st.binary(max_size=9)))
KEPT = st.tuples(SHAPES | st.binary(min_size=1), st.none() | st.integers(1, 2**62), st.booleans())
READS = st.tuples(st.sampled_from(["module", "file"]), st.text(max_size=9), st.none() | st.binary(max_size=99))


@settings(max_examples=60)
@given(st.builds(Moment, st.just(BIRTH), BASES, st.lists(KEPT, max_size=5), st.lists(READS, max_size=5)))
def test_there_and_back(moment: Moment) -> None:
    """What is read is what was written, and written again it is the same bytes."""
    data = write_snapshot(moment)
    assert read_snapshot(data, NO_LIMIT) == moment
    assert write_snapshot(moment) == data


def test_blocks() -> None:
    """A state of many megabytes is whole, whatever threads pack it."""
    state = b"".join(struct.pack("<I", n) for n in range(2_000_000))
    moment = Moment(BIRTH, Checkpoint(3, state, 1, 2, False), [], [])
    data = write_snapshot(moment)
    assert len(data) < len(state)
    assert read_snapshot(data, NO_LIMIT) == moment
    assert {write_snapshot(moment) for _ in range(3)} == {data}


def test_restored(engine: str) -> None:
    """A restored process is the process: state, numbers, clock, limits, what it has read, and its next snapshot."""
    process = Process.spawn(code=CODE, owner="alice", files={"a": "A"}, modules={"a": "return { name = 'M' }"})
    for action in ("Count", "Break", "More", "Read", "Break"):
        process.handle(From="bob", Action=action, Name="a")
    data = process.snapshot()
    # Without the files that it has read already.
    other = Process.restore(data, files={})
    assert (other.id, other.owner, other.environment) == (process.id, process.owner, process.environment)
    assert (other.limits, other.count, other.fill()) == (process.limits, process.count, process.fill())
    assert other.snapshot() == data
    for action in ("Read", "Extra", "Count", "Break", "More"):
        message = {"From": "bob", "Action": action, "Name": "a"}
        assert other.handle(message).to_dict() == process.handle(message).to_dict()


def test_nothing_seen_yet(engine: str) -> None:
    """A process that has seen nothing, or nothing but failures, can be written down as well."""
    process = Process({"Process": {"Id": "P", "Owner": "O"}}, limits={"seconds": 5})
    assert Process.restore(process.snapshot()).snapshot() == process.snapshot()
    process.handle(Id="P", From="O", Data="error('no')", Tags={"Type": "Process", "On-Boot": "Data"})
    other = Process.restore(process.snapshot())
    assert (other.count, other.limits.seconds) == (1, 5)
    assert other.handle(Id="P", From="O", Type="Process").ok


def test_waiting() -> None:
    """A process in which a handler waits is written down as messages, and restored it waits."""
    process = Process.spawn(code=CODE, owner="alice")
    process.handle(From="bob", Action="Count")
    process._state.save()
    process.handle(From="bob", Action="Wait")
    process.handle(From="eve", Action="Break")
    process.handle(From="bob", Action="Count")
    other = Process.restore(process.snapshot())
    assert other.count == process.count == 5
    other = Process.restore(other.snapshot())
    assert other.at(3).get("Count") == 1
    assert other.handle(From="bob", Action="Answer", Data="it").messages[0].data == "got it at 2"


def test_its_own_module(tmp_path: Path) -> None:
    """A project's own module is restored from its folder, from another one, or from what it had read."""
    folder = tmp_path / "module"
    folder.mkdir()
    text = "local n = 0 return { handle = function(msg) n = n + 1 return { Output = tostring(n) } end }"
    (folder / "process.lua").write_text(text)
    with playing("logging"):
        process = Process({"Process": {"Id": "P"}}, module=folder)
        assert process.handle(Id="x").output == "1"
        data = process.snapshot()
        assert Process.restore(data).handle(Id="x").output == "2"
        folder.rename(tmp_path / "moved")
        assert Process.restore(data).handle(Id="x").output == "2"
        assert Process.restore(data, module=tmp_path / "moved").handle(Id="x").output == "2"
    with pytest.raises(InputError, match="module: is not what the process was started with"):
        Process.restore(Process.spawn(code="").snapshot(), module=tmp_path / "moved")


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -float("inf"), 2.5, 10**30, -(10**30), "17", 0])
def test_strange_times(time: Any, engine: str) -> None:
    """Whatever a message said of time, it is said of the next one, restored or not."""
    process = Process.spawn(code=CODE)
    process.handle(**{"Timestamp": time, "Block-Height": time})
    other = Process.restore(process.snapshot())
    assert str(other.fill()) == str(process.fork().fill())
    other.handle(Action="Count")
    process.handle(Action="Count")
    assert str(other.fill()) == str(process.fill())


def test_files_must_be_given_again() -> None:
    """A mapping or a function cannot be written down: it is asked for."""
    data = Process.spawn(code="", files={"a": "b"}).snapshot()
    with pytest.raises(InputError, match=r"files: were a mapping or a function.*must be given again"):
        Process.restore(data)
    assert Process.restore(data, files={"a": "c"}).eval("return io.open('/data/a'):read('a')").text == "c"


def test_an_environment_that_json_cannot_hold() -> None:
    """An environment with keys that are no text, or infinite numbers, cannot be written down, and that is said."""
    for more in ({5: "x"}, [float("inf")]):
        process = Process({"Process": {"Id": "P"}, "More": more})
        with pytest.raises(InputError, match="environment: cannot be written down as JSON"):
            process.snapshot()
    bytes_in_it = Process({"Process": {"Id": "P", "Tags": {"a": b"\xff"}}})
    assert Process.restore(bytes_in_it.snapshot()).environment == bytes_in_it.environment


DATA = Process.spawn(code="Count = 1", owner="alice").snapshot()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is no snapshot"),
        (b"GIF89a" * 100, "is no snapshot"),
        (MAGIC[:5], "is damaged: it is cut short"),
        (DATA[:40], "is damaged: it is cut short"),
        (DATA[:-1], "is damaged: it is not whole"),
        (DATA + b"x", "is damaged: it is not whole"),
        (DATA[:200] + b"!" + DATA[201:], "is damaged: it is not whole"),
        (sealed(MAGIC + b"\x02\x00" + DATA[14:-32]), "is a snapshot of version 2, and this ao-runtime knows 1"),
        (sealed(MAGIC + b"\x01\x00" + b"\xff\xff\xff\xff{}"), "is damaged: what is in it makes no sense"),
        (sealed(MAGIC + b"\x01\x00" + b"\x02\x00\x00\x00{}"), "is damaged: what is in it makes no sense"),
        (sealed(MAGIC + b"\x01\x00" + struct.pack("<I", 100_000) + b"[" * 100_000), "makes no sense"),
    ],
)
def test_refused(data: bytes, problem: str) -> None:
    """What is foreign, damaged, cut short or of a later version is refused, and it is said which."""
    with pytest.raises(SnapshotError, match=problem):
        Process.restore(data)


def test_no_bytes() -> None:
    """What is no bytes at all is the caller's mistake."""
    with pytest.raises(InputError, match="a snapshot is bytes, found a str"):
        Process.restore("text")  # type: ignore[arg-type]
    assert Process.restore(bytearray(DATA)).get("Count") == 1


def made(change: Callable[[dict[str, Any]], object], blocks: bytes | None = None) -> bytes:
    """A snapshot by somebody who knows the format: its header changed, and its blocks."""
    from ao_runtime.models.json_text import from_json, to_json

    (size,) = struct.unpack_from("<I", DATA, 14)
    header = from_json(DATA[18 : 18 + size])
    change(header)
    text = to_json(header).encode()
    rest = DATA[18 + size : -32] if blocks is None else blocks
    return sealed(DATA[:14] + struct.pack("<I", len(text)) + text + rest)


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.pop("birth"),
        lambda h: h.update(birth=5),
        lambda h: h.update(birth={}),
        lambda h: h["birth"].pop("environment"),
        lambda h: h["birth"].update(environment={"Process": {"Id": 5}}),
        lambda h: h["birth"].update(environment=None, limits=None),
        lambda h: h["birth"].update(dialect="3"),
        lambda h: h["birth"].update(engine="wasm"),
        lambda h: h["birth"].update(modules=5),
        lambda h: h["birth"].update(format=2),
        lambda h: h["birth"].update(own="yes"),
        lambda h: h.update(count=-1),
        lambda h: h["base"].update(position=10**30),
        lambda h: h["base"].update(fresh=True),
        lambda h: h["base"].update(fresh=True, unborn=True),
        lambda h: h["base"].update(fresh=0),
        lambda h: h["base"].update(unborn=None),
        lambda h: h["base"].update(timestamp=[]),
        lambda h: h.update(sizes=[1, 2]),
        lambda h: h.update(sizes=[-1, 2, 3]),
        lambda h: h.update(sizes=[0, 0, sum(h["sizes"])]),
        lambda h: h["sizes"].__setitem__(2, h["sizes"][2] + 1),
        lambda h: h["sizes"].__setitem__(2, h["sizes"][2] - 1),
    ],
)
def test_made_on_purpose(change: Callable[[dict[str, Any]], object]) -> None:
    """A digest that is right does not help what makes no sense: it is refused, by an error of ours."""
    with pytest.raises((SnapshotError, InputError)):
        Process.restore(made(change))


def test_more_than_it_says() -> None:
    """No block is unpacked further than it says, and all of them not further than a process can hold."""
    bomb = zlib.compress(bytes(1 << 26), 9)
    for packed, size in ((bomb, 1 << 20), (bomb, 1 << 26), (bomb[:-5], 1 << 20), (bomb + b"x", 1 << 20)):
        block = struct.pack("<II", len(packed), size) + packed
        with pytest.raises(SnapshotError, match="makes no sense"):
            Process.restore(made(lambda h: h.update(sizes=[2, 0, (1 << 26) - 2]), block))
    with pytest.raises(SnapshotError, match="holds 34359738368 bytes, more than"):
        Process.restore(made(lambda h: h.update(sizes=[0, 0, 1 << 35])))
    with pytest.raises(SnapshotError, match=r"more than the 83886080 .* memory limit lets in.*limits="):
        Process.restore(made(lambda h: h.update(sizes=[0, 0, 1 << 27])), limits={"memory": "8MB"})


@settings(max_examples=300)
@given(at=st.integers(0, len(DATA) - 1), value=st.integers(0, 255), how=st.sampled_from("icdt"))
def test_damaged_anywhere(at: int, value: int, how: str) -> None:
    """A byte changed, put in or left out anywhere, or the end cut off: nothing loads."""
    middle = {"i": bytes([value, DATA[at]]), "c": bytes([value]), "d": b"", "t": None}[how]
    data = DATA[:at] if middle is None else DATA[:at] + middle + DATA[at + 1 :]
    if data != DATA:
        with pytest.raises(SnapshotError):
            Process.restore(data)


def test_damaged_a_hundred_thousand_times() -> None:
    """Of 100 000 snapshots with a few changes at random places, none loads."""
    chance = random.Random(1)
    for _ in range(100_000):
        data = bytearray(DATA)
        for _ in range(chance.randrange(1, 4)):
            at, kind = chance.randrange(len(data)), chance.randrange(4)
            if kind == 0:
                data[at] ^= 1 << chance.randrange(8)
            elif kind == 1:
                del data[at : at + chance.randrange(1, 9)]
            elif kind == 2:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
            else:
                data[at : at + 4] = chance.choice([b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x80"])
        if data != DATA:
            with pytest.raises(SnapshotError):
                read_snapshot(bytes(data), NO_LIMIT)


@settings(max_examples=60)
@given(at=st.integers(0, 1 << 20), value=st.integers(0, 255))
def test_damaged_on_purpose(at: int, value: int) -> None:
    """The same with a digest that is right: it may load, but nothing else than an error of ours comes of it."""
    (size,) = struct.unpack_from("<I", DATA, 14)
    packed, whole = struct.unpack_from("<II", DATA, 18 + size)
    body = bytearray(zlib.decompress(DATA[26 + size : 26 + size + packed]))
    rest = DATA[26 + size + packed : -32]
    body[at % whole] = value
    block = zlib.compress(bytes(body), 1)
    data = sealed(DATA[: 18 + size] + struct.pack("<II", len(block), whole) + block + rest)
    try:
        Process.restore(data).get("Count")
    except AoError:
        return


def test_a_snapshot_of_another_version(tmp_path: Path) -> None:
    """Where our Lua is another by now, a snapshot is refused, and a journal with one beside it goes on."""
    old, new = tmp_path / "old", tmp_path / "new"
    for home in (old, new):
        shutil.copytree(Path(ao_runtime.__file__).parent, home / "ao_runtime", ignore=shutil.ignore_patterns("lua"))
        shutil.copytree(chunks.FOLDER, home / "lua")
    module = new / "lua/handlers.lua"
    module.write_text("local function more() return 1 end\n" + module.read_text())
    script = """
        import sys
        from ao_runtime import Process, SnapshotError
        if sys.argv[1] == "old":
            process = Process.spawn(code="Count = 7", owner="alice", state="a.ao")
            process._state.save()
            process._state.disk._put(process._state.saved)
            open("snapshot", "wb").write(process.snapshot())
            process.close()
        else:
            try:
                Process.restore(open("snapshot", "rb").read())
            except SnapshotError as error:
                print(error)
            with Process.open("a.ao") as process:
                print(process._state.disk._store.snapshot()[0], process.get("Count"))
    """
    told = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script), home.name],
            env={**os.environ, "PYTHONPATH": str(home)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for home in (old, new)
    ]
    assert told == [
        "",
        "the saved state was made by another version of ao_runtime"
        " (use the ao-runtime that wrote it; a journal on disk outlives versions)\n1 7\n",
    ]
