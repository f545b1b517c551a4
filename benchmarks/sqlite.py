"""How fast are 10 000 inserts, and 10 000 rows read, beside the reference's own lsqlite3?

Usage: python benchmarks/sqlite.py [FOLDER], where FOLDER holds oracle.mjs and modules/sqlite.wasm; without it only our
own times are shown.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from reference import Reference

from ao_runtime import Process

ROWS = 10_000
SETUP = """
local sqlite3 = require('lsqlite3')
db = sqlite3.open_memory()
db:exec('create table t(a integer primary key, b text, c real)')
insert = db:prepare('insert into t values(?, ?, ?)')
"""
QUESTIONS = {
    "prepared inserts": """
        for i = 1, {n} do insert:bind_values(i, 'name', i / 2) insert:step() insert:reset() end
        db:exec('delete from t')""",
    "inserts in one transaction": """
        db:exec('begin')
        for i = 1, {n} do insert:bind_values(i, 'name', i / 2) insert:step() insert:reset() end
        db:exec('commit') db:exec('delete from t')""",
    "inserts as text": """
        for i = 1, {n} do db:exec("insert into t values(" .. i .. ", 'name', 0.5)") end
        db:exec('delete from t')""",
    "rows (nrows)": """
        local n = 0
        for row in db:nrows('with recursive c(x) as (select 1 union all select x + 1 from c where x < {n})'
            .. ' select x, x * 2 as y from c') do n = n + row.y end""",
    "calls of a Lua function": """
        db:create_function('twice', 1, function(context, x) context:result(2 * x) end)
        db:exec('with recursive c(x) as (select 1 union all select x + 1 from c where x < {n})'
            .. ' select sum(twice(x)) from c')""",
}


def ours(code: str, times: int) -> float:
    """Seconds of the code in a process of ours."""
    process = Process.spawn(code=SETUP, limits={"instructions": None, "seconds": None})
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        process.eval(code + " return 1").raise_for_error()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    reference = Reference(Path(sys.argv[1]), "sqlite", SETUP) if len(sys.argv) > 1 else None
    for name, text in QUESTIONS.items():
        code = text.replace("{n}", str(ROWS))
        mine = ours(code, 5)
        line = f"{name:28} ours {mine * 1e3:8.1f} ms ({mine / ROWS * 1e6:5.2f} µs each)"
        if reference is not None:
            theirs = reference.best(code + " return 1")
            line += f"   reference {theirs * 1e3:8.1f} ms   {theirs / mine:5.2f} times as fast"
        print(line)
    if reference is not None:
        reference.close()


if __name__ == "__main__":
    main()
