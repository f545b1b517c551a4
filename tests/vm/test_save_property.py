"""Random programs, saved and loaded on the way: the same messages give the same results, gas included, and the same state."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ao_runtime.vm.engine import DIALECTS

from .saving import Bench

NAMES = [f"g{i}" for i in range(6)]
name = st.sampled_from(NAMES)

#: Values: also such as are written alike and are not the same.
number = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(lambda n: f"({n})" if n > -(2**63) else "math.mininteger"),
    st.integers(-3, 300).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: f"({x!r})"),
    st.sampled_from(["1.0", "-0.0", "0/0", "math.huge", "-math.huge", "2^53", "2^53 + 1", "math.maxinteger", "1e308"]),
)
text = st.one_of(
    st.binary(max_size=12).map(lambda b: '"' + "".join(f"\\{c:03}" for c in b) + '"'),
    st.sampled_from(["('x'):rep(255)", "('x'):rep(256)", "('y'):rep(4096)", "('y'):rep(4097)", "('ab'):rep(9999)"]),
    st.sampled_from(["a", "b", "__index", "n", "", "end"]).map(lambda s: f"'{s}'"),
)
plain = st.one_of(number, text, st.sampled_from(["true", "false", "nil"]))
function = st.one_of(
    st.sampled_from(
        [
            "function() return 1 end",
            "function(a, b) return tostring(a) < tostring(b) end",
            "function(...) return select('#', ...) end",
            "(function() local n = 0 return function() n = n + 1 return n end end)()",
            "(function() local a, b = {}, 0 local function get() b = b + 1 a[b] = b return #a end "
            "return function(f) if f then return get end return get() end end)()",
            "(function(...) local t = { ... } return function() return function() t[#t + 1] = #t return #t end end end)(1, 2)()",
            "(function() local function f(n) return n == 0 and 0 or 1 + f(n - 1) end return f end)()",
            "(load('return function() return debug.getinfo(1, \"S\").short_src end', '=x'))()",
            "(load('local k = 0 return function() k = k + 1 return k, v end', '@y', 't', { v = 3 }))()",
            "(load('return function() return 2 end'))()",
            "print",
            "string.format",
            "tostring",
        ]
    ),
    name.map(lambda g: f"(function() local held = {g} return function() return type(held) end end)()"),
)
value = st.recursive(
    st.one_of(plain, plain, name, function),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(lambda items: "{ " + ", ".join(items) + " }"),
        st.lists(st.tuples(inner, inner), max_size=4).map(
            lambda pairs: "put({ }, " + ", ".join(f"{{ {k}, {v} }}" for k, v in pairs) + ")" if pairs else "{}"
        ),
    ),
    max_leaves=6,
)
metamethod = st.sampled_from(
    [
        "__index = T", "__index = function(t, k) return k end", "__mode = 'k'", "__mode = 'v'", "__metatable = 'locked'",
        "__gc = function() error('never') end", "__len = function() return 42 end", "__eq = function() return true end",
        "__lt = function(a, b) return true end", "__pairs = function(t) return next, { p = 1 } end",
        "__tostring = function(t) return 'named' end", "__call = function(t, ...) return ... end", "__newindex = T",
        "__name = 'N'",
    ]
)  # fmt: skip

statement = st.one_of(
    st.tuples(name, value).map("{0[0]} = {0[1]}".format),
    st.tuples(name, value, value).map("put({0[0]}, {{ {0[1]}, {0[2]} }})".format),
    st.tuples(name, name).map(
        "if type({0[0]}) == 'table' then rawset({0[0]}, {0[1]} == nil and 'nil' or {0[1]}, {0[0]}) end".format
    ),
    st.tuples(name, st.lists(metamethod, max_size=3)).map(
        lambda pair: (
            f"if type({pair[0]}) == 'table' then pcall(setmetatable, {pair[0]}, {{ {', '.join(pair[1])} }}) end"
        )
    ),
    st.tuples(name, name).map(
        "if type({0[0]}) == 'table' and type({0[1]}) == 'table' then pcall(setmetatable, {0[0]}, {0[1]}) end".format
    ),
    name.map("out({0})".format),
    name.map("out(type({0}) == 'function' and pcall({0}))".format),
    name.map("if type({0}) == 'table' then for k, v in pairs({0}) do out(k, v) end end".format),
    name.map("if type({0}) == 'table' then K, V = next({0}) out(K, V) end".format),
    name.map("if type({0}) == 'table' and K ~= nil and rawget({0}, K) ~= nil then K = next({0}, K) out(K) end".format),
    name.map(
        "if type({0}) == 'table' and debug.getmetatable({0}) == nil then table.insert({0}, #{0}) out(#{0}) end".format
    ),
    name.map("out(tostring({0}))".format),
    st.tuples(name, name).map(
        "if type({0[0]}) == 'function' and debug.getupvalue({0[0]}, 1) then out((debug.getupvalue({0[0]}, 1))) "
        "if type({0[1]}) == 'function' and debug.getupvalue({0[1]}, 1) then debug.upvaluejoin({0[0]}, 1, {0[1]}, 1) end end".format
    ),
    st.tuples(name, value).map("if type({0[0]}) == 'function' then debug.setupvalue({0[0]}, 1, {0[1]}) end".format),
    st.sampled_from(
        [
            "collectgarbage()",
            "out(os.clock(), math.random(), math.random(10), os.time())",
            "C = coroutine.create(function() return 1 end) coroutine.resume(C) out(coroutine.status(C), C)",
            "C = coroutine.create(function() coroutine.yield() end) coroutine.resume(C)",
            "C = nil",
            "Gm = string.gmatch('abc', '.')",
            "Gm = nil",
            "F = F or io.open('/data/book') out(F:read('l'))",
            "out(require('points').add(1))",
            "package.loaded.points = nil",
            "package.preload.made = function(n) return { n } end out(require('made')[1])",
            "J = require('json') out(J.encode({ 1, 2, { a = 'b' } }))",
            "B = B or require('.bint')(128) X = B(3) * B(4) out(tostring(X))",
            "getmetatable('').__index = function(s, k) return string[k] or k end out(('x').y)",
            "local own = tostring tostring = function(x) return (own(x)) end",
            "string.format = function() return 'format' end",
            "local own = print print = function(...) return own(...) end",
            "print('printed')",
            "Inbox[#Inbox + 1] = { Data = 'mine' } out(#Inbox)",
            "ao.send({ Target = 'T', Data = 'D', Tags = { A = 'b' } })",
            "Q = require('lsqlite3').open_memory() Q:exec('create table t(a)')",
            "if Q then Q:exec('insert into t values (1)') out(Q:changes(), Q:total_changes()) end",
            "if Q then S = Q:prepare('select count(*) from t') S:step() out(S:get_value(0)) S:reset() end",
            "if Handlers.once then Handlers.once('once', 'Go', function() Went = (Went or 0) + 1 end) end",
            "Handlers.add('h', function(m) return m.Action == 'Go' and 'continue' end, function(m) out2 = m.From end)",
            "Handlers.prepend('p', function(m) return m.Action == 'Go' and 1 or 0 end, function() put(g1, { 1, 2 }) end)",
            "if #Handlers.list > 2 then Handlers.remove('h') end",
            "local add = Handlers.add Handlers.add = function(...) return add(...) end",
            "if math.random() > 2 then error('never') end",
        ]
    ),
)
message = st.one_of(
    st.lists(statement, min_size=1, max_size=6).map(lambda parts: ("Eval", "\n".join(parts))),
    st.lists(statement, min_size=1, max_size=6).map(lambda parts: ("Eval", "\n".join(parts))),
    st.just(("Go", "data")),
    st.just(("Unknown", "")),
)

#: What programs print is part of what is compared; errors are told, and do not end a message.
PRELUDE = """
T = {}
function put(t, ...)
  if type(t) ~= "table" then return t end
  for _, pair in ipairs({ ... }) do
    local k = pair[1]
    if k ~= nil and k == k then rawset(t, k, pair[2]) end
  end
  return t
