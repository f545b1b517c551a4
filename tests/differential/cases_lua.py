"""Calls of Lua's own functions: what a process computes with, to the last digit."""

from __future__ import annotations

from .compare import Module
from .literals import Maker

__all__ = ["MODULES"]

ALL_BYTES = "local ALLBYTES = '' for i = 0, 255 do ALLBYTES = ALLBYTES .. string.char(i) end"

BIT_FUNCTIONS = ["arshift", "lrotate", "lshift", "rrotate", "rshift"]


def bit32(m: Maker) -> str:
    """A call of bit32."""
    kind = m.random.random()
    number = m.number if m.chance(0.9) else m.numeral
    if kind < 0.35:
        name = m.one(["band", "bor", "bxor", "btest"])
        return f"bit32.{name}({m.arguments(*[number] * m.random.randint(0, 4), wrong=0.06)})"
    if kind < 0.45:
        return f"bit32.bnot({m.arguments(number)})"
    if kind < 0.7:
        shift = m.integer if m.chance(0.3) else (lambda: m.small(-40, 40))
        return f"bit32.{m.one(BIT_FUNCTIONS)}({m.arguments(number, shift, wrong=0.06)})"
    places = [lambda: m.small(-2, 34), lambda: m.small(-1, 33)][: m.random.randint(1, 2)]
    if kind < 0.85:
        return f"bit32.extract({m.arguments(number, *places, wrong=0.06)})"
    return f"bit32.replace({m.arguments(number, number, *places, wrong=0.06)})"


EXACT = ["abs", "ceil", "floor", "tointeger", "type", "modf", "frexp", "sqrt", "deg", "rad"]
CURVES = ["acos", "asin", "atan", "cos", "cosh", "exp", "log", "log10", "sin", "sinh", "tan", "tanh"]


def maths(m: Maker) -> str:
    """A call of math."""
    kind = m.random.random()
    number = m.number if m.chance(0.85) else m.numeral
    if kind < 0.4:
        return f"math.{m.one(EXACT)}({m.arguments(number)})"
    if kind < 0.55:
        name = m.one(CURVES)
        call = f"math.{name}({m.arguments(number)})"
        return f"string.format('%.14g', {call})"
    if kind < 0.6:
        return f"string.format('%.14g', math.{m.one(['atan2', 'atan', 'pow', 'log'])}({m.arguments(number, number)}))"
    if kind < 0.85:
        name = m.one(["fmod", "ult", "ldexp", "pow"])
        second = (lambda: m.small(-1100, 1100)) if name == "ldexp" else number
        return f"math.{name}({m.arguments(number, second)})"
    if kind < 0.95:
        return f"math.{m.one(['max', 'min'])}({m.arguments(*[number] * m.random.randint(0, 5), wrong=0.06)})"
    if m.chance(0.5):
        low = m.integer()
        arguments = m.one(
            ["", low, f"{low}, {m.integer()}", "0", "1", "3, 1", "1.5", "1, 2.5", "'4'", "nil", "{}", "1, 2, 3"]
        )
        return f"math.random({arguments})"
    return m.one(["math.pi", "math.huge", "math.maxinteger", "math.mininteger", "-math.huge"])


def strings(m: Maker) -> str:
    """A call of string, without patterns and formats."""
    kind = m.random.random()

    def place() -> str:
        return m.small(-8, 12) if m.chance(0.8) else m.number()

    if kind < 0.2:
        return f"string.sub({m.arguments(m.text, place, place)})"
    if kind < 0.3:
        return f"string.byte({m.arguments(m.text, place, place)})"
    if kind < 0.4:

        def code() -> str:
            return m.small(-2, 258) if m.chance(0.9) else m.number()

        return f"string.char({m.arguments(*[code] * m.random.randint(0, 4))})"
    if kind < 0.55:

        def count() -> str:
            # Not any number: the two sides have memories of different sizes.
            return m.one(["-1", "0", "1", "2", "3", "10", "2.0", "1.5", "'2'", "1000", "(0/0)", m.other()])

        values = [m.text(), count(), m.any()]
        return f"string.rep({', '.join(values[: m.one([0, 1, 2, 2, 2, 2, 3, 3, 3])])})"
    if kind < 0.75:
        return f"string.{m.one(['len', 'lower', 'upper', 'reverse'])}({m.arguments(m.text)})"
    if kind < 0.82:
        value = m.word()
        return f"({value}):{m.one(['upper()', 'len()', 'sub(2)', 'byte(1, -1)', 'rep(3)', 'nope()', 'reverse(1)', 'sub()'])}"
    if kind < 0.9:
        return f"{m.any()} {m.one(['..', '<', '<=', '==', '~=', '>'])} {m.any()}"
    return f"#{m.any()}"


