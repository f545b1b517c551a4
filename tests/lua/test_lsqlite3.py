"""The module `lsqlite3`: what it answers, what it refuses, what it costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import Process

pytest.importorskip("apsw")

TRANSCRIPTS = Path(__file__).with_name("lsqlite3")

#: Shows values: strings with their bytes, floats with all their digits, addresses as PTR.
SHOW = r"""
sqlite3 = require('lsqlite3')
local function plain(v) local m = getmetatable(v) return m == nil or m.__name == nil end
function P(...)
  local t, r = table.pack(...), {}
  for i = 1, t.n do
    local v = t[i]
    if type(v) == 'string' then
      r[i] = '"' .. v:gsub('[%c\\"\127-\255]', function(c) return ('\\x%02x'):format(c:byte()) end) .. '"'
    elseif math.type(v) == 'float' then
      r[i] = 'f' .. ('%.17g'):format(v)
    elseif type(v) == 'table' and plain(v) then
      local k, q = {}, {}
      for a in pairs(v) do k[#k + 1] = a end
      table.sort(k, function(x, y) return tostring(x) < tostring(y) end)
      for _, a in ipairs(k) do q[#q + 1] = tostring(a) .. '=' .. P(v[a]) end
      r[i] = '{' .. table.concat(q, ', ') .. '}'
    else
      r[i] = (tostring(v):gsub('0x%x+', 'PTR'))
    end
  end
  return table.concat(r, ' ; ')
end
"""
RUN = """
local line = ...
local f = load('local t = table.pack(' .. line .. ') return table.unpack(t, 1, t.n)', '=x') or load(line, '=x')
return P(pcall(f))
"""
OPEN = "sqlite3 = require('lsqlite3') db = sqlite3.open_memory() db:exec('create table t(a, b)')"
FOREVER = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"


def literal(text: str) -> str:
    """A text as Lua reads it."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


def answer(process: Process, code: str) -> str:
    """What the code returns, as text."""
    result = process.eval(code)
    result.raise_for_error()
    return str(result.text)


@pytest.fixture
def process() -> Process:
    """A process with a database that has one table."""
    return Process.spawn(code=OPEN)


@pytest.mark.parametrize("name", sorted(path.stem for path in TRANSCRIPTS.glob("*.txt")))
def test_transcript(name: str) -> None:
    """What the reference answers to a line, we answer, line after line."""
    text = (TRANSCRIPTS / f"{name}.txt").read_text()
    session = [tuple(part.split("\n")[:2]) for part in ("\n" + text).split("\n> ")[1:]]
    process = Process.spawn(code=SHOW)
    run = "local function run(...) " + RUN + " end "
    lines = [line for line, _ in session]
    got = answer(process, run + "return table.concat({" + ",".join(f"run({literal(x)})" for x in lines) + "}, '\\n')")
    assert list(zip(lines, got.split("\n"), strict=True)) == session


@pytest.mark.parametrize(
    "code",
    [
        f"db:exec('{FOREVER}')",
        f"pcall(db.exec, db, '{FOREVER}')",
        f"for x in db:urows('{FOREVER}') do end",
        f"db:prepare('{FOREVER}'):step()",
        f"db:exec('{FOREVER}', function() return 0 end)",
        "db:create_function('f', 0, function() while true do end end) db:exec('select f()')",
        "db:create_collation('c', function() while true do end end) db:exec([[select 1 where 'a' = 'b' collate c]])",
        "db:exec('select 1', function() while true do end end)",
        "db:progress_handler(1, function() while true do end end) db:exec('select 1')",
        "while true do db:exec('select 1') end",
        "local s = db:prepare('select 1') while true do s:step() s:reset() end",
        "while true do sqlite3.open_memory() end",
        "db:exec([[insert into t values(1, 2); create trigger r after insert on t begin select 1; end]])"
        f" db:create_function('g', 0, function(c) pcall(db.exec, db, '{FOREVER}') end)"
        " while true do db:exec('select g()') end",
    ],
)
def test_runaway(process: Process, code: str) -> None:
    """Whatever runs away in SQLite or in a function that it calls ends at the instruction limit."""
    result = process.eval(code, limits={"instructions": 3_000_000, "seconds": 20})
    assert result.failure is not None
    assert result.failure.limit == "instructions"


def test_time(process: Process) -> None:
    """A query ends at the time limit."""
    result = process.eval(f"db:exec('{FOREVER}')", limits={"instructions": None, "seconds": 0.2})
    assert result.failure is not None
    assert result.failure.limit == "time"


@pytest.mark.parametrize(
    "code",
    [
        "db:exec([[with recursive c(x) as (select 1 union all select x + 1 from c)"
        " select hex(zeroblob(1000)) || x as h from c order by h]])",
        "db:create_function('f', 0, function() local t = {} while true do t[#t + 1] = {} end end)"
        " db:exec('select f()')",
        "local t = {} for i = 1, 1000 do for a in db:urows('select hex(zeroblob(50000)) || ' .. i) do t[i] = a end end",
        "db:create_function('f', 1, function(c, x) t = (t or '') .. x .. x c:result(t) end)"
        " for i = 1, 100 do db:exec('select f(hex(zeroblob(100000)))') end",
    ],
)
def test_memory(process: Process, code: str) -> None:
    """What takes memory in SQLite, or gives much of it to Lua, ends at the memory limit."""
    result = process.eval(code, limits={"memory": 20_000_000, "seconds": 60})
    assert result.failure is not None
    assert "memory" in result.failure.message


def test_table_too_large() -> None:
    """A database cannot grow beyond the memory that the process has."""
    process = Process.spawn(code=OPEN, limits={"memory": 8_000_000})
    code = "local s = db:prepare('insert into t values(zeroblob(1000), 1)')"
    code += " for i = 1, 20000 do s:reset() if s:step() ~= 101 then return i // 1000 .. ' ' .. db:errmsg() end end"
    assert answer(process, code) == "7 database or disk is full"


@pytest.mark.parametrize(
    "sql",
    [
        "attach 'x.db' as x",
        "attach ':memory:' as x",
        "attach '' as x",
        "attach 'file:x.db?mode=rwc' as x",
        "vacuum into 'x.db'",
        "pragma temp_store = file",
        "pragma temp_store_directory = '/tmp'",
        "pragma mmap_size = 1000000",
        "pragma hard_heap_limit = 1000",
        "pragma soft_heap_limit = 1000",
        "pragma max_page_count = 1000000000",
        "pragma page_size = 65536",
        "pragma cache_size = 100000000",
        "pragma writable_schema = on",
        "pragma journal_mode = off",
        "select load_extension('x')",
        "select load_extension('x', 'y')",
    ],
)
def test_refused(process: Process, sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches out of the process is refused, and leaves nothing on the disk."""
    monkeypatch.chdir(tmp_path)
    code = f"return db:exec([[{sql}]]) ~= 0 and db:errmsg():match('authoriz')"
    assert answer(process, code) == "authoriz"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("function", ["readfile('x')", "writefile('x', 'y')", "edit('x')", "fts3_tokenizer('simple')"])
def test_no_such_function(process: Process, function: str) -> None:
    """SQL has no functions that reach files or pointers."""
    assert answer(process, f"return db:exec([[select {function}]])") == "1"


def test_named_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with a path is in memory: it lives as long as the process, and no file is made."""
    monkeypatch.chdir(tmp_path)
    code = "sqlite3 = require('lsqlite3') local f = sqlite3.open('x.db')"
    code += " f:exec('create table t(a); insert into t values(7)') f:close()"
    code += " f = sqlite3.open('/x.db') for a in f:urows('select a from t') do return a end"
    one, other = Process.spawn(), Process.spawn()
    assert answer(one, code) == "7"
    assert answer(other, "return require('lsqlite3').open('x.db'):exec('select * from t')") == "1"
    assert not list(tmp_path.iterdir())


def test_host_file(tmp_path: Path) -> None:
    """A database file of the host cannot be opened."""
    import sqlite3

    with sqlite3.connect(tmp_path / "real.db") as real:
        real.execute("create table secret(a)")
    real.close()
    path = str(tmp_path / "real.db")
    process = Process.spawn()
    for name in (path, f"file:{path}", f"file://{path}?vfs=unix"):
        for flags in (1, 2, 6, 70):
            code = f"local f = require('lsqlite3').open([[{name}]], {flags})"
            code += " return f and f:exec('select * from secret') or 1"
            assert answer(process, code) == "1"


def test_chance_and_time() -> None:
    """random() is the same in every run; 'now' is the message's time, 'localtime' Greenwich's."""
    code = "local r = {} for a in db:urows([[select random() union all select hex(randomblob(9))"
    code += " union all select datetime('now', 'localtime') union all select current_timestamp"
    code += " union all select strftime('%s') union all select sqlite_version()]]) do r[#r + 1] = a end"
    code += " return table.concat(r, ' ')"
    texts = []
    for _ in range(2):
        process = Process.spawn(code=OPEN)
        message = {"From": process.owner, "Owner": process.owner, "Timestamp": 1700000000360, "Data": code}
        texts.append(process.handle({**message, "Tags": [{"name": "Action", "value": "Eval"}]}).text)
    assert texts[0] == texts[1]
    assert texts[0].split(" ", 2)[2] == "2023-11-14 22:13:20 2023-11-14 22:13:20 1700000000 3.45.3"


def test_no_trace(process: Process) -> None:
    """What an evaluation that fails has done to a database is not there afterwards."""
    answer(process, "db:exec('insert into t values(1, 2)') return 1")
    assert process.eval("db:exec('delete from t') error('no')").failure is not None
    assert process.eval("db:exec('begin; drop table t') error('no')").failure is not None
    assert answer(process, "for n in db:urows('select count(*) from t') do return n end") == "1"


def test_gas() -> None:
    """The same work uses the same gas, whatever was done before."""
    work = "for i = 1, 50 do db:exec('insert into t values(' .. i .. ', 1)') end db:prepare('select * from t'):step()"
    work += " for a in db:urows('select count(*) from t x, t y where x.a < y.a') do end db:close_vm()"
    work += " db:exec('delete from t')"
    fresh, used = Process.spawn(code=OPEN), Process.spawn(code=OPEN)
    for process in (fresh, used):
        for _ in range(3):
            process.eval("return 1")
    used.eval("for i = 1, 1000 do db:exec('select ' .. i) end")
    used.eval(work)
    assert used.eval(work).gas_used == fresh.eval(work).gas_used


def test_every_byte(process: Process) -> None:
    """All 256 bytes pass through a text and a blob, in a table and out of it."""
    code = """
    local all = {} for i = 0, 255 do all[#all + 1] = string.char(i) end
    all = table.concat(all)
    local s = db:prepare('insert into t values(?, ?)')
    s:bind(1, all) s:bind_blob(2, all) s:step() s:finalize()
    for a, b, c, d in db:urows('select a, b, typeof(a), typeof(b) from t') do
      return tostring(a == all) .. tostring(b == all) .. c .. d
    end"""
    assert answer(process, code) == "truetruetextblob"


def test_objects(process: Process) -> None:
    """The objects hold nothing, and no method takes what was made to look like one."""
    code = """
    local fake = setmetatable({handle = 1}, getmetatable(db))
    local r = {next(db) == nil, pcall(db.exec, fake, 'select 1'), pcall(db.close, fake), pcall(db.exec, db.exec, '')}
    for i = 1, #r do r[i] = tostring(r[i]) end
    return table.concat(r, '|')"""
    expected = "true|false|false|false|bad argument #1 to '?' (:sqlite3 expected, got function)"
    assert answer(process, code) == expected


def test_without_apsw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without apsw, require says what to install."""
    import sys

    monkeypatch.setitem(sys.modules, "apsw", None)
    result = Process.spawn().eval("require('lsqlite3')")
    assert result.failure is not None
    assert "pip install apsw" in result.failure.message
