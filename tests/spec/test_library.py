"""What a process may use (library.md)."""

from __future__ import annotations

import pytest

from ao_runtime import Process

from ..lua.processes import Subject

LIBRARIES = {
    "_G": "assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs pcall print rawequal rawget "
    "rawlen rawset require select setmetatable tonumber tostring type xpcall",
    "bit32": "arshift band bnot bor btest bxor extract lrotate lshift replace rrotate rshift",
    "coroutine": "create isyieldable resume running status wrap yield",
    "debug": "traceback getinfo",
    "io": "open",
    "math": "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp ldexp log log10 max min modf pow rad "
    "random randomseed sin sinh sqrt tan tanh tointeger type ult",
    "os": "clock date difftime execute exit getenv remove rename setlocale time tmpname",
    "string": "byte char dump find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
    "table": "concat insert move pack remove sort unpack",
    "utf8": "char codepoint codes len offset",
    "json": "encode decode",
    ".base64": "encode decode makeencoder makedecoder",
    ".utils": "matchesPattern matchesSpec normalize capitalize curry concat reduce map filter find propEq reverse "
    "compose prop includes keys values",
    ".handlers-utils": "hasMatchingTag hasMatchingTagOf hasMatchingData reply continue",
    ".stringify": "format isSimpleArray",
    ".pretty": "tprint",
    ".chance": "seed random integer",
}


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


@pytest.mark.parametrize("library", LIBRARIES)
def test_functions(subject: Subject, library: str) -> None:
    """Every function of the page is there, in globals and in modules."""
    table = library if library.isidentifier() and library != "json" else f"require('{library}')"
    code = f"""
      local t = {{}}
      for n in ('{LIBRARIES[library]}'):gmatch('%S+') do if type({table}[n]) ~= 'function' then t[#t + 1] = n end end
    """
    assert subject.eval(code + "return table.concat(t, ' ')") == ""


def test_constants(subject: Subject) -> None:
    """What is no function: constants, and the tables of `package`."""
    code = """return table.concat({_VERSION, tostring(_G._G == _G), math.huge, math.pi, math.maxinteger,
      math.mininteger,
      utf8.charpattern == '[\\0-\\x7F\\xC2-\\xF4][\\x80-\\xBF]*' and 'utf8' or '?', type(package.loaded),
      type(package.preload),
      type(package.searchers), type(package.path), type(package.cpath)}, ' ')"""
    assert subject.eval(code) == (
        "Lua 5.3 true inf 3.1415926535898 9223372036854775807 -9223372036854775808 utf8 table table table string string"
    )


