"""Builtins in tail position keep the caller's frame, as the reference's C functions do; other tail calls stay."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ao_runtime import Process

#: Shows all results of a function, or its error.
SHOW = """
function Show(f, ...)
  local all = table.pack(pcall(f, ...))
  for i = 1, all.n do all[i] = tostring(all[i]) end
  return table.concat(all, "|", 1, all.n)
end
"""


@pytest.fixture(scope="module")
def process() -> Process:
    """A process that can show what functions give."""
    made = Process.spawn(owner="me")
    made.eval(SHOW)
    return made


def data(process: Process, code: str) -> str:
    """What the code evaluates to."""
    result = process.eval(code)
    assert result.error is None, result.error
    return str(result.output["data"])


def caught(process: Process, code: str) -> str:
    """The error that the code raises as the body of a function, from its second line on."""
    shown = data(process, "return (Show(function(...)\n" + code + "\nend))")
    assert shown.startswith("false|"), shown
    return shown.removeprefix("false|")


# Recorded from the reference, but for the names that are not asked of it.
BUILTINS = {
    "tostring()": "bad argument #1 to 'tostring' (value expected)",
    "setmetatable(1, nil)": "bad argument #1 to 'setmetatable' (table expected, got number)",
    "load(1, {})": "bad argument #2 to 'load' (string expected, got table)",
    "xpcall(print)": "bad argument #2 to 'xpcall' (function expected, got no value)",
    "string.rep('x', 1e10)": "resulting string too large",
    "string.format('%d', 'x')": "bad argument #2 to 'format' (number expected, got string)",
    "('%d'):format({})": "bad argument #1 to 'format' (number expected, got table)",
    "table.concat({{}})": "invalid value (table) at index 1 in table for 'concat'",
    "table.insert({}, 5, 5)": "bad argument #2 to 'insert' (position out of bounds)",
    "table.unpack({}, 1, 1e8)": "too many results to unpack",
    "_G.table.concat({{}})": "invalid value (table) at index 1 in table for 'concat'",
    "utf8.len('x', 10)": "bad argument #2 to 'len' (initial position out of string)",
    "bit32.band({})": "bad argument #1 to 'band' (number expected, got table)",
    "coroutine.resume(1)": "bad argument #1 to 'resume' (thread expected)",
    "coroutine.wrap(1)": "bad argument #1 to 'wrap' (function expected, got number)",
    "debug.getinfo(print, '?')": "bad argument #2 to 'getinfo' (invalid option)",
    "io.open()": "bad argument #1 to 'open' (string expected, got no value)",
    "rawget(1)": "bad argument #1 to 'rawget' (table expected, got number)",
}


@pytest.mark.parametrize("call", BUILTINS)
def test_builtins(process: Process, call: str) -> None:
    """A builtin in tail position reports its caller's line, and the name that it was called by."""
    assert caught(process, f"return {call}") == f'[string "aos"]:2: {BUILTINS[call]}'


def test_every_builtin(process: Process) -> None:
    """Whatever builtin fails, and with whatever arguments, it says in tail position what it says elsewhere."""
    code = """
    local lines = {}
    local function try(path)
      for _, arguments in ipairs({ "", "{}", "nil, {}", "print, {}", "1, 2, 3, {}", "'x', {}, {}" }) do
        local call = path .. "(" .. arguments .. ")"
        local tail = assert(load("\\n\\nreturn " .. call, "tail"))
        local plain = assert(load("\\n\\nlocal first = " .. call .. " return first", "tail"))
        local a, b = Show(tail), Show(plain)
        if not a:find("^true") and a:gsub("0x%x+", "") ~= b:gsub("0x%x+", "") then
          lines[#lines + 1] = call .. ": " .. a .. " / " .. b
        end
      end
    end
    for name in ([[tostring require pairs next load setmetatable collectgarbage dofile loadfile xpcall pcall assert
                   select rawset ipairs]]):gmatch("%a+") do
      try(name)
    end
    for _, library in ipairs({ "string", "table", "utf8", "bit32", "coroutine", "io", "os", "debug", "package" }) do
      for name, f in pairs(_G[library]) do
        if type(f) == "function" and name ~= "yield" and name ~= "exit" then try(library .. "." .. name) end
      end
    end
    return #lines .. table.concat(lines, "\\n")
    """
    assert data(process, code).splitlines()[-1] == "0"