FLAGS = ["", "-", "+", " ", "#", "0", "-+", "+0", "#0", "- ", "-0", "+ #"]


def _directive(m: Maker) -> tuple[str, str]:
    """A directive and an argument for it."""
    letter = m.one("ddiuoxXcsqaAeEfgGgs%")
    width = m.one(["", "", "5", "20", "1", "99", "05"])
    precision = m.one(["", "", ".0", ".3", ".", ".14", ".17", ".99"])
    spec = f"%{m.one(FLAGS)}{width}{precision}{letter}" if m.chance(0.7) else f"%{letter}"
    if letter == "%":
        return "%%", ""
    if letter == "c":
        return spec, m.small(0, 255)
    if letter in "diuoxX":
        return spec, m.integer() if m.chance(0.8) else m.one([m.real(), m.numeral()])
    if letter in "aAeEfgG":
        return spec, m.number() if m.chance(0.9) else m.numeral()
    if letter == "s":
        # With a width the length of an address would show.
        return spec, m.any() if spec == "%s" else m.one([m.text(), m.number(), "true", "nil"])
    return spec, m.one([m.text(), m.number(), m.any()])


def formats(m: Maker) -> str:
    """A call of string.format."""
    if m.chance(0.08):
        broken = m.one(
            ["%", "%y", "%5", "%-", "%123d", "%.123d", "%#######d", "%1$d", "%*d", "%ld", "%p", "%n", "%\\0", "a%"]
        )
        return f'string.format("{broken}", {m.any()})'
    made = m.some(lambda: _directive(m), 1, 3)
    text = "|".join(spec for spec, _ in made)
    values = [value for _, value in made if value]
    if values and m.chance(0.06):
        values.pop()
    elif values and m.chance(0.1):
        values[m.random.randrange(len(values))] = m.any()
    return f"string.format({', '.join([m.string(text), *values])})"


PACKS = [
    "b",
    "B",
    "h",
    "H",
    "i",
    "I",
    "l",
    "L",
    "j",
    "J",
    "T",
    "f",
    "d",
    "n",
    "s",
    "z",
    "x",
    "Xi",
    "Xd",
    " ",
    "<",
    ">",
    "=",
    "!",
]
PACKS += [
    "i1",
    "i2",
    "i3",
    "i7",
    "i8",
    "i16",
    "I1",
    "I4",
    "I5",
    "I16",
    "s1",
    "s2",
    "s4",
    "s8",
    "c0",
    "c3",
    "c10",
    "!2",
    "!4",
    "!16",
]
PACKS += ["i0", "i17", "!3", "X", "c", "y", "s17", "xx"]


def packs(m: Maker) -> str:
    """A call of string.pack, unpack or packsize."""
    parts = m.some(lambda: m.one(PACKS if m.chance(0.95) else PACKS[-6:]), 1, 4)
    form = m.string("".join(parts))
    kind = m.random.random()
    if kind < 0.15:
        return f"string.packsize({form})"
    values = []
    for part in parts:
        if part[0] in "fdn":
            values.append(m.number())
        elif part[0] in "szc":
            values.append(m.word())
        elif part[0] in "bBhHiIlLjJT":
            values.append(m.integer() if m.chance(0.5) else m.small(-130, 260))
    if values and m.chance(0.08):
        values[m.random.randrange(len(values))] = m.any()
    if kind < 0.6:
        return f"string.pack({', '.join([form, *values])})"
    if kind < 0.8:
        return f"string.unpack({form}, string.pack({', '.join([form, *values])}))"
    place = m.one(["", ", 1", ", 2", ", -3", ", 0", ", 100", ", 1.5", ", {}"])
    return f"string.unpack({form}, {m.text()}{place})"


