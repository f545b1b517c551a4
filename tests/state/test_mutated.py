"""Snapshots and journals that somebody has changed, with their digests made right: only errors of ours come of them."""

from __future__ import annotations

import copy
import json
import random
import sqlite3
import struct
import time
import zlib
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import AoError, InternalError, Limits, Process
from ao_runtime.process.replaying import replay
from ao_runtime.store import Entry, Store

LIMITS = Limits(instructions=10**6, memory="64MB", seconds=1)
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 1.5, 1e308, "", "x", "\0", "../x", "/etc/passwd", "/dev/zero",
    [], {}, [[]], {"a": 1}, "1" * 5000, "\ud800", [None] * 3, float("nan"), "2.0.1", "wasm", [[[[1]]]] * 2,
]  # fmt: skip
CODE = """
X = { 1, 2, y = {} }
local up = 0
function Count() up = up + 1 return up end
setmetatable(X, { __index = function(_, k) return k end })
db = require('lsqlite3').open_memory()
db:exec('create table t(a)')
Handlers.add('w', 'Wait', function(msg) Receive({ Action = 'Go' }) end)
"""


def process(path: Path | None = None) -> Process:
    """A process with one of everything."""
    made = Process.spawn(code=CODE, id="P", owner="O", modules={"m": "return 1"}, state=path)
    made.eval("require('m') co = coroutine.create(function() end) coroutine.resume(co) return Count()")
    made.handle(Action="Wait")
    made.eval("error('x')")
    made.eval("return 1")
    return made


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a JSON value."""
    found = [at] if at else []
    if isinstance(value, dict):
        for key in value:
            found += paths(value[key], (*at, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            found += paths(value[index], (*at, index))
    return found


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with something else in up to three places."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = paths(value)
        if not places:
            break
        *way, last = chance.choice(places)
        holder = value
        for key in way:
            holder = holder[key]
        if chance.random() < 0.15:
            del holder[last]
        else:
            holder[last] = copy.deepcopy(chance.choice(VALUES))
    return value


def bent(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some others, some fewer, or some more."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 8))):
        at = chance.randrange(len(out) + 1) if out else 0
        kind = chance.random()
        if kind < 0.6 and at < len(out):
            out[at] = chance.choice((0, 1, 255, out[at] ^ 1, chance.randrange(256)))
        elif kind < 0.8:
            del out[at : at + chance.choice((1, 4, 100))]
        else:
            out[at:at] = chance.randbytes(chance.choice((1, 4)))
    return bytes(out)


def blocks(parts: bytes) -> bytes:
    """Parts of a snapshot, packed."""
    pieces = [parts[at : at + (1 << 20)] for at in range(0, len(parts), 1 << 20)]
    packed = [(zlib.compress(piece, 1), len(piece)) for piece in pieces]
    return b"".join(struct.pack("<II", len(block), size) + block for block, size in packed)


def take_apart(data: bytes) -> tuple[bytes, Any, bytes]:
    """Magic and version of a snapshot, its header, and its parts unpacked."""
    (size,) = struct.unpack_from("<I", data, 14)
    at, out = 18 + size, b""
    while at < len(data) - 32:
        packed, _ = struct.unpack_from("<II", data, at)
        out += zlib.decompress(data[at + 8 : at + 8 + packed])
        at += 8 + packed
    return data[:14], json.loads(data[18 : 18 + size]), out


def put_together(start: bytes, header: Any, parts: bytes) -> bytes:
    """A snapshot, its digest made right."""
    head = json.dumps(header).encode()
    data = start + struct.pack("<I", len(head)) + head + blocks(parts)
    return data + blake2b(data, digest_size=32).digest()


def snapshots(seed: int, count: int) -> list[str]:
    """What has come of so many mutated snapshots that is no error of ours, or took long."""
    chance = random.Random(seed)
    start, header, parts = take_apart(process().snapshot())
    odd = []
    for number in range(count):
        head, body = header, parts
        if chance.random() < 0.6:
            head = mutated(header, chance)
        else:
            index, contents, _ = header["sizes"]
            if chance.random() < 0.5:
                told = json.dumps(mutated(json.loads(parts[:index]), chance)).encode()
                body = told + parts[index:]
                head = {**header, "sizes": [len(told), *header["sizes"][1:]]}
            else:
                where = chance.choice((index, index + contents))
                body = parts[:where] + bent(parts[where:], chance)
                head = {**header, "sizes": [index, contents, len(body) - index - contents]}
        began = time.process_time()
        try:
            Process.restore(put_together(start, head, body), limits=LIMITS).handle(Action="Ping")
        except InternalError as error:
            odd.append(f"{seed}, {number}: {error!r:.300}")
        except AoError:
            pass
        except Exception as error:
            odd.append(f"{seed}, {number}: {error!r:.300}")
        if (took := time.process_time() - began) > 3:
            odd.append(f"{seed}, {number}: {took:.1f} s")
    return odd


def opened(path: Path) -> None:
    """Open a journal."""
    Process.open(path, limits=LIMITS, files={}).close()


def replayed(path: Path) -> None:
    """Evaluate it again, and compare."""
    assert isinstance([one.same for one in replay(path, limits=LIMITS)], list)


def journals(seed: int, count: int, folder: Path) -> list[str]:
    """The same of mutated journals: each is opened, replayed and looked through."""
    chance = random.Random(seed)
    source = folder / "source.ao"
    process(source).close()
    with Store.open(source, write=False) as store:
        genesis, entries = store.genesis, list(store.entries())
    odd = []
    for number in range(count):
        path = folder / f"{number}.ao"
        described = mutated(genesis, chance) if chance.random() < 0.4 else genesis
        try:
            with Store.open(path) as store:
                store.begin(described)
                for entry in entries:
                    packed: Any = entry.packed
                    result, instructions, gas, failed = entry.result, entry.instructions, entry.gas, entry.failed
                    kind = chance.random()
                    if kind < 0.1:
                        packed = chance.choice(
                            (
                                b"",
                                b"n",
                                b"a\xff\xff\xff\xff",
                                b"a\1\0\0\0" * 1000 + b"n",
                                b"o\1\0\0\0nn",
                                bent(b"o\1\0\0\0s\1\0\0\0at", chance),
                            )
                        )
                    elif kind < 0.2 and not isinstance(packed, bytes):
                        names, values = packed
                        packed = (
                            names,
                            tuple(chance.choice((b"9" * 5000, 2**62, True, float("nan"), v)) for v in values),
                        )
                    elif kind < 0.3:
                        result = chance.choice(
                            (
                                b"",
                                b"[]",
                                b"\xff",
                                b'{"Output":' + b"1" * 5000 + b"}",
                                b'{"Messages":5}',
                                b'{"Output":' + b"[" * 5000,
                            )
                        )
                    elif kind < 0.4:
                        instructions, gas, failed = (
                            chance.choice((None, -5, 0, 1, 2**62)),
                            chance.choice((-5, 2**62)),
                            not failed,
                        )
                    store.append(
                        [Entry(entry.nonce, packed, instructions, entry.timestamp, result, gas, failed, entry.reads)]
                    )
        except (AoError, OverflowError, struct.error, sqlite3.Error, ValueError, TypeError):
            continue  # not to be written
        began = time.process_time()
        for use in (opened, replayed):
            try:
                use(path)
            except InternalError as error:
                odd.append(f"{seed}, {number}: {error!r:.300}")
            except AoError:
                pass
            except Exception as error:
                odd.append(f"{seed}, {number}: {error!r:.300}")
        if (took := time.process_time() - began) > 5:
            odd.append(f"{seed}, {number}: {took:.1f} s")
    return odd


def test_some_snapshots() -> None:
    """Some mutated snapshots."""
    assert snapshots(1, 250) == []


def test_some_journals(tmp_path: Path) -> None:
    """Some mutated journals."""
    assert journals(1, 60, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_many(seed: int, tmp_path: Path) -> None:
    """100 000 of both."""
    assert snapshots(seed, 4500) + journals(seed, 500, tmp_path) == []
