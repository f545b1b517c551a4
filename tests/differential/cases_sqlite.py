"""Calls of lsqlite3: statements on a new database in memory, by every way of the interface."""

from __future__ import annotations

from .cases_lua import ALL_BYTES
from .compare import Module
from .literals import Maker

__all__ = ["MODULES"]

SETUP = "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT, c REAL); INSERT INTO t VALUES(1, 1, 'one', 1.5), (2, NULL, 'two', -2), (7, x'00ff', '', 3)"
VALUES = [
    "0",
    "1",
    "-1",
    "NULL",
    "''",
    "'text'",
    "'it''s'",
    "1.5",
    "-0.0",
    "1e100",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
]
VALUES += [
    "x''",
    "x'00ff41'",
    "'é'",
    "9e999",
    "1/3.0",
    "1/0",
    "'10'",
    "' 5 '",
    "'a' || char(0) || 'b'",
    "TRUE",
    "zeroblob(0)",
    "zeroblob(3)",
    "0x10",
]
FUNCTIONS = [
    "abs",
    "length",
    "typeof",
    "hex",
    "quote",
    "upper",
    "lower",
    "round",
    "trim",
    "unicode",
    "sum",
    "count",
    "max",
    "min",
    "avg",
    "total",
    "group_concat",
    "nope",
]
FUNCTIONS += [
    "coalesce",
    "ifnull",
    "nullif",
    "instr",
    "substr",
    "replace",
    "printf",
    "json",
    "json_array",
    "json_type",
    "date",
    "likely",
    "char",
    "sign",
]
BROKEN = [
    "SELEC 1",
    "SELECT",
    "SELECT * FROM nope",
    "SELECT nope FROM t",
    "INSERT INTO t VALUES(1)",
    "INSERT INTO t(id) VALUES(1)",
    "(",
    "SELECT 'open",
    "SELECT 1 +",
]
BROKEN += [
    "CREATE TABLE t(x)",
    "DROP TABLE nope",
    "SELECT ?",
    "SELECT :a, @b, $c",
    "",
    " ",
    "-- note",
    ";",
    "SELECT 1; SELECT 2",
    "COMMIT",
    "ROLLBACK",
    "BEGIN; BEGIN",
]
BROKEN += [
    "INSERT INTO t VALUES('x', 1, 2, 3)",
    "UPDATE t SET nope = 1",
    "SELECT nope(1)",
    "SELECT abs()",
    "PRAGMA user_version",
    "SELECT 1; SELEC",
    "EXPLAIN",
]


def _expression(m: Maker) -> str:
    kind = m.random.random()
    if kind < 0.5:
        return m.one(VALUES)
    if kind < 0.65:
        return f"{m.one(VALUES)} {m.one(['+', '-', '*', '/', '%', '||', '=', '<', 'IS', '&', '<<', 'LIKE', 'AND'])} {m.one(VALUES)}"
    if kind < 0.85:
        return f"{m.one(FUNCTIONS)}({', '.join(m.some(lambda: m.one(VALUES), 1, 2))})"
    return f"CAST({m.one(VALUES)} AS {m.one(['INTEGER', 'TEXT', 'REAL', 'BLOB', 'NUMERIC'])})"


def _select(m: Maker) -> str:
    kind = m.random.random()
    if kind < 0.5:
        columns = m.some(lambda: _expression(m) + m.one(["", "", " AS x", " AS y"]), 1, 3)
        return "SELECT " + ", ".join(columns)
    if kind < 0.9:
        taken = m.one(["*", "id", "a, b", "c", "count(*)", "id, a AS a", "b, b", "max(id), c", "rowid, *"])
        return f"SELECT {taken} FROM t" + m.one(
            [
                "",
                " ORDER BY id DESC",
                " WHERE id > 1",
                " WHERE a IS NULL",
                " LIMIT 1",
                " WHERE 0",
                " GROUP BY a ORDER BY 1",
            ]
        )
    return m.one(
        [
            "VALUES (1, 2), (3, 4)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i, i * i FROM n",
            "SELECT sum(i) FROM (VALUES (1))",
        ]
    )


def _change(m: Maker) -> str:
    return m.one([
        f"INSERT INTO t(a, b, c) VALUES({_expression(m)}, {_expression(m)}, {_expression(m)})", f"UPDATE t SET a = {_expression(m)}", "DELETE FROM t WHERE id > 1",
        f"INSERT OR REPLACE INTO t VALUES({m.small(0, 9)}, {_expression(m)}, 'x', 0)", "DELETE FROM t", "CREATE INDEX i ON t(a)", "BEGIN", "COMMIT", "ROLLBACK", "VACUUM",
        "BEGIN; DELETE FROM t; ROLLBACK", "SAVEPOINT s; DELETE FROM t; ROLLBACK TO s", "CREATE TABLE u(x UNIQUE NOT NULL); INSERT INTO u VALUES(NULL)", "ALTER TABLE t ADD d DEFAULT 5",
        "CREATE VIEW v AS SELECT a FROM t; SELECT * FROM v", "DROP TABLE t", "INSERT INTO t(id) SELECT id + 10 FROM t",
    ])  # fmt: skip