@pytest.mark.parametrize("method", ["s:rep(1e10)", "s:rep(s:len() * 1e10)", "('x'):rep(1e10)", "(s .. s):rep(1e10)"])
def test_methods(process: Process, method: str) -> None:
    """Methods of strings are builtins."""
    assert caught(process, f"local s = 'x'\nreturn {method}") == '[string "aos"]:3: resulting string too large'


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("return coroutine.wrap(function() error('x', 0) end)()", 2),
        ("return coroutine.wrap(function(...) error('x', 0) end)(...)", 2),
        ("local wrap = coroutine.wrap\nreturn wrap(function() error('x', 0) end)(1)", 3),
        ("local co = coroutine.wrap(function(...) error('x', 0) end)\n\nreturn co(...)", 4),
        ("local co = coroutine.wrap(function() error('x', 0) end)\nlocal function f()\nreturn co()\nend\nf()", 4),
    ],
)
def test_wrapped_coroutines(process: Process, code: str, call: int) -> None:
    """What coroutine.wrap returns is a builtin: an error begins with the position of its call."""
    assert caught(process, code) == f'[string "aos"]:{call}: x'


def test_what_is_no_wrapped_coroutine(process: Process) -> None:
    """Tail calls of what another function returns, or of what may be something else, stay tail calls."""
    code = """
    local function wrap(f) return f end
    local function deep(n) if n == 0 then return 'down' end return wrap(deep)(n - 1) end
    local co = coroutine.wrap(function() end)
    co = function(n) if n == 0 then return 'there' end return co(n - 1) end
    return deep(300000) .. co(300000)
    """
    assert data(process, code) == "downthere"


def test_require(process: Process) -> None:
    """require in tail position names the line that asked for the module."""
    assert caught(process, "return require('nope')").startswith("[string \"aos\"]:2: module 'nope' not found:")


@pytest.mark.parametrize(
    "before",
    [
        "local concat = table.concat",
        "local insert, concat = table.insert, table.concat",
        "local t = table; local concat = t.concat",
        "local concat do concat = 1 end local table = table; local concat = table.concat",
        "local join = _G.table.concat; local concat = join",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        "return concat({{}})",
        "return (function() return concat({{}}) end)()",
        "local function inner() return function() return concat({{}}) end end return inner()()",
    ],
)
def test_names_of_its_own(process: Process, before: str, body: str) -> None:
    """A variable that never holds anything but a builtin is a name of it, in inner functions as well."""
    expected = "[string \"aos\"]:3: invalid value (table) at index 1 in table for 'concat'"
    assert caught(process, f"{before}\n{body}") == expected


@pytest.mark.parametrize(
    ("before", "call"),
    [
        ("local own", "own"),
        ("local f = table.concat; f = own", "f"),
        ("local f = table.concat; local function set(g) f = g end; set(own)", "f"),
        ("local f = table.concat; local function set(g) return function() f = g end end; set(own)()", "f"),
        ("local f = own or table.concat", "f"),
        ("", "(own or tostring)"),
        ("local t = {n = own}", "(t.n or table.concat)"),
        ("local table = {concat = own}", "table.concat"),
        ("local _ENV = {tostring = own}", "tostring"),
    ],
)
def test_what_may_be_another(process: Process, before: str, call: str) -> None:
    """Where something else than a builtin may be called, the frame goes, as it does for the process's own functions."""
    code = f"""
    local traceback = debug.traceback
    local function own() return (traceback("x", 1)) end
    {before.replace("local own", "")}
    local function caller(n) return {call}(n) end
    local shown = caller(1)
    return shown
    """
    assert data(process, code).count("(...tail calls...)") == 2