def test_what_is_not_there(subject: Subject) -> None:
    """`unpack`, `setfenv` and `loadstring` are not there."""
    assert subject.eval("return tostring(unpack) .. tostring(setfenv) .. tostring(loadstring)") == "nilnilnil"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("'10' + 5", "15.0"),
        ("'10' * '2'", "20.0"),
        ("10 // 0.0", "inf"),
        ("'0x10' + 0", "16.0"),
        ("10 | '3'", "11"),
        ("2^53", "9.007199254741e+15"),
        ("0.1 + 0.2", "0.3"),
        ("1e15", "1e+15"),
        ("100 / 2", "50.0"),
        ("math.maxinteger + 1 == math.mininteger", "true"),
        ("9007199254740993", "9007199254740993"),
        ("math.type(1) .. math.type(1.0) .. tostring(math.type('1'))", "integerfloatnil"),
        ("tostring(1 == 1.0) .. tostring(math.tointeger(3.0))", "true3"),
        ("string.format('%.14g %d %5.1f %q %s', 0.1, 3.0, 2.25, 'a\\n', {} ~= nil)", '0.1 3   2.2 "a\\\n" true'),
        ("#'\\u{1F600}'", "4"),
        ("-7 // 2 .. ' ' .. -7 % 3 .. ' ' .. math.fmod(-7, 3)", "-4 2 -1"),
        ("1 < 1.5 and 'a' < 'b'", "true"),
        ("3 & 5 ~ 1 << 2", "5"),
    ],
)
def test_arithmetic(subject: Subject, code: str, answer: str) -> None:
    """Lua 5.3's numbers: arithmetic on strings gives floats, integers have 64 bits, floats are shown by `%.14g`."""
    assert subject.eval("return " + code) == answer


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("bit32.band(0xFF, 0x0F)", "15"),
        ("bit32.bnot(0)", "4294967295"),
        ("bit32.bor(1, 2, 4) .. ' ' .. bit32.bxor(7, 2)", "7 5"),
        ("tostring(bit32.btest(1, 2)) .. tostring(bit32.btest(3, 2))", "falsetrue"),
        (
            "bit32.arshift(-8, 1) .. ' ' .. bit32.rshift(-8, 1) .. ' ' .. bit32.lshift(1, 31)",
            "4294967292 2147483644 2147483648",
        ),
        ("bit32.extract(0xABCD, 4, 8) .. ' ' .. bit32.replace(0, 5, 4, 4)", "188 80"),
        ("bit32.lrotate(0x80000001, 1) .. ' ' .. bit32.rrotate(1, 1)", "3 2147483648"),
        ("math.pow(2, 3) .. ' ' .. math.log10(1000) .. ' ' .. math.ldexp(1, 3)", "8.0 3.0 8.0"),
        ("math.cosh(0) .. ' ' .. math.sinh(0) .. ' ' .. math.tanh(0) .. ' ' .. math.atan2(0, 1)", "1.0 0.0 0.0 0.0"),
        ("table.concat({math.frexp(8)}, ' ')", "0.5 4"),
    ],
)
def test_old_functions(subject: Subject, code: str, answer: str) -> None:
    """bit32 and the old math functions."""
    assert subject.eval("return " + code) == answer


def test_an_empty_machine(subject: Subject) -> None:
    """What is withheld answers as on an empty machine."""
    code = """
      local file, message = io.open('/etc/passwd')
      return table.concat({tostring(os.getenv('HOME')), tostring(os.execute()), tostring(file), type(message),
        tostring(os.remove('/etc/passwd')), tostring((pcall(dofile, '/etc/passwd'))),
        tostring((loadfile('/etc/passwd')))}, ' ')
    """
    assert subject.eval(code) == "nil false nil string nil false nil"


def test_data_files() -> None:
    """`io.open('/data/<id>')` reads the data of a transaction, where there is any."""
    process = Process.spawn(files={"TX": b"one\ntwo\xff"})
    code = "local f = io.open('/data/TX') local a, b = f:read('l'), f:read('a') f:close() return a .. '|' .. b"
    assert process.eval(code).output["data"] == b"one|two\xff"
    assert process.eval("return tostring(io.open('/data/none'))").text == "nil"


@pytest.mark.parametrize(
    "name", ["utils", "base64", "stringify", "pretty", "dump", "chance", "handlers", "handlers-utils", "bint", "apm"]
)
def test_names_have_a_dot(subject: Subject, name: str) -> None:
    """`.name` is loaded once, and no module has that name without the dot."""
    code = f"require('.{name}') return tostring(package.loaded['.{name}'] == require('.{name}')) .. tostring(pcall(require, '{name}'))"
    assert subject.eval(code) == "truefalse"


def test_two_names_of_ao(subject: Subject) -> None:
    """`.ao` and `ao` are one module, `json` has no dot."""
    assert subject.eval("return tostring(rawequal(require('.ao'), require('ao')) and require('json') ~= nil)") == "true"


def test_a_module_that_is_not_there(subject: Subject) -> None:
    """A module that is not there is an error that names it."""
    assert subject.eval("local _, e = pcall(require, 'no.such') return e:match(\"module 'no.such' not found\")") == (
        "module 'no.such' not found"
    )