def _sql(m: Maker) -> str:
    kind = m.random.random()
    text = _select(m) if kind < 0.6 else _change(m) if kind < 0.85 else m.one(BROKEN)
    return m.string(text)


AFTER = "db:errcode(), db:errmsg(), db:changes(), db:total_changes(), db:last_insert_rowid()"


def _bound(m: Maker) -> str:
    if m.chance(0.85):
        return m.one([m.number(), m.word(), "nil", "true", "false", m.text()])
    return m.other()


def _bind(m: Maker) -> str:
    kind = m.random.random()
    if kind < 0.4:
        place = m.one(["1", "2", "3", "0", "-1", "1.5", "'x'", "nil"] if m.chance(0.2) else ["1", "2"])
        return f"s:bind({place}, {_bound(m)})"
    if kind < 0.5:
        return f"s:bind_blob({m.one(['1', '2', '9'])}, {_bound(m)})"
    if kind < 0.75:
        return f"s:bind_values({', '.join(m.some(lambda: _bound(m), 0, 3))})"
    return f"s:bind_names({m.one([f'{{a = {_bound(m)}, b = {_bound(m)}}}', f'{{{_bound(m)}, {_bound(m)}}}', '{}', f'{{a = {_bound(m)}}}', m.any()])})"


READ = [
    "s:get_value(0)",
    "s:get_value(1)",
    "s:get_value(9)",
    "s:get_value(-1)",
    "s:get_values()",
    "s:get_uvalues()",
    "s:get_name(0)",
    "s:get_name(5)",
    "s:get_names()",
    "s:get_unames()",
]
READ += [
    "s:get_type(0)",
    "s:get_type(7)",
    "s:get_types()",
    "s:get_utypes()",
    "s:get_named_values()",
    "s:get_named_types()",
    "s:columns()",
    "s:data()",
    "s:idata()",
    "s:inames()",
]
READ += [
    "s:itypes()",
    "s:type(0)",
    "s:isopen()",
    "s:last_insert_rowid()",
    "s:bind_parameter_count()",
    "s:bind_parameter_name(1)",
    "s:bind_parameter_name(3)",
    "s:get_value()",
]
READ += ["s:get_value('x')", "s:step()", "s:reset()", "s:nope()"]


def _statement(m: Maker) -> str:
    kind = m.random.random()
    if kind < 0.5:
        text = m.string(
            m.one(
                [
                    "SELECT ?, ?",
                    "SELECT :a, :b",
                    "SELECT ?2, ?1",
                    "SELECT $a, @b",
                    "SELECT * FROM t WHERE id = ?",
                    "INSERT INTO t(a, b) VALUES(?, ?)",
                    "SELECT typeof(?1), ?1",
                ]
            )
        )
        body = f"{_bind(m)}, "
        if m.chance(0.3):
            body += f"{_bind(m)}, "
    else:
        text, body = _sql(m), ""
    steps = ", ".join(m.one(["s:step()", "s:step()", m.one(READ)]) for _ in range(m.random.randint(1, 4)))
    end = m.one(
        [
            "s:finalize()",
            "s:reset()",
            "s:finalize(), s:isopen()",
            "s:finalize(), pcall(s.step, s)",
            "db:close()",
            "db:close_vm(), s:isopen()",
            m.one(READ),
        ]
    )
    return f"local db = NEW() local s, e, r = db:prepare({text}) if not s then return s, e, r, {AFTER} end return r, {body}{steps}, {m.one(READ)}, {end}, {AFTER}"