ATOMS = [
    "a",
    "b",
    ".",
    "%a",
    "%d",
    "%s",
    "%w",
    "%p",
    "%x",
    "%u",
    "%l",
    "%c",
    "%g",
    "%A",
    "%W",
    "%.",
    "%%",
    "[abc]",
    "[^abc]",
]
ATOMS += ["[a-c]", "[%a_]", "[]]", "[^%s]", "%z", "[%z\\1-\\31]", "\\128", "[a-]", "[-a]", "é", " ", ",", "[%d.]"]
RARE = [
    "%b()",
    "%bab",
    "%f[%w]",
    "%f[a]",
    "()",
    "%1",
    "(a)",
    "(.-)",
    "(%w+)",
    "((a)b)",
    "%f",
    "%b",
    "[a",
    "(",
    ")",
    "%",
    "%2",
    "[%",
    "[]",
]


def _pattern(m: Maker) -> str:
    parts = []
    for _ in range(m.random.randint(0, 4)):
        if m.chance(0.25):
            parts.append(m.one(RARE[:11] if m.chance(0.85) else RARE))
        else:
            parts.append(m.one(ATOMS) + m.one(["", "", "", "*", "+", "-", "?"]))
    text = "".join(parts)
    if m.chance(0.2):
        text = "^" + text
    if m.chance(0.2):
        text += "$"
    return f'"{text}"'


def _subject(m: Maker) -> str:
    if m.chance(0.5):
        return m.string("".join(m.some(lambda: m.one("aabbc ,.(x)1 2\n_é%"), 0, 24)))
    return m.text()


REPLACEMENTS = [
    '"x"',
    '""',
    '"%0"',
    '"%1"',
    '"%0%0"',
    '"<%1>"',
    '"%2"',
    '"%%"',
    '"%"',
    '"%9"',
    '"%a"',
    '"\\0"',
    "{}",
    "{a = 'A', b = 1}",
]
REPLACEMENTS += [
    "{a = false}",
    "{a = {}}",
    "string.upper",
    "function(...) return select('#', ...) end",
    "function() end",
    "5",
    "1.5",
]
REPLACEMENTS += [
    "function(c) return c .. c end",
    "function() return {} end",
    "function() error('no') end",
    "nil",
    "true",
]


def patterns(m: Maker) -> str:
    """A call of find, match, gmatch or gsub."""
    kind = m.random.random()

    def pattern() -> str:
        return _pattern(m)

    def subject() -> str:
        return _subject(m)

    start = m.one(["", "", "", ", 1", ", 3", ", -2", ", 0", ", 100", ", -100", ", nil", ", 1.5", ", '2'"])
    if kind < 0.3:
        plain = ", true" if start and m.chance(0.3) else ""
        return f"string.find({m.arguments(subject, pattern, wrong=0.05)}{start}{plain})"
    if kind < 0.5:
        return f"string.match({m.arguments(subject, pattern, wrong=0.05)}{start})"
    if kind < 0.65:
        gather = "local r = {} for a, b in string.gmatch(%s) do r[#r + 1] = a r[#r + 1] = b end return r"
        return gather % m.arguments(subject, pattern, wrong=0.05)
    count = m.one(["", "", "", ", 0", ", 1", ", 2", ", -1", ", 1.5", ", nil", ", {}"])
    return f"string.gsub({m.arguments(subject, pattern, wrong=0.04)}, {m.one(REPLACEMENTS)}{count})"


def _array(m: Maker) -> str:
    kind = m.random.random()
    if kind < 0.4:
        return "{" + ", ".join(m.some(lambda: m.small(-20, 20), 0, 12)) + "}"
    if kind < 0.6:
        return "{" + ", ".join(m.some(m.number, 0, 8)) + "}"
    if kind < 0.8:
        return "{" + ", ".join(m.some(m.word, 0, 8)) + "}"
    return "{" + ", ".join(m.some(m.any, 0, 5)) + "}"


