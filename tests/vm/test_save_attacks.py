"""Hostile states: what somebody writes into the bytes, and what then holds. They are refused, or they are harmless."""

from __future__ import annotations

import os
import random
import re
import struct
from collections import Counter
from collections.abc import Callable

import pytest

from ao_runtime.errors import SnapshotError
from ao_runtime.vm.engine import DIALECTS

from ..fuzz.run import fuzz
from .saving import Bench, spawned

# ── what is written into a state ───────────────────────────────────────────────────────────────────────────────────

#: What is found in place of itself, so that its own bytes in a state can be found.
MARK = "mark" * 4


def changed(code: str, *changes: tuple[bytes, bytes], count: int = 0, **options: str) -> bytes:
    """The state of a process that has evaluated the code, with bytes in the place of others of the same length."""
    state = spawned(code, **options).state()
    for old, new in changes:
        assert len(old) == len(new)
        assert old in state, old
        state = state.replace(old, new, count or -1)
    return state


def refused(state: bytes, **options: str) -> str:
    """Why the state is refused."""
    with pytest.raises(SnapshotError) as caught:
        Bench(state, 10, **options)
    return str(caught.value)


def string(text: bytes) -> bytes:
    """A string in a column of short ones."""
    return bytes([len(text)]) + text


class Parts:
    """A state, taken apart as far as to the values of upvalues: enough to give functions other ones."""

    def __init__(self, state: bytes) -> None:
        self.head = b""
        at = 0
        for _ in range(2):
            (size,) = struct.unpack_from("<I", state, at)
            at += 4 + size
        at += len(b"ao-lua-2\n")
        self.head = state[:at]
        self.count, self.roots, self.extras = struct.unpack_from("<III", state, at)
        at += 12
        self.kinds = bytearray(state[at : at + self.count])
        at += self.count
        self.planted = state[at : at + 1]
        at += 1
        self.lists: list[list[bytes]] = []
        for _ in range(4):
            found, at = _strings(state, at)
            self.lists.append(found)
        self.names = self.lists[3]
        (size,) = struct.unpack_from("<I", state, at)
        self.own = bytearray(state[at + 4 : at + 4 + size])
        at += 4 + size
        self.inputs, at = _strings(state, at)
        self.chunks, at = _strings(state, at)
        self.digests, at = _strings(state, at)
        numbers: list[list[int]] = []
        for _ in range(4):
            some, at = _numbers(state, at)
            numbers.append(some)
        self.of_text, self.ordinals, self.of, self.links = numbers
        self.cells, at = _mixed(state, at)
        self.rest = state[at:]

    def __bytes__(self) -> bytes:
        out = [
            self.head,
            struct.pack("<III", len(self.kinds), self.roots, self.extras),
            bytes(self.kinds),
            self.planted,
        ]
        out += [_put_strings(found) for found in self.lists]
        out += [struct.pack("<I", len(self.own)), bytes(self.own)]
        out += [_put_strings(found) for found in (self.inputs, self.chunks, self.digests)]
        out += [_put_numbers(some) for some in (self.of_text, self.ordinals, self.of, self.links)]
        return b"".join([*out, _put_mixed(self.cells), self.rest])

    def add(self, kind: int) -> int:
        """One more object: its number."""
        self.kinds.append(kind)
        return len(self.kinds)

    def add_name(self, name: bytes) -> int:
        """One more name."""
        self.names.append(name)
        return self.add(4)

    def number(self, kind: int, index: int) -> int:
        """The number of the object that is so many of its kind."""
        return [i + 1 for i, other in enumerate(self.kinds) if other == kind][index]

    def cell_of(self, number: int) -> int:
        """Which of the cells this object is."""
        return sum(kind == 3 for kind in self.kinds[: number - 1])


def _strings(state: bytes, at: int) -> tuple[list[bytes], int]:
    count, held = struct.unpack_from("<IB", state, at)
    at += 5
    found = []
    for _ in range(count):
        form = "<B" if held == 1 else "<I"
        (size,) = struct.unpack_from(form, state, at)
        at += struct.calcsize(form)
        found.append(state[at : at + size])
        at += size
    return found, at