def test_deep(process: Process) -> None:
    """Tail calls of a process's own functions use no stack, under whatever name."""
    body = "if n == 0 then return 'done' end"
    for code in (
        f"local function loop(n) {body} return loop(n - 1) end return loop(1e6)",
        f"function Loop(n) {body} return Loop(n - 1) end return Loop(1e6)",
        f"local o = {{}} function o.loop(n) {body} return o.loop(n - 1) end return o.loop(1e6)",
        f"local o = {{}} function o:find(n) {body} return self:find(n - 1) end return o:find(1e6)",
        f"local o = {{ rep = function(o, n) {body} return o:rep(n - 1) end }} return o:rep(1e6)",
        f"local function odd(n) {body} return Even(n - 1) end function Even(n) return odd(n) end return odd(1e6)",
        f"local tostring = nil function tostring(n) {body} return tostring(n - 1) end return tostring(1e6)",
    ):
        assert data(process, code) == "done"


def test_redefined() -> None:
    """A builtin's name under which a process has put a function of its own calls that function, however deep."""
    process = Process.spawn(owner="me")
    assert process.eval("tostring = function() return 'mine' end").error is None
    assert process.eval("return tostring(1)").output["data"] == "mine"
    assert (
        process.eval(
            "function next(n) if n == 0 then return 'done' end return next(n - 1) end return next(1e6)"
        ).output["data"]
        == "done"
    )
    assert (
        process.eval("table.concat = function(...) return select('#', ...) end return table.concat(1, 2, nil)").output[
            "data"
        ]
        == "3"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return table.unpack({1, 2, 3, nil, 5}, 1, 5)", "true|1|2|3|nil|5"),
        ("return table.unpack({})", "true"),
        ("return select('#', table.unpack({}, 1, 200))", "true|200"),
        ("return pcall(error, 'x')", "true|false|x"),
        ("return xpcall(error, function(e) return e, 2 end, 'x')", "true|false|x"),
        ("return tostring(...)", "true|7"),
        ("return pcall(...)", "true|false|attempt to call a number value"),
        ("return string.gsub('aaa', 'a', 'b')", "true|bbb|3"),
        ("return ('aaa'):gsub('a', 'b')", "true|bbb|3"),
        ("return string.find('abc', '(b)')", "true|2|2|b"),
        ("return pcall(pcall, pcall, tostring, 5)", "true|true|true|true|5"),
        (
            "return coroutine.resume(coroutine.create(function(...) return table.unpack({...}) end), 1, 2)",
            "true|true|1|2",
        ),
        ("return coroutine.wrap(function(...) return coroutine.yield(...) end)(4, 5)", "true|4|5"),
        ("local x <const> = 1", None),
    ],
)
def test_results(process: Process, code: str, expected: str | None) -> None:
    """All results come through, and none more; what does not compile is told as ever."""
    if expected is None:
        assert process.eval(code).error is not None
    else:
        assert data(process, f"return (Show(function(...) {code} end, 7))") == expected


def test_across_yield(process: Process) -> None:
    """A coroutine may be suspended inside a builtin in tail position."""
    code = """
    local co = coroutine.wrap(function(...)
      return pcall(function(...) local x = coroutine.yield(...) return table.unpack({ x, x }) end, ...)
    end)
    local a, b = co(1, 2)
    return (Show(co, "y")) .. a .. b
    """
    assert data(process, code) == "true|true|y|y12"


def test_many_constants(process: Process) -> None:
    """Names that are constants beyond the 256th are names all the same."""
    many = ", ".join(f"'c{i}'" for i in range(700))
    for call, message in (
        ("tostring()", "bad argument #1 to 'tostring' (value expected)"),
        ("table.concat({{}})", "invalid value (table) at index 1 in table for 'concat'"),
        ("many[1]:rep(1e10)", "resulting string too large"),
        ("('x'):rep(1e10)", "resulting string too large"),
    ):
        assert caught(process, f"local many = {{ {many} }}\nreturn {call}").endswith(f":3: {message}")
    join = f"local many = {{ {many} }} local concat = table.concat\nreturn (function() return concat({{{{}}}}) end)()"
    assert caught(process, join).startswith('[string "aos"]:3: ')