end
local tell, kind, text = print, type, tostring
function out(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    parts[i] = kind(v) == "number" and (math.type(v) .. text(v)) or kind(v) == "string" and #v .. v:sub(1, 20) or kind(v)
  end
  tell(table.concat(parts, ","))
end
"""


def _play(bench: Bench, what: tuple[str, str]) -> tuple[object, ...]:
    action, code = what
    if action == "Eval":
        return bench.eval(f"local ok, problem = pcall(function()\n{code}\nend) return tostring(problem)")
    return bench.message({"Action": action}, code, "S" * 43)


def _check(dialect: str, before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    bench, plain_run = Bench(dialect=dialect), Bench(dialect=dialect)
    for one in (bench, plain_run):
        one.engine.limit(2_000_000, 5.0, 64 << 20)
        one.spawn()
        assert one.eval(PRELUDE)[0] != 3
    for what in before:
        raw = _play(bench, what)
        assert _play(plain_run, what) == raw
        if raw[0] == 3:
            return
        bench.engine.save()
    state = bench.engine.save()
    assert state == plain_run.engine.save()
    if state is None:
        return
    twin = Bench(state, bench.number, dialect=dialect)
    twin.engine.limit(2_000_000, 5.0, 64 << 20)
    assert twin.engine.save() == state
    for what in after:
        raw = _play(plain_run, what)
        assert _play(twin, what) == raw
        if raw[0] == 3:
            return
        assert twin.engine.save() == plain_run.engine.save()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(DIALECTS), st.lists(message, min_size=1, max_size=6), st.lists(message, min_size=1, max_size=4))
def test_saved_and_loaded_in_the_middle(
    dialect: str, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    """Whatever a process has done, its twin that was saved and loaded goes on as it does."""
    _check(dialect, before, after)