def _numbers(state: bytes, at: int) -> tuple[list[int], int]:
    (count,) = struct.unpack_from("<I", state, at)
    return list(struct.unpack_from(f"<{count}I", state, at + 5)), at + 5 + 4 * count


def _mixed(state: bytes, at: int) -> tuple[list[tuple[int, bytes | int]], int]:
    """A column of values of different kinds: (kind, value)."""
    count, held = struct.unpack_from("<IB", state, at)
    assert held == 8
    kinds = state[at + 5 : at + 5 + count]
    at += 5 + count
    sorts: dict[int, list[bytes]] = {}
    for sort, size in ((2, 0), (3, 8), (4, 8), (5, 4)):
        n, holds = struct.unpack_from("<IB", state, at)
        if sort == 2:
            sorts[2], at = _strings(state, at)
        else:
            assert n == 0 or holds == sort
            sorts[sort] = [state[at + 5 + size * i : at + 5 + size * (i + 1)] for i in range(n)]
            at += 5 + size * n
    given = {sort: iter(values) for sort, values in sorts.items()}
    return [(kind, next(given[kind]) if kind in given else b"") for kind in kinds], at


def _put_strings(found: list[bytes]) -> bytes:
    return struct.pack("<IB", len(found), 2) + b"".join(struct.pack("<I", len(one)) + one for one in found)


def _put_numbers(some: list[int]) -> bytes:
    return struct.pack(f"<IB{len(some)}I", len(some), 5, *some)


def _put_mixed(values: list[tuple[int, bytes | int]]) -> bytes:
    out = struct.pack("<IB", len(values), 8) + bytes(kind for kind, _ in values)
    for sort in (2, 3, 4, 5):
        some = [value for kind, value in values if kind == sort]
        raw = [value if isinstance(value, bytes) else struct.pack("<I", value) for value in some]
        out += _put_strings(raw) if sort == 2 else struct.pack("<IB", len(raw), sort) + b"".join(raw)
    return out


def parts(code: str = "", **options: str) -> Parts:
    """The state of a process that has evaluated the code, taken apart."""
    state = spawned(code, **options).state()
    taken = Parts(state)
    Bench(bytes(taken), 10, **options)  # put together again it loads
    return taken


#: Looks for what is private, from the globals on through tables, metatables and upvalues: what it has found, as text.
SEARCH = """
local getinfo, getmeta, getup, next, kind, raw = debug.getinfo, debug.getmetatable, debug.getupvalue, next, type, rawget
local seen, queue, found, at = {}, { _G, debug.getregistry(), getmeta("") }, {}, 1
local function meet(value)
  local k = kind(value)
  if (k == "table" or k == "function") and not seen[value] then
    seen[value] = true
    queue[#queue + 1] = value
  end
end
while queue[at] ~= nil do
  local value = queue[at]
  at = at + 1
  if kind(value) == "table" then
    if raw(value, "raw") and raw(value, "native") then found[#found + 1] = "host" end
    if raw(value, "gsub") and raw(value, "running") then found[#found + 1] = "raw" end
    meet(getmeta(value))
    for k, v in next, value do
      meet(k)
      meet(v)
    end
  else
    local info = getinfo(value, "fS")
    if info.func == nil then found[#found + 1] = info.short_src end
    for i = 1, 255 do
      local name, held = getup(value, i)
      if name == nil then break end
      meet(held)
    end
  end
end
return "search<" .. table.concat(found, ",") .. (at < 300 and "little" or "") .. ">" """


# ── names of what no process may hold ──────────────────────────────────────────────────────────────────────────────