def sqlite(m: Maker) -> str:
    """Something done with a new database."""
    kind = m.random.random()
    db = "local db = NEW() "
    sql = _sql(m)
    if kind < 0.2:
        back = m.one(
            [
                "return 0",
                "return 1",
                "return nil",
                "error('stop')",
                "return 'x'",
                "if values[1] then return 0 end return 5",
            ]
        )
        data = m.one(["", ", 'DATA'", ", {1}", ", nil"])
        call = f"function(data, n, values, names) r[#r + 1] = {{data, n, {{table.unpack(values, 1, n)}}, {{table.unpack(names, 1, n)}}}} {back} end{data}"
        if m.chance(0.35):
            call = m.one(["nil", "5", "type", "{}"]) if m.chance(0.2) else ""
        return f"{db}local r = {{}} local c = table.pack(pcall(db.exec, db, {sql}{', ' + call if call else ''})) return c, r, {AFTER}"
    if kind < 0.45:
        way = m.one(["nrows", "rows", "urows"])
        source = f"db:{way}({sql})" if m.chance(0.7) else f"db:prepare({sql}):{way}()"
        return f"{db}local r = {{}} local ok, e = pcall(function() for a, b, c in {source} do r[#r + 1] = {{a, b, c}} end end) return r, ok, e, {AFTER}"
    if kind < 0.75:
        return _statement(m)
    if kind < 0.85:
        body = m.one(
            [
                "ctx:result(#args)",
                f"ctx:result({m.any()})",
                "ctx:result_int(5)",
                "ctx:result_text('t')",
                "ctx:result_null()",
                "ctx:result_error('bad')",
                "ctx:result_blob('b')",
            ]
        )
        body = m.one(
            [
                body,
                "ctx:result(args[1])",
                "ctx:result_number(1.5)",
                "ctx:result_double(2)",
                "error('inside')",
                "ctx:result(ctx:user_data())",
                "",
            ]
        )
        count = m.one(["-1", "1", "2", "0"])
        arguments = ", ".join(m.some(lambda: m.one(VALUES), 0, 2))
        make = (
            f"db:create_function('f', {count}, function(ctx, ...) local args = {{...}} {body} end{m.one(['', ', 5'])})"
        )
        return f"{db}local r = {{}} local m = {make} local ok, e = pcall(function() for v in db:urows({m.string(f'SELECT f({arguments})')}) do r[#r + 1] = v end end) return m, r, ok, e, {AFTER}"
    if kind < 0.9:
        step = m.one(
            [
                "ctx:set_aggregate_data((ctx:get_aggregate_data() or 0) + (v or 1))",
                "ctx:set_aggregate_data(ctx:step())",
                "error('in step')",
            ]
        )
        final = m.one(
            [
                "ctx:result(ctx:get_aggregate_data())",
                "ctx:result(ctx:aggregate_count())",
                "ctx:result_number(ctx:get_aggregate_data() or 0)",
                "error('in final')",
            ]
        )
        return (
            f"{db}local r = {{}} local m = db:create_aggregate('g', 1, function(ctx, v) {step} end, function(ctx) {final} end) "
            f"local ok, e = pcall(function() for v in db:urows('SELECT g({m.one(['id', 'a', 'c'])}) FROM t{m.one(['', ' WHERE 0', ' GROUP BY id > 1'])}') do r[#r + 1] = v end end) return m, r, ok, e, {AFTER}"
        )
    return m.one([
        f"{db}return db:isopen(), db:close(), db:isopen(), pcall(db.exec, db, 'SELECT 1')", f"{db}return db:execute({sql}), {AFTER}", f"L.complete({m.one([sql, m.string('SELECT 1;'), m.any()])})",
        f"{db}return db:error_code(), db:error_message(), db:exec({sql}), db:error_code(), db:error_message()", f"L[{m.string(m.one(['OK', 'ERROR', 'ROW', 'DONE', 'BUSY', 'NULL', 'TEXT', 'nope', 'MISUSE', 'RANGE', 'CONSTRAINT']))}]",
        f"{db}local r = {{}} db:trace(function(d, s) r[#r + 1] = s end) db:exec({sql}) return r", f"{db}local r = {{}} db:update_hook(function(...) r[#r + 1] = {{...}} end) db:exec({sql}) return r",
        f"{db}local n = 0 db:commit_hook(function() n = n + 1 return {m.one(['false', 'true', 'nil', '0'])} end) return db:exec({sql}), n, {AFTER}", f"{db}return db:create_collation('c', function(a, b) return a < b and 1 or -1 end), db:exec('SELECT * FROM t ORDER BY b COLLATE c')",
        f"{db}return db:prepare({m.any()})", f"{db}return db:exec({m.any()})", f"{db}return pcall(db.nrows, db, {m.any()})", f"{db}return db.nope, db:nope()", "L.open_memory(1):isopen()", "L.lversion(), L.version()", f"{db}return db:db_filename('main')",
        f"{db}return db:busy_timeout(5), db:interrupt(), db:{m.one(['changes', 'total_changes', 'last_insert_rowid', 'errcode', 'errmsg'])}({m.one(['', '1'])})", f"L.temp_directory({m.one(['', 'nil'])})",
    ])  # fmt: skip


PRELUDE = (
    f"{ALL_BYTES} local L = require('lsqlite3') local SETUP = \"{SETUP}\" "
    "local function NEW() local db = L.open_memory() db:exec(SETUP) return db end"
)

MODULES = [Module("lsqlite3", sqlite, PRELUDE, oracle="sqlite")]