ORDERS = [
    "function(a, b) return a > b end",
    "function(a, b) return a < b end",
    "function(a, b) return tostring(a) < tostring(b) end",
]
ORDERS += [
    "function(a, b) return a % 10 < b % 10 end",
    "function() return true end",
    "function() return false end",
    "nil",
    "1",
    "math.ult",
]
ORDERS += ["function(a, b) return a <= b end", "function() error('no', 0) end", "function(a, b) return #a < #b end"]


def tables(m: Maker) -> str:
    """A call of table."""
    kind = m.random.random()

    def array() -> str:
        return _array(m)

    def place() -> str:
        return m.small(-2, 8) if m.chance(0.9) else m.number()

    if kind < 0.2:
        makers = [array, m.word, place, place][: m.random.randint(1, 4)]
        return f"table.concat({m.arguments(*makers, wrong=0.06)})"
    if kind < 0.35:
        rest = m.one([m.any(), f"{place()}, {m.any()}", f"{place()}, {m.any()}", "", "1, 2, 3"])
        return (
            f"local t = {_array(m)} local r = table.pack(table.insert(t, {rest})) return t, r"
            if rest
            else (f"table.insert({_array(m)})")
        )
    if kind < 0.45:
        rest = m.one(["", f", {place()}"])
        return f"local t = {_array(m)} local r = table.pack(table.remove(t{rest})) return t, r"
    if kind < 0.55:
        # Bounds of any size would ask for a table that no memory holds.
        bounds = ", ".join(m.small(-3, 9) for _ in range(3))
        other = m.one(["", f", {_array(m)}", ", 5"])
        return f"table.move({m.arguments(array, wrong=0.03)}, {bounds}{other})"
    if kind < 0.65:
        rest = m.one(
            [
                "",
                f", {m.small(-3, 6)}",
                f", {m.small(-3, 3)}, {m.small(-3, 8)}",
                ", 1, 1e7",
                ", 2.5",
                ", 'x'",
                ", nil, 2",
            ]
        )
        return f"table.unpack({m.arguments(array, wrong=0.05)}{rest})"
    if kind < 0.7:
        return f"table.pack({m.arguments(*[m.any] * m.random.randint(0, 5))})"
    if kind < 0.92:
        order = m.one(["", "", f", {m.one(ORDERS)}"])
        return f"local t = {_array(m)} table.sort(t{order}) return t"
    if kind < 0.96:
        # Equal keys keep the order that the algorithm of Lua 5.3 gives them.
        count = m.random.randint(2, 60)
        items = ", ".join(f"{{{m.random.randint(0, 4)}, {i}}}" for i in range(count))
        return f"local t = {{{items}}} table.sort(t, function(a, b) return a[1] < b[1] end) return t"
    return f"table.{m.one(['sort', 'remove', 'insert', 'concat', 'unpack', 'move', 'maxn', 'getn'])}({m.any()})"


UNICODE = ["", "a", "é", "日本語", "😀", "a\u0301", "\u07ff\u0800\uffff", "\U00010000\U0010ffff", "x\0y"]
BROKEN = [
    b"\x80",
    b"\xc3",
    b"\xe6\x97",
    b"\xf0\x9f\x98",
    b"\xff",
    b"a\xc3(",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\x80",
    b"\xfc\x84\x80\x80\x80\x80",
]


def utf(m: Maker) -> str:
    """A call of utf8."""
    kind = m.random.random()

    def subject() -> str:
        if m.chance(0.25):
            return m.string(b"".join([m.one(UNICODE).encode(), m.one(BROKEN), m.one(UNICODE).encode()]))
        return m.string("".join(m.some(lambda: m.one(UNICODE), 0, 4)))

    def place() -> str:
        return m.small(-5, 9) if m.chance(0.9) else m.number()

    if kind < 0.25:

        def code() -> str:
            return m.one(
                [
                    "0",
                    "65",
                    "127",
                    "128",
                    "2047",
                    "2048",
                    "65535",
                    "65536",
                    "0x10ffff",
                    "0x110000",
                    "-1",
                    "0x7fffffff",
                    "0xd800",
                ]
            )

        return f"utf8.char({m.arguments(*[code] * m.random.randint(0, 4))})"
    if kind < 0.45:
        return f"utf8.codepoint({m.arguments(subject, *[place] * m.random.randint(0, 2))})"
    if kind < 0.65:
        return f"utf8.len({m.arguments(subject, *[place] * m.random.randint(0, 2))})"
    if kind < 0.85:
        return f"utf8.offset({m.arguments(subject, place, *[place] * m.random.randint(0, 1))})"
    if kind < 0.97:
        return (
            f"local r = {{}} for p, c in utf8.codes({m.arguments(subject)}) do r[#r + 1] = p r[#r + 1] = c end return r"
        )
    return "utf8.charpattern"