def test_crypto_costs_nothing_until_required(subject: Subject) -> None:
    """No part of `.crypto` is loaded before it is required, nor is the client of packages."""
    code = "for name in pairs(package.loaded) do if name:find('crypto') or name:find('apm') then return name end end"
    assert subject.eval(code) == ""


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("j.encode({b = 1, a = {2, 'x', true}})", '{"a":[2,"x",true],"b":1}'),
        ("j.encode({})", "[]"),
        ("j.encode({f = print, a = 1})", '{"a":1}'),
        ("j.encode(2^53) .. j.encode(0.1) .. j.encode(1.0)", "9.007199254741e+150.11"),
        ("tostring(j.decode('null')) .. tostring(j.decode('{\"a\":null}').a)", "nilnil"),
        ("j.decode('[1, 2.5, \"\\\\u00e9\"]')[3]", "é"),
        ("math.type(j.decode('1')) .. math.type(j.decode('1.0'))", "integerfloat"),
    ],
)
def test_json(subject: Subject, code: str, answer: str) -> None:
    """How values are written as JSON, and read."""
    assert subject.eval("local j = require('json') return " + code) == answer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("(function() local t = {} t.t = t return t end)()", "circular reference"),
        ("{1, a = 2}", "invalid table: mixed or invalid key types"),
        ("{1, nil, 3}", "invalid table: sparse array"),
        ("0/0", "unexpected number value '-nan'"),
        ("1/0", "unexpected number value 'inf'"),
        ("print", "unexpected type 'function'"),
    ],
)
def test_what_is_no_json(subject: Subject, value: str, text: str) -> None:
    """What cannot be written as JSON is an error that says why."""
    assert subject.error(f"return (require('json').encode({value}))").partition(": ")[2] == text


def test_where_json_is_wrong(subject: Subject) -> None:
    """Errors of reading say line and column."""
    assert subject.error("require('json').decode('{\"a\":\\n  x}')").endswith("at line 2 col 3")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (
            "Dump({b = 1, a = {true, 'x'}})",
            '{\n    a = {\n        [1] = true,\n        [2] = "x"\n    },\n    b = 1\n}',
        ),
        ("require('.stringify').format({1, 'a'})", '{ 1, "a" }'),
        (
            "(function(f) return tostring(f({1, 2})) .. tostring(f({a = 1})) end)(require('.stringify').isSimpleArray)",
            "truefalse",
        ),
        ("require('.base64').encode('any\\0\\255')", "YW55AP8="),
        ("require('.base64').decode('YW55')", "any"),
        ("table.concat(Utils.map(function(x) return x * 2 end)({1, 2, 3}), ' ')", "2 4 6"),
        ("Utils.reduce(function(a, b) return a + b end)(0)({1, 2, 3})", "6"),
        ("Utils.compose(function(x) return x + 1 end, function(x) return x * 2 end)(5)", "11"),
        ("tostring(Utils.propEq('a')('b')({a = 'b'})) .. tostring(Utils.includes(2)({1, 2}))", "truetrue"),
        ("Utils.capitalize('word') .. Utils.normalize('some_kEY-x')", "WordSome-Key-X"),
        ("table.concat(Utils.keys({b = 1, a = 2}), '') .. table.concat(Utils.values({b = 1, a = 2}), '')", "ab21"),
        ("table.concat(Utils.concat({1})({2}), '') .. table.concat(Utils.reverse({1, 2}), '')", "1221"),
        ("Utils.find(function(x) return x > 1 end)({1, 2, 3}) .. Utils.prop('a')({a = 'p'})", "2p"),
        (
            "#Utils.filter(function(x) return x > 1 end)({1, 2}) .. Utils.curry(function(a, b) return a end)(1)(2)",
            "11",
        ),
    ],
)
def test_modules(subject: Subject, code: str, answer: str) -> None:
    """The modules of a process, each by an example."""
    assert subject.eval("return " + code) == answer


def test_chance_is_its_own_to_seed(subject: Subject) -> None:
    """`.chance` may be seeded; the same seed gives the same numbers."""
    code = "local c = require('.chance') c.seed(5) local a = c.random() c.seed(5) "
    code += "return tostring(a == c.random() and a < 1 and c.integer(3, 3) == 3)"
    assert subject.eval(code) == "true"
