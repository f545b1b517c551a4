"""A state that was saved and loaded: the process answers as if nothing had happened, gas included, and saves alike."""

from __future__ import annotations

import pytest

from ao_runtime.vm.engine import DIALECTS

from .saving import Bench, agree, spawned

#: What a process has evaluated before, and what it is asked then.
PROCESSES: dict[str, tuple[str, ...]] = {
    "whole numbers as keys": (
        "T = {} for i, keys in ipairs({ '1', '12', '21', '32', '231', '54321', '13', '3', '0', '1234567', '87654321', "
        "'912345678', '123456789' }) do T[i] = { {}, setmetatable({}, { __newindex = error }) } "
        "for key in keys:gmatch('.') do for _, t in ipairs(T[i]) do rawset(t, tonumber(key), { key, i }) end end end "
        "U = { { 1, 2, x = 3 }, { 1.5, true, 'x' }, { {}, print }, { 1, nil, 3 }, { [1.0] = 1, [2^53] = 2 } }",
        "local s = '' for _, pair in ipairs(T) do for _, t in ipairs(pair) do s = s .. #t .. ':' "
        "for k, v in pairs(t) do s = s .. k .. v[1] .. v[2] .. ' ' end end end return s",
        "local s = '' for _, t in ipairs(U) do for k, v in pairs(t) do s = s .. tostring(k) .. type(v) .. ' ' end end return s",
        "for _, pair in ipairs(T) do for _, t in ipairs(pair) do table.insert(t, 1, { 'n', 0 }) end end return #T[7][1]",
    ),
    "shared upvalues": (
        "local n = 0 function Up() n = n + 1 return n end function Get() return n end",
        "Up() Up() return Get()",
        "return Up() + Get()",
    ),
    "joined upvalues": (
        "local a, b = 1, 2 function F() a = a + 1 return a end function G() return b end debug.upvaluejoin(G, 1, F, 1)",
        "return F() .. G() .. F() .. G()",
    ),
    "closures over closures": (
        "local function outer(a) return function() return function() a = a + 1 return a end end end "
        "T = {} for i = 1, 6 do T[i] = outer(i)() end M = outer(10) T[7], T[8] = M(), M()",
        "local s = '' for i = 1, 8 do s = s .. T[i]() .. ' ' end return s",
        "return T[7]() .. T[8]() .. tostring(T[7] == T[8])",
    ),
    "recursive closures": (
        "local function f(n) if n == 0 then return 0 end return n + f(n - 1) end F = f",
        "return F(10)",
    ),
    "varargs": (
        "function F(...) local t = { ... } return function(...) return select('#', ...), #t end end G = F(1, 2, 3)",
        "return G(1, nil, nil)",
    ),
    "functions on one line": (
        "A, B, C = function() return 1 end, function() return 2 end, function() return 1 end",
        "return A() .. B() .. C() .. tostring(A == C)",
    ),
    "one text many times": (
        "T, U = {}, {} for i = 1, 4 do T[i] = load('return function() return 1 end', '=c')() U[T[i]] = i end",
        "local n = 0 for k in pairs(U) do n = n + 1 end return n .. tostring(T[1] == T[2])",
    ),
    "one text by several names": (
        "A, B = load('error(\"x\")', '=a'), load('error(\"x\")', '@b') C = load('return function() error(1) end', 'c')()",
        "return tostring(select(2, pcall(A))) .. tostring(select(2, pcall(B))) .. tostring(select(2, pcall(C)))",
    ),
    "names like ours": (
        "A = load('local a = 1 return function() return a, debug.getinfo(1, \"S\").source end', '.handlers')() "
        "B = load('return debug.getinfo(1, \"S\").source', '=x')",
        "return tostring(A()) .. B() .. tostring(debug.getupvalue(A, 1))",
    ),
    "environments": (
        "E = { x = 1 } F = load('x = x + 1 return x', '@y', 't', E) G = load('return y', 'c', 't', nil)",
        "return F() .. tostring(pcall(G))",
        "E.x = 10 return F()",
    ),
    "builtins replaced before they are called last": (
        "tostring = function(x) return debug.traceback() end function F() return tostring(1) end",
        "function G() return tostring(2) end return F() .. G()",
        "return F() .. G()",
    ),
    "builtins replaced after they are called last": (
        "function F() return tostring(1) end tostring = function() return debug.traceback() end",
        "function G() return tostring(2) end return F() .. G()",
    ),
    "builtins under other names": (
        "_G[1], _G['a.b'], _G[true] = tostring, tostring, tostring function F() return tostring(1) end",
        "return F() .. _G['a.b'](2)",
    ),
    "globals replaced": (
        "print = function(x) return 'p' end pairs = function() return next, {} end require = nil "
        "string.format = function() return 'q' end",
        "return string.format('x')",
        "local s = '' for k in pairs({ a = 1 }) do s = s .. k end return s",
    ),
    "metatables": (
        "A = {} A.__index, A.__tostring = A, function(t) return 'A' .. t.n end A.get = function(t) return t.n end "
        "X = setmetatable({ n = 1 }, A) setmetatable(A, A) Y = setmetatable({}, { __index = X, __len = function() return 7 end })",
        "return tostring(X) .. Y:get() .. #Y .. tostring(getmetatable(A) == A)",
    ),
    "guarded metatables": (
        "X = setmetatable({}, { __metatable = 'no', __pairs = function(t) return next, { z = 1 } end, "
        "__eq = function() return true end, __lt = function() return true end })",
        "local s = tostring(getmetatable(X)) for k in pairs(X) do s = s .. k end return s .. tostring(X == setmetatable({}, debug.getmetatable(X)))",
    ),
    "weak tables": (
        "M = { __mode = 'k' } T = setmetatable({}, M) T[{}] = 1 T[M] = 2",
        "local n = 0 for k in pairs(T) do n = n + 1 end return n",
        "collectgarbage() local n = 0 for k in pairs(T) do n = n + 1 end return n",
    ),
    "weak tables that are gone": ("setmetatable({}, { __mode = 'v' })", "collectgarbage() return 1"),
    "weak tables to come": (
        "M = { __mode = 'k' } do local t = setmetatable({}, M) end",
        "collectgarbage() return 1",
        "T = setmetatable({}, M) T[{}] = 1 collectgarbage() return tostring(next(T))",
    ),
    "finalizers that never run": (
        "T = setmetatable({}, { __gc = function() Gone = true end })",
        "T = nil collectgarbage() return tostring(Gone)",
    ),
    "numbers": (
        "T = { 1, [1.5] = 2, [2^53] = 3, [math.mininteger] = 4, [-0.0] = 5, [math.huge] = 6, [-math.huge] = 7, "
        "a = 0/0, b = -0.0, c = 1.0, d = 1, e = math.maxinteger, [true] = 1, [false] = 2 }",
        "local s = '' for k, v in pairs(T) do s = s .. tostring(k) .. tostring(v) .. math.type(v) .. ';' end return s",
    ),
    "strings": (
        "S, L = {}, ('x'):rep(5000) for i = 0, 255 do S[i] = string.char(i) S[string.char(i, 0, i)] = i end "
        "T = { L, L, [L] = L, [('y'):rep(255)] = ('y'):rep(256), [('z'):rep(4096)] = ('z'):rep(4097), [''] = '' }",
        "local n = 0 for k, v in pairs(S) do n = n + #tostring(k) + #tostring(v) end return n .. #T[L] .. #T",
    ),
    "many strings as keys": (
        "S = {} for i = 1, 300 do S['k' .. i * 7 % 301] = i end Z = {} for i = 1, 300 do Z['k\\0' .. i * 7 % 301] = i end",
        "local s = '' for k, v in pairs(S) do s = s .. k .. v end for k, v in pairs(Z) do s = s .. v end return s",
    ),
    "objects as keys": (
        "T = {} for i = 1, 5 do T[{ i, { i } }] = i T[function() return i end] = i end T[T] = T",
        "local s = '' for k, v in pairs(T) do s = s .. tostring(k) .. tostring(v) .. ';' end return s",
    ),
    "holes": (
        "T = { 1, 2, nil, 4, nil, 6, n = 1, [-1] = 0, [0] = 0 } U = {} for i = 1, 100 do U[i] = i end for i = 1, 99, 2 do U[i] = nil end",
        "local s = '' for k, v in pairs(T) do s = s .. k .. v end for k, v in pairs(U) do s = s .. k end return s",
    ),
    "deep": (
        "local t = {} T = t for i = 1, 20000 do t.x = { i } t = t.x end",
        "local t, n = T, 0 while t.x do t = t.x n = n + 1 end return n",
    ),
    "records": (
        "T = {} for i = 1, 200 do T[i] = { id = i, name = 'n' .. i, half = i / 2, odd = i % 2 == 1, [i % 3 == 0 and 'x' or 'y'] = {} } end",
        "local s = '' for _, t in ipairs(T) do for k, v in pairs(t) do s = s .. k .. (type(v) == 'table' and '' or tostring(v)) end end return s",
    ),
    "addresses": (
        "T = {} S = tostring(T) .. tostring(print)",
        "return tostring(T) .. S .. tostring({}) .. tostring(print) .. tostring(Handlers)",
    ),
    "steps of next": (
        "T = { a = 1, b = 2, c = 3 } K = next(T)",
        "T.aa = 1 K = next(T, K) return K",
        "return next(T, K)",
    ),
    "the string metatable": (
        "local meta = getmetatable('') meta.__index = function(s, k) return k end meta.__add = function() return 7 end",
        "return ('x').foo .. ('a' + 'b')",
    ),
    "dead coroutines": (
        "C = coroutine.create(function() return 1 end) coroutine.resume(C)",
        "return tostring(C) .. coroutine.status(C)",
        "return tostring(coroutine.resume(C))",
    ),
    "the clock and chance": (
        "X = os.clock() + math.random()",
        "return os.clock() .. os.time() .. math.random() .. math.random(100)",
    ),
    "files": (
        "F = io.open('/data/book') L = F:read('l') G = io.open('/data/empty') G:close()",
        "return F:read('n') .. F:read('n') .. #F:read(5)",
        "return tostring(F) .. io.type(F) .. io.type(G) .. tostring(G)",
        "F:close() return io.type(F)",
    ),
    "modules of the project": (
        "P = require('points') P.add(3)",
        "return P.add(4) .. require('points').add(1) .. P.name .. require('utils').mine()",
        "return tostring(pcall(require, 'broken'))",
    ),
    "modules of the process": (
        "package.preload.zz = function(n) return { n = n } end package.loaded.yy = 5",
        "return require('zz').n .. require('yy')",
        "return tostring(require('zz') == require('zz'))",
    ),
    "modules of ours that are gone": (
        "require('.base64') package.loaded['.base64'] = nil",
        "F = load('local q = ... return function() return q end', '.base64')(3) return tostring(debug.getupvalue(F, 1))",
        "return tostring(debug.getupvalue(F, 1)) .. F()",
    ),
    "bint": (
        "B = require('.bint')(256) X = B(5) Y = require('.bint')(1024)(3)",
        "return tostring(X * B.frominteger(7)) .. tostring(B.fromstring('123456789012345678901234567890') // X)",
        "return tostring(X / B(2)) .. tostring(X < B(6)) .. tostring(Y - 5)",
    ),
    "crypto": (
        "C = require('.crypto') S = C.utils.stream.fromString",
        "return C.digest.sha2_256(S('abc')).asHex() .. C.digest.md5(S('abc')).asHex()",
        "return C.digest.sha2_256(S('abc')).asHex()",
    ),
    "json": (
        "J = require('json') T = J.decode('[1, 2, {\"a\": 3.0}]')",
        "return J.encode(T) .. J.encode({ a = 1, b = { 1, 2, 3 }, c = 'x\\n' })",
    ),
    "handlers": (
        "Handlers.add('a', function(m) return m.Action == 'Eval' and 'continue' or false end, function(m) Q = (Q or 0) + 1 end) "
        "Handlers.prepend('b', function() return 'continue' end, function() P = (P or 0) + 1 end) Handlers.remove('none2' and 'a')",
        "return tostring(Q) .. tostring(P) .. #Handlers.list",
        "Handlers.remove('b') return #Handlers.list",
    ),
    "databases": (
        "local s = require('lsqlite3') D = s.open_memory() D:exec('create table t(a, b)') "
        "S = D:prepare('insert into t values(?, ?)') S:bind_values(1, 2) S:step() S:reset() Q = D:prepare('select * from t') "
        "N = Q:get_names()",
        "S:bind_values(3, 'x') S:step() S:reset() return D:total_changes() .. D:changes() .. D:last_insert_rowid()",
        "local s = '' for r in D:nrows('select * from t') do s = s .. r.a .. r.b end return s .. Q:get_types()[1]",
        "S:finalize() Q:finalize() return D:close()",
    ),
    "settings of databases": (
        "D = require('lsqlite3').open_memory() D:exec([[create table t(a); insert into t values (1), (3); "
        "pragma foreign_keys = 1; pragma case_sensitive_like = 1; pragma reverse_unordered_selects = 1; update t set a = a + 1]])",
        "local s = '' for r in D:nrows([[select a, 'a' like 'A' as q from t]]) do s = s .. r.a .. r.q end "
        "for r in D:nrows('pragma foreign_keys') do s = s .. r.foreign_keys end return s .. D:changes() .. D:total_changes()",
    ),
    "databases by name": (
        "local s = require('lsqlite3') D = s.open('x') D:exec('create table t(a); insert into t values (1)') E = s.open('x')",
        "local n = 0 for r in E:nrows('select * from t') do n = n + r.a end return n .. tostring(D)",
        "E:exec('insert into t values (5)') local n = 0 for r in D:nrows('select * from t') do n = n + r.a end return n",
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", PROCESSES)
def test_nothing_is_lost(name: str, dialect: str) -> None:
    """The twin that was saved and loaded answers as the process does, and saves alike."""
    code, *questions = PROCESSES[name]
    agree(spawned(code, dialect=dialect), *questions)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", PROCESSES)
def test_saving_leaves_no_trace(name: str, dialect: str) -> None:
    """A process that was saved on the way saves as one that was not."""
    code, *questions = PROCESSES[name]
    one, other = spawned(code, dialect=dialect), spawned(code, dialect=dialect)
    for question in questions:
        one.engine.save()
        assert one.eval(question) == other.eval(question)
    assert one.state() == other.state()


WAITING = {
    "a suspended coroutine": "C = coroutine.create(function() coroutine.yield() end) coroutine.resume(C)",
    "a coroutine that has not begun": "C = coroutine.create(function() end)",
    "a coroutine that has failed": "C = coroutine.create(function() error('x') end) coroutine.resume(C)",
    "a wrapped coroutine": "W = coroutine.wrap(function() end)",
    "an iterator over matches": "G = string.gmatch('abc', '.')",
    "an iterator over lines": "L = io.open('/data/book'):lines()",
    "an iterator over pairs": "P = pairs({ 1, 2 })",
    "the id of an upvalue": "local x = 1 U = debug.upvalueid(function() return x end, 1)",
    "the id of an upvalue that was shown": "local x = 1 S = tostring(debug.upvalueid(function() return x end, 1))",
    "a statement at work": "D = require('lsqlite3').open_memory() D:exec('create table t(a); insert into t values (1), (2)') "
    "S = D:prepare('select * from t') S:step()",
    "a transaction": "D = require('lsqlite3').open_memory() D:exec('begin')",
    "a temporary table": "D = require('lsqlite3').open_memory() D:exec('create temp table t(a)')",
    "a function for SQLite": "D = require('lsqlite3').open_memory() D:create_function('f', 1, function() end)",
    "many dead coroutines": "T = {} for i = 1, 10001 do T[i] = coroutine.create(function() end) coroutine.resume(T[i]) end",
}


@pytest.mark.parametrize("name", WAITING)
def test_what_cannot_be_saved(name: str) -> None:
    """What cannot be written down is not, and that is no error; once it is gone, the state is saved again."""
    bench = spawned(WAITING[name])
    assert bench.engine.save() is None
    again = bench.text("return 1 + 1")
    assert again == "2"
    if name not in ("the id of an upvalue that was shown", "a function for SQLite"):
        bench.eval("if D then if S then S:finalize() end D:exec('rollback') D:exec('drop table temp.t') D:close() end")
        bench.eval("C, W, G, L, P, U, D, S, T = nil collectgarbage()")
        agree(bench, "return 1")


def test_waiting_handlers() -> None:
    """A process that waits for a message is not saved; when the message has come it is."""
    bench = spawned("Handlers.add('w', 'W', function(m) Got = Receive({ Action = 'A' }).Data end)")
    bench.message({"Action": "W"})
    assert bench.engine.save() is None
    bench.message({"Action": "A"}, "answer")
    assert bench.engine.save() is None or bench.text("return Got") == "answer"
    agree(bench, "return Got")


def test_shapes_of_messages() -> None:
    """What the VM knows of messages' shapes is part of the state: it shows in the gas."""
    bench = spawned("Handlers.add('s', 'S', function(m) N = (N or 0) + 1 end)")
    for _ in range(2):
        twin = bench.twin()
        for tags in ({"Action": "S", "X-A": "1"}, {"Action": "S", "X-B": "1"}, {"Action": "S"}):
            assert bench.message(tags) == twin.message(tags)
            assert bench.state() == twin.state()


def test_senders_and_inboxes() -> None:
    """Messages in the Inbox, senders, and what handlers made of them are kept."""
    bench = spawned(
        "Seen = {} Handlers.add('s', 'S', function(m) Seen[m.From] = m ao.send({ Target = m.From, Data = 'x' }) end)"
    )
    for sender in ("a" * 43, "b" * 43):
        bench.message({"Action": "S", "Content-Type": "text/plain"}, "data", sender)
        bench.message({"Action": "Unknown"}, b"\xff\x00", sender)
    agree(bench, "return #Inbox .. Inbox[1].Data", "return Seen[('a'):rep(43)].Tags.Action", "Inbox = {} return #Inbox")


def test_engines_that_have_evaluated_take_nothing_over() -> None:
    """A state goes into an engine that is new."""
    bench = spawned()
    state = bench.state()
    with pytest.raises(Exception, match="has not seen any message"):
        bench.engine.load(state)


# ── ways out of the sandbox that were found while states were attacked ─────────────────────────────────────────────


def test_bint_gives_nothing_away() -> None:
    """Functions that a process has put in the place of others see nothing private when `.bint` is loaded and used."""
    bench = Bench()
    bench.spawn()
    code = """
    Found = {}
    local own_type, join = type, table.concat
    local function spy(f)
      return function(...)
        for i = 1, select("#", ...) do
          local value = select(i, ...)
          if own_type(value) == "table" and rawget(value, "raw") then Found[#Found + 1] = "host" end
        end
        return f(...)
      end
    end
    for _, name in ipairs({ "type", "assert", "ipairs", "load", "getmetatable", "tonumber", "rawequal" }) do
      _G[name] = spy(_G[name])
    end
    table.concat = function(t, ...)
      local text = join(t, ...)
      return (text:gsub("^local bint, slow", "Mark = select(7, ...) local bint, slow"))
    end
    package.loaded[".bint"] = nil
    local B = require(".bint")(256)
    return tostring(B(5) * B(7)) .. tostring(Mark) .. #Found"""
    assert bench.text(code) == "35nil0"


@pytest.mark.parametrize(
    "meta",
    [
        "getmetatable(ao.send({ Target = 'x' }))",
        "getmetatable(ao.spawn('x', {}))",
        "getmetatable(require('.bint')(256)(1))",
        "(function() local b = require('.bint')(64) setmetatable(b, { __index = function(t, k) "
        "if k == '__gc' then rawset(t, k, Finalize) end end, __call = getmetatable(b).__call }) return b end)()",
    ],
)
def test_no_finalizers(meta: str) -> None:
    """A __gc in a metatable of ours that a process can find never runs: no limit would be heard there."""
    bench = spawned("Finalize = function() Ran = (Ran or 0) + 1 end")
    bench.engine.limit(None, 10.0, None)
    code = f"""
    local meta = {meta}
    if not meta.frominteger then meta.__gc = Finalize end
    local B = require(".bint")(256)
    getmetatable(B(1)).__gc = Finalize
    for i = 1, 3000 do
      ao.send({{ Target = "x" }}) ao.spawn("x", {{}}) ao.clearOutbox()
      local sum = B(1) + B(2)
      if meta.frominteger then sum = meta.frominteger(1) + meta.frominteger(2) end
    end
    collectgarbage()
    return 1"""
    bench.eval("setmetatable({}, { __mode = 'k' })")
    bench.text(code)
    bench.text("collectgarbage() return 1")
    assert bench.text("return tostring(Ran)") == "nil"


def test_no_comparison_outside_of_the_limits() -> None:
    """An __eq of the process is not called where no limit is looked at."""
    bench = spawned("ao.nonExtractableTags = setmetatable({}, { __eq = function() Called = true return true end })")
    assert bench.text("return tostring(Called)") == "nil"