OPERATORS = ["+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "==", "<", "<=", "..", "~="]


def numbers(m: Maker) -> str:
    """Arithmetic, and numbers to text and back."""
    kind = m.random.random()

    def number() -> str:
        return m.number() if m.chance(0.8) else m.numeral()

    if kind < 0.2:
        return f"tostring({m.number()})"
    if kind < 0.35:
        return f"tonumber({m.arguments(m.numeral, wrong=0.1)})"
    if kind < 0.5:
        digits = m.one(
            [
                m.numeral(),
                m.string(
                    m.one(
                        [
                            "ff",
                            "FF",
                            "-ff",
                            "zz",
                            "Z9",
                            "1010",
                            "7",
                            " 12 ",
                            "12 3",
                            "",
                            "-",
                            "9223372036854775808",
                            "8",
                            "1.0",
                            "zzzzzzzzzzzzzzzz",
                        ]
                    )
                ),
            ]
        )
        base = m.one(["2", "8", "10", "16", "36", "1", "37", "0", "'16'", "10.0", "2.5", "{}", "nil"])
        return f"tonumber({digits}, {base})"
    if kind < 0.9:
        left = m.any() if m.chance(0.1) else number()
        right = m.any() if m.chance(0.1) else number()
        operator = m.one(OPERATORS)
        if operator == "^":
            return f"string.format('%.14g', ({left}) ^ ({right}))"
        return f"({left}) {operator} ({right})"
    if kind < 0.95:
        return f"{m.one(['-', '~', 'not ', '#'])}({m.any()})"
    start, stop, step = m.small(-3, 3), m.small(-4, 6), m.one(["1", "-1", "2", "0.5", "0", "'1'", "3.0"])
    return f"local r = {{}} for i = {start}, {m.one([stop, stop + '.5', m.numeral()])}, {step} do r[#r + 1] = i if #r > 20 then break end end return r"


DATES = [
    "%c",
    "%x",
    "%X",
    "%Y-%m-%d",
    "%H:%M:%S",
    "%a %A %b %B",
    "%d %e %j",
    "%p %I %M",
    "%U %W %w",
    "%y %C %G %g %V %u",
    "%%",
    "%n|%t",
]
DATES += [
    "%D %F %R %T %r",
    "%h",
    "%s",
    "%Z %z",
    "*t",
    "%Ex %Oy",
    "%EY",
    "%Od",
    "",
    "text",
    "%Q",
    "%",
    "%E",
    "%5d",
    "%:",
    "%\\0",
    "%k",
    "%P",
    "%L",
]


def times(m: Maker) -> str:
    """A call of os.date, os.time or os.difftime, with the time given."""
    kind = m.random.random()
    if kind < 0.7:
        # The reference's host has no dates beyond 10^12 seconds, and crashes.
        mark = m.one(["", "!"])
        when = m.one(
            [
                "0",
                "1",
                "1700000000",
                "1700000000.0",
                "951782400",
                "-1",
                "2147483648",
                "4102444800",
                "253402300799",
                m.small(-(10**10), 10**10),
                "1.5",
                "'12'",
                "'x'",
                m.other(),
            ]
        )
        form = "".join(m.some(lambda: m.one(DATES), 1, 2)) if m.chance(0.8) else m.one(DATES)
        return f'os.date("{mark}{form}", {when})'
    if kind < 0.95:
        fields = {"year": m.small(1900, 2100), "month": m.small(-3, 15), "day": m.small(-5, 40)}
        for name in ("hour", "min", "sec"):
            if m.chance(0.5):
                fields[name] = m.small(-70, 70)
        if m.chance(0.15):
            fields[m.one(list(fields))] = m.one(["nil", "'5'", "1.5", "{}", "2^40", "math.maxinteger", "'x'", "3.0"])
        if m.chance(0.2):
            fields["isdst"] = m.one(["true", "false"])
        given = ", ".join(f"{name} = {value}" for name, value in fields.items())
        return f"local t = {{{given}}} local r = os.time(t) return r, t"
    return f"os.difftime({m.arguments(m.number, m.number)})"


PROTECTED = [
    "error()",
    "error('a')",
    "error('a', 0)",
    "error('a', 1)",
    "error('a', 2)",
    "error({1})",
    "error(nil)",
    "error(5)",
    "error(true, 2)",
]
PROTECTED += [
    "assert(false)",
    "assert(nil, 'm')",
    "assert(false, {1})",
    "assert(1, 2, 3)",
    "assert()",
    "error('x', {})",
    "error(1.5, 0)",
]
SUBJECTS = [
    "{}",
    "{1, 2, 3}",
    "{10, x = 1}",
    "setmetatable({}, {__index = function(_, k) return k end})",
    "'abc'",
    "5",
    "nil",
    "type",
]
LOADED = [
    "return 1",
    "return ...",
    "x = ",
    "return 1 2",
    "return '",
    "goto a",
    "::a:: ::a::",
    "for",
    "return 0x",
    "return 1e",
    "break",
    "return }",
]
LOADED += [
    "local a <const> = 1",
    "return '\\\\q'",
    "return [[a",
    "a.b:c = 1",
    "f(",
    "x = = 1",
    'return \\"\\\\300\\"',
    "--[[",
    "return 1 .. 2",
    "\\27Lua",
    "if x then",
]
COROUTINES = [
    "coroutine.resume(coroutine.create(function(...) return ... end), 1, 2)",
    "coroutine.wrap(function() error('x') end)()",
]
COROUTINES += [
    "coroutine.wrap(function() error({}) end)()",
    "coroutine.resume(coroutine.create(function() coroutine.yield(1) end))",
]
COROUTINES += [
    "coroutine.status(coroutine.create(type))",
    "coroutine.resume(1)",
    "coroutine.create(1)",
    "coroutine.wrap()",
    "coroutine.status()",
]
COROUTINES += [
    "local c = coroutine.create(function() end) coroutine.resume(c) return coroutine.resume(c)",
    "coroutine.close",
    "coroutine.isyieldable()",
]
COROUTINES += [
    "local c = coroutine.wrap(function(a) local b = coroutine.yield(a) return b end) return c(1), c(2), pcall(c, 3)"
]
COROUTINES += [
    "local c c = coroutine.create(function() return coroutine.resume(c) end) return coroutine.resume(c)",
    "coroutine.isyieldable(1)",
]
META = [
    "add",
    "sub",
    "mul",
    "div",
    "mod",
    "pow",
    "unm",
    "idiv",
    "band",
    "bor",
    "bxor",
    "bnot",
    "shl",
    "shr",
    "concat",
    "len",
    "eq",
    "lt",
    "le",
    "index",
    "call",
    "tostring",
    "name",
    "metatable",
    "pairs",
]


def basics(m: Maker) -> str:
    """A call of Lua's global functions, of coroutines and of metamethods."""
    kind = m.random.random()
    subject = m.one(SUBJECTS)
    if kind < 0.1:
        return m.one(PROTECTED)
    if kind < 0.2:
        inner = m.one(PROTECTED)
        return m.one(
            [
                f"pcall(function() {inner} end)",
                f"xpcall(function() {inner} end, function(e) return 'H', e end)",
                f"pcall(pcall, error, {m.any()})",
                f"select('#', pcall({m.any()}))",
                f"pcall(error, {m.any()}, {m.small(0, 2)})",
                f"xpcall({m.any()}, {m.any()})",
            ]
        )
    if kind < 0.35:
        name = m.one(
            [
                "type",
                "rawlen",
                "rawget",
                "rawequal",
                "rawset",
                "next",
                "select",
                "getmetatable",
                "setmetatable",
                "ipairs",
                "pairs",
                "tostring",
                "tonumber",
                "assert",
                "load",
                "collectgarbage",
                "require",
                "dofile",
                "loadfile",
            ]
        )
        if name in ("collectgarbage", "dofile", "loadfile", "load", "require"):
            # Without an argument the two for files read the standard input.
            return f"{name}({m.one(['{}', 'true', 'type', 'setmetatable({}, {})'])})"
        return f"{name}({m.arguments(*[m.any] * m.random.randint(0, 3))})"
    if kind < 0.45:
        return f"select({m.one([m.small(-4, 5), '1.5', chr(39) + '#' + chr(39), m.any()])}, {m.any()}, {m.any()})"
    if kind < 0.55:
        name = m.one(
            [
                "",
                ", 'chunk'",
                ", '=chunk'",
                ", '@chunk'",
                ", 'a\\nb'",
                ", ('x'):rep(80)",
                ", '='..('x'):rep(80)",
                ", '@'..('x'):rep(80)",
                ", 5",
                ", {}",
            ]
        )
        mode = m.one(["", ", 't'", ", 'b'", ", 'bt'", ", 'x'", ", {}"]) if name else ""
        return f'local f, e = load("{m.one(LOADED)}"{name}{mode}) return type(f), e'
    if kind < 0.62:
        return m.one(COROUTINES)
    if kind < 0.8:
        field = m.one(META)
        value = m.one(
            [
                "function(...) return select('#', ...) end",
                "function(a, b) return type(a) .. type(b) end",
                "5",
                "'text'",
                "{x = 1}",
                "function() error('meta') end",
                "false",
            ]
        )
        use = m.one(
            [
                "t + 1",
                "1 - t",
                "t * t",
                "t / 2",
                "t % 2",
                "t ^ 2",
                "-t",
                "t // 1",
                "t & 1",
                "t | 1",
                "t ~ 1",
                "~t",
                "t << 1",
                "1 >> t",
                "t .. 'a'",
                "'a' .. t",
                "#t",
                "t == u",
                "t < u",
                "t <= u",
                "t.x",
                "t[1]",
                "t(1, 2)",
                "tostring(t)",
                "getmetatable(t)",
                "setmetatable(t, {})",
                "t < 1",
                "1 <= t",
                "'a' < t",
                "t.x.y",
            ]
        )
        return (
            f"local u = {{__{field} = {value}}} local t = setmetatable({{}}, u) u = setmetatable({{}}, u) return {use}"
        )
    return m.one([
        f"({subject}).x", f"({subject})[1]", f"({subject})()", f"({subject}).x.y", f"({subject}):m()", f"local t = {subject} t.x = 1 return t", f"local t = {subject} t[{m.any()}] = 1 return t",
        f"#{subject}", f"-{subject}", f"{subject} .. {subject}", f"{subject} < {subject}", f"local a = {subject} return a + 1", f"local a = {{b = {subject}}} return a.b.c.d", f"nope({subject})", f"local a = {subject} return a.b:c()",
        f"local n = 0 for k, v in pairs({subject}) do n = n + 1 end return n", f"local n = 0 for i, v in ipairs({subject}) do n = n + i if i > 9 then break end end return n", f"for i = {m.any()}, 3 do return i end",
        f"next({subject}, {m.any()})", f"rawget({subject}, {m.any()})", f"local s = {subject} return s[{m.any()}]",
    ])  # fmt: skip


MODULES = [
    Module("bit32", bit32, ALL_BYTES),
    Module("math", maths, ALL_BYTES),
    Module("string", strings, ALL_BYTES),
    Module("string.format", formats, ALL_BYTES),
    Module("string.pack", packs, ALL_BYTES),
    Module("string.patterns", patterns, ALL_BYTES),
    Module("table", tables, ALL_BYTES),
    Module("utf8", utf, ALL_BYTES),
    Module("numbers", numbers, ALL_BYTES),
    Module("os", times, ALL_BYTES),
    Module("globals", basics, ALL_BYTES),
]
