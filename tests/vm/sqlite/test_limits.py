"""What a process's databases take is the process's: memory of all of them together, and time inside of one function."""

from __future__ import annotations

import resource
import time

import apsw
import pytest

from ao_runtime import Limits, Process
from tests.vm.running import value

LIMITS = Limits(instructions=10**9, memory="64MB", seconds=1)
OPEN = "local s = require('lsqlite3') local db = s.open_memory() "

MEMORY = {
    "named databases": "K = {} for i = 1, 100 do local d = s.open('/tmp/x' .. i) K[i] = d "
    "local r = d:exec('create table t(a); insert into t values(zeroblob(30000000))') if r ~= 0 then return r end end",
    "unnamed databases": "K = {} for i = 1, 100 do local d = s.open_memory() K[i] = d "
    "local r = d:exec('create table t(a); insert into t values(zeroblob(30000000))') if r ~= 0 then return r end end",
    "statements": "K = {} for i = 1, 100 do local q = db:prepare('select hex(zeroblob(10000000))') K[i] = q "
    "local r = q:step() if r ~= s.ROW then return r end end",
    "columns of one row": "return db:exec('select ' .. ('hex(zeroblob(10000000)),'):rep(100) .. '1')",
    "VACUUM": "db:exec(\"/* vacuum */ attach '' as vac; create table vac.t(a)\") for i = 1, 100 do "
    "local r = db:exec('/* vacuum */ insert into vac.t values(zeroblob(30000000))') if r ~= 0 then return r end end",
}
TIME = {
    "instr": "select instr(hex(zeroblob(5000000)), substr(hex(zeroblob(2000000)), 1) || '1')",
    "replace": "select length(replace(hex(zeroblob(4000000)), substr(hex(zeroblob(2000000)), 1, 3999999) || '1', 'x'))",
    "randomblob": "select length(randomblob(30000000)), length(randomblob(30000000))",
    "like": "select hex(zeroblob(1000000)) like '%' || substr(hex(zeroblob(10000)), 1) || '1'",
    "glob": "select hex(zeroblob(1000000)) glob '*' || substr(hex(zeroblob(10000)), 1) || '1'",
}


@pytest.mark.parametrize("kind", MEMORY)
def test_memory(kind: str) -> None:
    """All databases and statements of a process together take no more memory than it may, whatever they are."""
    process = Process.spawn(code="X = 1", limits=LIMITS)
    process.eval("require('lsqlite3').open_memory()")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    process.eval(OPEN + MEMORY[kind])
    assert apsw.memory_used() < 80 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10
    assert process.eval("return 1 + 1").text == "2"
    assert (apsw.hard_heap_limit(-1), apsw.soft_heap_limit(-1)) == (0, 0)


def test_two_processes() -> None:
    """Each process has its own: what one has taken is not missing for another, and comes back when it goes."""
    fill = OPEN + "D = db return db:exec('create table t(a); insert into t values(zeroblob(20000000))')"
    one, two = (Process.spawn(code="X = 1", limits=LIMITS) for _ in range(2))
    assert [one.eval(fill).text, two.eval(fill).text] == ["0", "0"]
    failure = one.eval("return D:exec('insert into t values(zeroblob(60000000))')").failure
    assert failure is not None
    assert failure.limit == "memory"
    assert one.eval("return D:exec('delete from t; vacuum')").text == "0"
    assert one.eval("return D:exec('insert into t values(zeroblob(20000000))')").text == "0"


@pytest.mark.parametrize("kind", TIME)
def test_time(kind: str) -> None:
    """A function that goes over long texts ends with the limit on time, or before."""
    process = Process.spawn(code="X = 1", limits=LIMITS)
    process.eval("require('lsqlite3').open_memory()")
    began = time.process_time()
    process.eval(OPEN + f'return db:exec("{TIME[kind]}")')
    assert time.process_time() - began < 2
    assert process.eval("return 1 + 1").text == "2"


#: Expressions, and what SQLite itself makes of them.
SAME = """
instr(x'616263','b');
instr('abc',x'62');
instr(x'616263',x'62');
instr(12345,34);
instr(1.5,'.');
instr('','');
instr('a'||char(0)||'b','b');
instr('abc','');
instr(x'61ff62',x'62');
instr(x'61ff62','b');
instr('éa','a');
instr('éa',x'61');
instr(x'c3a961','a');
instr(x'c3a961',x'61');
instr('x',null);
instr(null,'x');
instr(zeroblob(3),zeroblob(1));
replace('abc','','x');
replace(x'616263','b','ZZ');
replace('abc','b',null);
replace('abc','',null);
replace(5,'',null);
typeof(replace(x'616263','b','ZZ'));
replace(12345,3,9);
typeof(replace(12345,3,9));
typeof(replace(12345,'',9));
hex(replace('a'||char(0)||'b','b','c'));
replace('aXb',char(0),'y');
replace('aaa','aa','b');
replace(1e300,0,'€');
replace(null,1,2);
replace('abab','ab','abab');
typeof(replace(zeroblob(3),'',''));
"""


@pytest.mark.parametrize("expression", [one.strip() for one in SAME.split(";") if one.strip()])
def test_as_sqlite_has_it(expression: str) -> None:
    """instr and replace, which are ours, answer as SQLite's own do."""
    expected = apsw.Connection(":memory:").execute(f"SELECT quote({expression})").fetchall()[0][0]
    code = f'local t for row in require("lsqlite3").open_memory():urows([[SELECT quote({expression})]]) do t = row end return t'
    assert value(code) == expected