SECRETS = [
    b"host", b"raw", b"raw.next", b"raw.setmetatable", b"raw.running", b"raw.gsub", b"host.load", b"host.file",
    b"host.kernel", b"host.native", b"host.sqlite", b"native:crypto.digest",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_nobodys_value(secret: bytes) -> None:
    """A named private thing is no value of a table, and no metatable."""
    taken = parts(f"X = {{ '{MARK}' }}")
    number = taken.add_name(secret)
    state = bytes(taken)
    # the only element of the list X: a column of one short string
    old = struct.pack("<IB", 1, 1) + string(MARK.encode())
    assert state.count(old) == 1
    assert refused(state.replace(old, struct.pack("<IBI", 1, 5, number))) == "the saved state does not make sense"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_no_upvalue_of_a_process(secret: bytes) -> None:
    """A named private thing is no upvalue of a process's own function."""
    taken = parts(f"local mark = '{MARK}' function F() return mark end")
    cell = next(i for i, value in enumerate(taken.cells) if value == (2, MARK.encode()))
    taken.cells[cell] = (5, taken.add_name(secret))
    assert refused(bytes(taken)) == "the saved state does not make sense"


def _secret_cells(taken: Parts) -> list[int]:
    """The cells that hold private things, in any order."""
    named = [i + 1 for i, kind in enumerate(taken.kinds) if kind == 4]
    secret = {number for number, name in zip(named, taken.names, strict=True) if name in SECRETS}
    return [i for i, (kind, value) in enumerate(taken.cells) if kind == 5 and int.from_bytes(value, "little") in secret]


def test_a_secret_stays_where_it_belongs() -> None:
    """A private thing in the upvalue of a module of ours that holds another is refused."""
    taken = parts("J = require('json')")
    cells = _secret_cells(taken)
    assert len(cells) > 10
    wrong = 0
    for cell in cells:
        for other in cells:
            if taken.cells[cell] != taken.cells[other] and random.random() < 0.2:
                again = Parts(bytes(taken))
                again.cells[cell] = taken.cells[other]
                assert refused(bytes(again)) == "the saved state does not make sense"
                wrong += 1
    assert wrong > 10


def test_a_secret_is_not_shared_with_a_process() -> None:
    """A function of the process does not share the cell in which a module of ours holds a private thing."""
    taken = parts(f"local mark = '{MARK}' function F() return mark end")
    cell = next(i for i, value in enumerate(taken.cells) if value == (2, MARK.encode()))
    mine = taken.number(3, cell)
    for secret in _secret_cells(taken):
        again = Parts(bytes(taken))
        again.links = [taken.number(3, secret) if link == mine else link for link in taken.links]
        assert refused(bytes(again)) == "the saved state does not make sense"


def test_what_marks_sent_messages_is_fixed() -> None:
    """The function that asks for a __gc in the metatable of what was sent is Lua's own."""
    taken = parts()
    named = [i + 1 for i, kind in enumerate(taken.kinds) if kind == 4]
    rawget = named[taken.names.index(b"rawget")]
    other = named[taken.names.index(b"rawequal")]
    cells = [i for i, (kind, value) in enumerate(taken.cells) if kind == 5 and value == struct.pack("<I", rawget)]
    outcomes = []
    for cell in cells:
        again = Parts(bytes(taken))
        again.cells[cell] = (5, other)
        try:
            Bench(bytes(again), 10)
            outcomes.append("loads")
        except SnapshotError:
            outcomes.append("refused")
    assert "refused" in outcomes


@pytest.mark.parametrize("dialect", DIALECTS)
def test_wrong_wires(dialect: str) -> None:
    """Whatever upvalues the functions get, of the process and of ours: refused, or nothing private is within reach."""
    code = "require('.bint')(128) require('.crypto') function F() return F, math.random end"
    taken = bytes(parts(code, dialect=dialect))
    rng = random.Random(dialect)
    outcomes: Counter[str] = Counter()
    for _ in range(150):
        again = Parts(taken)
        things = [i + 1 for i, kind in enumerate(again.kinds) if kind in (1, 2)]
        secrets = set(_secret_cells(again))
        for _ in range(rng.choice((1, 3, 30))):
            cell = rng.randrange(len(again.cells))
            if cell not in secrets or rng.random() < 0.02:
                again.cells[cell] = rng.choice([(5, rng.choice(things)), rng.choice(again.cells), (2, b"(" * 300)])
        for _ in range(rng.choice((0, 0, 1, 3))):
            again.links[rng.randrange(len(again.links))] = rng.choice(again.links)
        try:
            bench = Bench(bytes(again), 10, dialect=dialect)
        except SnapshotError:
            outcomes["refused"] += 1
            continue
        bench.engine.limit(2_000_000, 5.0, 64 << 20)
        raw = bench.message({"Action": "X"}, "return 1")
        if raw[0] != 3:
            raw = bench.eval(SEARCH)
        if raw[0] == 3:
            outcomes["fails"] += 1
        else:
            found = re.search(rb"search<(.*?)>", raw[2])
            assert not found or not found[1]
            outcomes["searched" if found else "answers"] += 1
    assert outcomes["refused"] > 15
    assert outcomes["searched"] > 15


@pytest.mark.parametrize(
    "name", [b"", b"nothing", b"raw.", b"native:", b"native:sqlite.open", b"table:", b"sqlite:x.y"]
)
def test_unknown_names(name: bytes) -> None:
    """A name that nothing has is that of another version."""
    taken = parts()
    taken.add_name(name)
    assert refused(bytes(taken)) == "the saved state was made by another version of ao_runtime"


# ── texts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_byte_code_is_no_text() -> None:
    """No byte code is loaded."""
    code = "function F() return 1 end"
    taken = parts(code)
    index = taken.inputs.index(code.encode())
    for source in (b"\x1bLua" + bytes(40), b"\x1b"):
        taken.inputs[index] = source
        assert refused(bytes(taken)) == "the saved state does not make sense"


@pytest.mark.parametrize("chunk", [b"=?", b"=?x", b"=ao.vm", b"=ao.vm.x"])
def test_chunk_names_pretend_nothing(chunk: bytes) -> None:
    """A text has no chunk name of the trusted side."""
    taken = parts("function F() return 1 end")
    taken.chunks[taken.own.index(6)] = chunk
    assert refused(bytes(taken)) == "the saved state does not make sense"


def test_modules_of_ours_by_digest() -> None:
    """A module of ours that is another by now makes the state one of another version."""
    taken = parts()
    index = taken.own.index(7)
    taken.digests[index] = bytes(16)
    assert refused(bytes(taken)) == "the saved state was made by another version of ao_runtime"


@pytest.mark.parametrize("module", [b"vm/main", b"vm.main", b"../x", b"bint#0", b"bint#17", b"bint#64", b"bint#99999"])
def test_modules_that_are_none(module: bytes) -> None:
    """Nothing else is taken for a module of ours."""
    taken = parts()
    taken.inputs[taken.own.index(7)] = module
    refused(bytes(taken))


def test_a_module_stands_once() -> None:
    """No small state makes much work by naming a module, or a function, many times."""
    taken = parts()
    index = taken.own.index(7)
    taken.own.append(7)
    for some in (taken.inputs, taken.chunks, taken.digests):
        some.append(some[index])
    assert refused(bytes(taken)) == "the saved state does not make sense"
    taken = parts()
    taken.of_text.append(taken.of_text[0])
    taken.ordinals.append(taken.ordinals[0])
    assert refused(bytes(taken)) == "the saved state does not make sense"


# ── numbers ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [2**32 - 1, 2**31, 10**6])
def test_counts_are_believed_only_with_bytes(count: int) -> None:
    """A large count without the bytes for it takes no memory and no time."""
    state = bytes(parts())
    head = len(Parts(state).head)
    assert refused(state[:head] + struct.pack("<I", count) + state[head + 4 :]) == "the saved state does not make sense"


def test_dead_coroutines_are_few() -> None:
    """Bytes that stand for more memory than they are worth are refused."""
    taken = parts()
    taken.kinds += bytes([5]) * 20000
    taken.rest += bytes(5 * 20000)
    assert refused(bytes(taken)) == "the saved state does not make sense"


@pytest.mark.parametrize("ordinal", [0, 99, 2**32 - 1])
def test_ordinals(ordinal: int) -> None:
    """A function that a text does not have is refused."""
    taken = parts()
    taken.ordinals[0] = ordinal
    assert refused(bytes(taken)) == "the saved state does not make sense"


@pytest.mark.parametrize("change", ["more", "fewer", "none", "table"])
def test_links(change: str) -> None:
    """Functions have as many upvalues as they have, and these are cells."""
    taken = parts()
    if change == "more":
        taken.links.append(taken.links[0])
    elif change == "fewer":
        taken.links.pop()
    else:
        taken.links[0] = 0 if change == "none" else taken.roots
    assert refused(bytes(taken)) == "the saved state does not make sense"


@pytest.mark.parametrize("which", ["roots", "extras"])
@pytest.mark.parametrize("number", [0, 3, 10**6])
def test_roots(which: str, number: int) -> None:
    """The roots are tables of the kind that they are."""
    taken = parts()
    setattr(taken, which, number)
    assert refused(bytes(taken)) == "the saved state does not make sense"


def _extra(name: bytes, value: bytes) -> bytes:
    """The state with another number of the trusted side's: the columns of a shape follow each other in its keys' order."""
    state = spawned("collectgarbage() X = os.clock() math.random()").state()
    taken = Parts(state)
    keys = [b"addresses", b"contents", b"drawn", b"files", b"last_address", b"objects", b"own", b"ticks", b"weakened"]
    shape = struct.pack("<IB", len(keys), 1) + b"".join(map(string, keys))
    start = taken.rest.index(shape) + len(shape) + 9
    at = start
    for key in keys:
        count, held = struct.unpack_from("<IB", taken.rest, at)
        size = {3: 8, 4: 8, 5: 4, 6: 1, 7: 1}[held]
        assert count == 1
        if key == name:
            taken.rest = taken.rest[:at] + value + taken.rest[at + 5 + size :]
            return bytes(taken)
        at += 5 + size
    raise AssertionError(name)


def _integer(number: int) -> bytes:
    return struct.pack("<IBq", 1, 3, number)


def _float(number: float) -> bytes:
    return struct.pack("<IBd", 1, 4, number)


@pytest.mark.parametrize(
    "value", [_integer(-1), _integer(0), _integer(2**62), _integer(0x10000001), _float(0x10000000)]
)
def test_the_last_address(value: bytes) -> None:
    """The last address is one."""
    assert refused(_extra(b"last_address", value)) == "the saved state does not make sense"


@pytest.mark.parametrize(
    "name", [b"ticks", b"drawn", b"weakened", b"files", b"contents", b"own", b"objects", b"addresses"]
)
def test_extras_of_wrong_types(name: bytes) -> None:
    """What the trusted side keeps has the types that it has."""
    for value in (_float(float("nan")), struct.pack("<IB", 1, 0) + b"\0", struct.pack("<IB", 1, 1) + string(b"text")):
        assert refused(_extra(name, value)) == "the saved state does not make sense"


# ── metatables ─────────────────────────────────────────────────────────────────────────────────────────────────────


HOSTILE = """
local function evil() while true do end end
Evil = { __index = evil, __newindex = evil, __len = evil, __gc = evil, __eq = evil, __lt = evil, __call = evil,
  __pairs = evil, __tostring = evil, __mode = "kv", __metatable = false, __concat = evil, __close = evil }
"""


def _with_metatable(code: str, victim: Callable[[Parts], int]) -> bytes:
    """The state, in which one more table has the process's metatable `Evil`."""
    taken = parts(HOSTILE + code + " Holder = setmetatable({}, Evil)")
    # tables with metatables come first in what is left
    owners, at = _numbers(taken.rest, 0)
    metas, at = _numbers(taken.rest, at)
    evil = metas[-1]
    owners.append(victim(taken))
    metas.append(evil)
    taken.rest = _put_numbers(owners) + _put_numbers(metas) + taken.rest[at:]
    return bytes(taken)


@pytest.mark.parametrize("which", ["roots", "extras"])
def test_nothing_of_the_process_runs_while_loading(which: str) -> None:
    """Metatables on what the trusted side reads are refused, without a question to them."""
    state = _with_metatable("", lambda taken: getattr(taken, which))
    assert refused(state) == "the saved state does not make sense"


def test_metatables_on_anything() -> None:
    """Whatever table a hostile metatable is put on: the state is refused, or the process hits its limits and no more."""
    taken = parts(HOSTILE + " Holder = setmetatable({}, Evil)")
    tables = [i + 1 for i, kind in enumerate(taken.kinds) if kind in (1, 4)]
    outcomes = set()
    rng = random.Random(5)
    for number in rng.sample(tables, 60):
        state = _with_metatable("", lambda _taken, number=number: number)  # type: ignore[misc]
        try:
            bench = Bench(state, 10)
        except SnapshotError:
            outcomes.add("refused")
            continue
        bench.engine.limit(50_000, 0.5, 64 << 20)
        raw = bench.eval("return 1")
        outcomes.add("fails" if raw[0] == 3 else "answers")
    assert outcomes >= {"refused", "answers"}


# ── what stands in the environment ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("other", ["2.0.1", "1"])
def test_states_of_other_dialects_do_no_harm(other: str) -> None:
    """A state in an engine of another dialect is refused, or answers with what it has."""
    state = spawned("X = 1").state()
    try:
        bench = Bench(state, 10, dialect=other)
    except SnapshotError:
        return
    assert bench.eval("return 1")[0] in (1, 2, 3)


def test_other_bytes() -> None:
    """What is no state is refused with a word."""
    for state in (
        b"",
        b"\0",
        bytes(8),
        bytes(100),
        b"\2\0\0\0[]\2\0\0\0[]",
        b"\2\0\0\0[]\2\0\0\0[]ao-lua-x\n",
        b"x" * 1000,
    ):
        assert refused(state) == "the saved state does not make sense"


def test_names_of_shapes() -> None:
    """The shapes of messages are lists of names."""
    state = spawned().state()
    (size,) = struct.unpack_from("<I", state)
    rest = state[4 + size :]
    for shapes in (b"{}", b"[1]", b"[[1]]", b'[["a"]]', b"[[null,null]]", b"[" * 9999, b"nul", b'[["a",{},null]]'):
        assert refused(struct.pack("<I", len(shapes)) + shapes + rest) == "the saved state does not make sense"


# ── SQLite ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SQL = """
Db = require("lsqlite3").open_memory()
Db:exec("create table victims(a, b); insert into victims values (1, 'x'), (2, 'y')")
Query = Db:prepare("select * from victims where a = ?")
"""


def test_damaged_databases() -> None:
    """Bytes of a database that make no sense are refused, or give an error of SQLite's."""
    whole = spawned(SQL).state()
    at = whole.index(b"SQLite format 3")
    outcomes = set()
    rng = random.Random(3)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 4, 40))):
            data[at + rng.randrange(8192)] = rng.randrange(256)
        try:
            bench = Bench(bytes(data), 10)
        except SnapshotError:
            outcomes.add("refused")
            continue
        code = "local n = 0 for r in Db:nrows('select * from victims') do n = n + 1 end Query:step() return n"
        outcomes.add(("", "answers", "json", "fails")[bench.eval(code)[0]])
    assert "refused" in outcomes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"create table victims(a, b)", b"create view victims as x()"),
        (b"CREATE TABLE victims(a, b)", b"CREATE TABLE victims(a  b)"),
        (b"tablevictims", b"view\0victims"),
    ],
)
def test_hostile_schemas(old: bytes, new: bytes) -> None:
    """A schema that is no schema does not get past SQLite."""
    state = spawned(SQL).state()
    found = re.search(re.escape(old), state, re.IGNORECASE)
    if found is None:
        pytest.skip("SQLite writes it in another way")
    data = state[: found.start()] + new[: len(old)].ljust(len(old)) + state[found.end() :]
    try:
        bench = Bench(data, 10)
    except SnapshotError:
        return
    assert bench.eval("for r in Db:nrows('select * from victims') do end return 1")[0] in (1, 3)


# ── many ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_mutated_states() -> None:
    """Some mutated states: `python -m tests.fuzz states` does more."""
    seed = 1 if os.environ.get("CI") else random.randrange(10**6)
    outcomes = fuzz("states", 1200, seed)
    assert outcomes.total() == 1200
    # They do mutate what matters, and not all is damaged by it.
    assert outcomes["the saved state does not make sense"] > 500
    assert outcomes["loads"] > 50
