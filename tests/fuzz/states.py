"""Mutated states of a VM: every one is refused, or makes a process that answers under limits; none ends the interpreter.

`python -m tests.fuzz states 100000` runs so many; CI runs some thousands (`tests/vm/test_save_attacks.py`).
"""

from __future__ import annotations

import random
import struct
import time
from collections import Counter
from collections.abc import Callable

from ao_runtime.errors import SnapshotError

from ..vm.saving import Bench

#: Seconds for taking over a mutated state, of some 50 KB.
SLOW = 5.0
MESSAGE_LIMITS = (100_000, 0.5, 64 << 20)

_CODE = """
local n, shared = 0, {}
Count = function() n = n + 1 return n end
Reset = function() n = 0 shared[n] = true return shared end
local Account = {} Account.__index = Account
A = setmetatable({ balance = 1, [1] = "x", [2.5] = -0.0, [true] = 0/0, [{}] = "key" }, Account)
Account.self, Account.__mode, Account.__gc = A, "k", function() end
Long, Longer = ("y"):rep(300), ("z"):rep(5000)
Records = { { a = 1, b = "x" }, { a = 2, b = "y" }, { a = 3, b = "z" } }
Env = load("x = 1 return function() return x end", "@env", "t", { y = 2 })()
Dead = coroutine.create(function() end) coroutine.resume(Dead)
Text = tostring(A) .. tostring(print)
print = function() return tostring(1) end
if Handlers.once then Handlers.once("o", "O", function(m) Count() end) end
Handlers.add("h", function(m) return m.Action == "H" end, function(m) A[n] = m.From end)
"""
_MORE = """
Book = io.open("/data/book") Book:read("l")
Bint = require(".bint")(128) Big = Bint(7) * 6
Crypto = require(".crypto") Sum = Crypto.digest.sha2_256(Crypto.utils.stream.fromString("abc")).asHex()
Points = require("points") Points.add(1)
"""
_SQL = """
Db = require("lsqlite3").open_memory()
Db:exec("create table t(a, b); create index i on t(b); insert into t values (1, 'x'), (2, 'y')")
Query = Db:prepare("select * from t where a = ?") Query:bind_values(1)
"""
_PROBES = [
    "return tostring(Count and Count())",
    "return tostring(A) .. tostring(Env and Env()) .. #tostring(Reset)",
    "local n = 0 for k, v in pairs(_G) do n = n + #tostring(k) + #tostring(v) end return n",
    "return tostring(Book and Book:read('n')) .. tostring(Big and Big + 1)",
    "local n = 0 if Db then for r in Db:nrows('select * from t') do n = n + 1 end Query:step() end return n",
    "collectgarbage() return print()",
    "return tostring(ao.send({ Target = 'x' }))",
    "local a = {} for k in pairs(A) do a[#a + 1] = tostring(k) end return table.concat(a)",
]

Mutation = Callable[[bytearray, random.Random], None]


def wholes() -> list[tuple[bytes, dict[str, str]]]:
    """States of processes, small ones first, and what their engines are made with."""
    states = []
    for code, options in (
        ("", {"dialect": "1"}),
        (_CODE, {"dialect": "1"}),
        (_CODE, {}),
        (_CODE + _MORE, {"dialect": "2.0.1"}),
        (_CODE + _MORE + _SQL, {}),
    ):
        bench = Bench(**options)
        bench.spawn()
        raw = bench.eval(code)
        assert raw[0] != 3, raw
        bench.message({"Action": "H"}, "x", "y" * 43)
        states.append((bench.state(), options))
    return states


def _flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 1, 2, 8, 64))):
        data[rng.randrange(len(data))] = rng.choice(
            (rng.randrange(256), rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255)))
        )


def _bit(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _number(data: bytearray, rng: random.Random) -> None:
    """Another number where one may be: of an object, of values, of bytes."""
    at = rng.randrange(len(data) - 4)
    (known,) = struct.unpack_from("<I", data, at)
    number = rng.choice((0, 1, 2, known + 1, known - 1, rng.randrange(2000), 2**31 - 1, 2**32 - 1, len(data)))
    struct.pack_into("<I", data, at, number % 2**32)


def _small_number(data: bytearray, rng: random.Random) -> None:
    """The same, where one stands that may be an object's."""
    for _ in range(200):
        at = rng.randrange(len(data) - 4)
        if data[at + 2] == 0 and data[at + 3] == 0 and (data[at] or data[at + 1]):
            struct.pack_into("<I", data, at, rng.randrange(1, 1500))
            return


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(8, len(data)) :]


def _remove(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.choice((1, 2, 4, 8, 100))]


def _splice(data: bytearray, rng: random.Random) -> None:
    size = rng.choice((1, 4, 8, 16, 100, 1000))
    one, other = rng.randrange(len(data)), rng.randrange(len(data))
    piece = data[one : one + size]
    data[other : other + len(piece)] = piece


def _repeat(data: bytearray, rng: random.Random) -> None:
    """Some bytes once more, and a number before them that may have been theirs made larger."""
    at, size = rng.randrange(len(data)), rng.choice((1, 4, 8, 9, 64))
    data[at:at] = data[at : at + size] * rng.choice((1, 2, 100))
    head = max(0, at - rng.randrange(4, 40))
    if head + 4 <= len(data):
        (known,) = struct.unpack_from("<I", data, head)
        struct.pack_into("<I", data, head, (known + rng.choice((1, 2, 100))) % 2**32)


def _word(data: bytearray, rng: random.Random) -> None:
    """One name for another of the same length."""
    one, other = rng.choice(
        [
            (b"host", b"_ENV"), (b"raw.next", b"raw.sort"), (b"table", b"debug"), (b"raw.find", b"raw.next"),
            (b"__index", b"__mode\0"), (b"__gc", b"__eq"), (b"handle", b"failed"), (b"print", b"error"),
            (b"pairs", b"pcall"), (b"=x", b"=?"), (b"bint", b"json"), (b"objects", b"addresses"),
        ]
    )  # fmt: skip
    at = data.find(one, rng.randrange(len(data)))
    if at >= 0:
        data[at : at + len(one)] = other


_MUTATIONS: list[Mutation] = [
    _flip, _flip, _bit, _number, _number, _small_number, _small_number, _small_number, _cut, _remove, _splice,
    _repeat, _word,
]  # fmt: skip


def outcome(state: bytes, options: dict[str, str], probe: str) -> str:
    """How a state was refused, or what came of a message. Raises `AssertionError` where that took too long."""
    began = time.process_time()
    try:
        bench = Bench(state, 100, **options)
    except SnapshotError as error:
        return str(error).split(":")[0][:60]
    finally:
        assert time.process_time() - began < SLOW
    bench.engine.limit(*MESSAGE_LIMITS)
    raw = bench.eval(probe)
    if raw[0] == 3:
        return f"loads and fails: {raw[3]}"
    bench.engine.limit(None, None, None)
    return "loads" if bench.engine.save() is not None else "loads and does not save"


def run(count: int, seed: int, note: Callable[[int], None] = lambda number: None) -> Counter[str]:
    """So many mutated states; what became of them. `note` is told which comes next."""
    outcomes: Counter[str] = Counter()
    states = wholes()
    for number in range(count):
        note(number)
        rng = random.Random(f"{seed} {number}")
        whole, options = rng.choice(states[:2] * 3 + states)
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            if len(data) > 8:
                rng.choice(_MUTATIONS)(data, rng)
        try:
            outcomes[outcome(bytes(data), options, rng.choice(_PROBES))] += 1
        except BaseException as error:
            raise AssertionError(f"mutated state {number} of seed {seed}") from error
    return outcomes