def test_very_many_constants() -> None:
    """So are those that do not fit into an instruction."""
    process = Process.spawn(owner="me")
    many = ",".join(map(str, range(1, 270_000)))
    result = process.eval(
        f"local f = load([[local many = {{{many}}}\nreturn table.concat({{{{}}}})]], 'big')\nreturn select(2, pcall(f))"
    )
    assert result.error is None
    assert result.output["data"] == "[string \"big\"]:2: invalid value (table) at index 1 in table for 'concat'"


def test_what_debug_says(process: Process) -> None:
    """Chunk names, lines, names of variables and the environment are those of the text."""
    code = """
    local env = { tostring = tostring, x = 5 }
    local text = "local a, b = 1, 2\\nlocal function g(p, q) return tostring(p or a) end\\nreturn tostring(x), g"
    local f = load(text, "=chunk", "t", env)
    local x, g = f()
    local info = debug.getinfo(g, "SLu")
    local lines = {}
    for line in pairs(info.activelines) do lines[#lines + 1] = line end
    local first, given = debug.getupvalue(f, 1)
    local second = debug.getupvalue(g, 2)
    local parameter = debug.getlocal(g, 1)
    local same = tostring(given == env)
    local found = { x, info.source, info.linedefined, info.nparams, #lines, lines[1], first, same, second, parameter }
    return (table.concat(found, " "))
    """
    assert data(process, code) == "5 =chunk 2 2 1 2 _ENV true a p"


def test_traceback(process: Process) -> None:
    """A traceback asked for in tail position has the line that asked."""
    shown = data(process, "local function f()\n  return debug.traceback('x')\nend\nreturn (f())")
    assert shown.startswith('x\nstack traceback:\n\t[string "aos"]:2: in local \'f\'\n\t[string "aos"]:4: in ')


def test_environments(process: Process) -> None:
    """load's environment is the first upvalue, also of code that asks nothing of it, and may be nil."""
    assert data(process, "return load('return tostring(x)', 'c', 't', { tostring = tostring, x = 3 })()") == "3"
    assert data(process, "local f = load('return (function(...) return ... end)(5)', 'c', 't', {}) return f()") == "5"
    assert data(process, "return (Show(load('\\nreturn tostring(1)', 'c', 't', nil)))").startswith(
        'false|[string "c"]:2: attempt to index'
    )


def test_pieces(process: Process) -> None:
    """Code from a function, and code larger than what is compiled at a time, is treated the same."""
    assert data(process, """
    local parts = { "\\nreturn ", "table.concat", "({{}})" }
    return (Show(load(function() return table.remove(parts, 1) end, "=parts")))
    """) == "false|parts:2: invalid value (table) at index 1 in table for 'concat'"  # fmt: skip
    filler = "local function f(a)\n  return tostring(a)\nend\n"
    big = "".join(f"do {filler} end\n" for _ in range(1000))
    assert (
        data(process, f"return (Show(load([[{big}\nreturn tostring()]], '=big')))")
        == "false|big:4002: " + BUILTINS["tostring()"]
    )


def test_modules(process: Process) -> None:
    """The sources of a project's own modules are treated the same."""
    made = Process.spawn(
        owner="me", modules={"own": "local M = {}\nfunction M.f()\n  return tostring()\nend\nreturn M"}
    )
    made.eval(SHOW)
    assert data(made, "return (Show(require('own').f))") == f'false|[string ".own"]:3: {BUILTINS["tostring()"]}'


def test_comments_and_brackets(process: Process) -> None:
    """Comments, line ends and brackets between `return` and the name do not hide it."""
    for call in (
        "--[[ x ]] tostring()",
        "\ntostring()",
        "--x\ntostring()",
        "(tostring)()",
        "((((tostring))))()",
        "_G['tostring']()",
    ):
        assert caught(process, f"return {call}").endswith(BUILTINS["tostring()"])
        assert caught(process, f"return {call}").startswith('[string "aos"]:')


NAMES = ["a", "b", "c"]
CALLS = ["tostring", "select", "type", "pcall", "next", "rawequal", "math.max", "math.floor"]
CALLS += ["string.rep", "string.format", "string.find", "table.concat", "table.unpack"]
CALLS += ["concat", "fmt", "own", "T.rep", "T.own"]
CALLS += ["(own or tostring)", "(flag and own or fmt)"]
ATOMS = [
    "1",
    "2",
    "-1",
    "nil",
    "true",
    "'x'",
    "'%d'",
    "'%s,%s'",
    "{}",
    "{1, 2, 3}",
    "a",
    "b",
    "c",
    "own",
    "...",
    "(...)",
    "#{...}",
]


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Calls and other expressions of expressions."""
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return (
        st.tuples(st.sampled_from(CALLS), arguments).map(lambda call: f"{call[0]}({call[1]})")
        | st.tuples(
            st.sampled_from(["'x'", "'a,b'", "a", "T"]),
            st.sampled_from(["rep", "find", "gsub", "format", "own"]),
            arguments,
        ).map(lambda call: f"({call[0]}):{call[1]}({call[2]})")
        | st.tuples(inner, st.sampled_from(["and", "or", "==", ".."]), inner).map(lambda parts: f"({' '.join(parts)})")
        | inner.map(lambda body: f"(function(...) \1{body}\2 end)(...)")
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), calls, max_leaves=8)
STATEMENTS = st.recursive(
    st.one_of(
        st.tuples(st.sampled_from([*NAMES, "concat", "fmt", "own"]), EXPRESSIONS).map(
            lambda parts: f"{parts[0]} = {parts[1]}"
        ),
        st.tuples(st.sampled_from([*NAMES, "concat", "own"]), EXPRESSIONS).map(
            lambda parts: f"local {parts[0]} = {parts[1]}"
        ),
        EXPRESSIONS.map(lambda value: f"do \1{value}\2 end"),
    ),
    lambda inner: st.one_of(
        st.tuples(EXPRESSIONS, inner, inner).map(lambda parts: f"if {parts[0]} then {parts[1]} else {parts[2]} end"),
        st.tuples(inner, inner).map(" ".join),
        inner.map(lambda body: f"for i = 1, 2 do {body} end"),
        inner.map(lambda body: f"local own = function(...) {body} end"),
    ),
    max_leaves=5,
)
PROGRAM = """
local concat, fmt, flag = table.concat, string.format, true
local function own(...) return 'own', ... end
local T = { rep = function(...) return 'rep', ... end, own = own }
local a, b, c = 1, '%s', {}
STATEMENTS
RETURN
"""
#: Positions and names in messages are not compared: where a builtin is called by another name, they are lost.
RUN = """
function Through(...) return ... end
function Run(text)
  local f = load(text, "=f", "t", setmetatable({}, { __index = _G }))
  if not f then return "none" end
  local shown = Show(f, 3, 4)
  for _, pattern in ipairs({ "0x%x+", "f:%d+: ", "'[^']*'", "bad argument #%d+ to ", "calling  on bad self " }) do
    shown = shown:gsub(pattern, "")
  end
  return shown
end
"""


@pytest.fixture(scope="module")
def runner(process: Process) -> Process:
    """The process, with what runs programs."""
    assert process.eval(RUN).error is None
    return process


@settings(max_examples=300, deadline=None)
@given(statements=st.lists(STATEMENTS, max_size=4).map("\n".join), last=EXPRESSIONS)
def test_same_results(runner: Process, statements: str, last: str) -> None:
    """A function gives the same results whether its tail calls are tail calls or not."""
    program = PROGRAM.replace("STATEMENTS", statements).replace("RETURN", f"\1{last}\2")
    tail = program.replace("\1", "return ").replace("\2", "")
    plain = program.replace("\1", "return Through(").replace("\2", ")")
    results = [
        runner.eval(f"return (Run([==[{text}]==]))", limits={"instructions": 1_000_000}) for text in (tail, plain)
    ]
    # one that calls itself without end
    assume(all(result.error is None for result in results))
    assert results[0].output["data"] == results[1].output["data"]


def test_gas() -> None:
    """The same evaluations use the same gas in every process."""
    used = []
    for _ in range(2):
        process = Process.spawn(owner="me")
        used.append([process.eval("return tostring(1)").gas_used for _ in range(3)])
    assert used[0] == used[1]
