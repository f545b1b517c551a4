"""Calls of .bint, at every width."""

from __future__ import annotations

from .compare import Module
from .literals import Maker

__all__ = ["MODULES"]

WIDTHS = [64, 128, 256, 512, 1024, 4096]
# Wider classes are rarer: the reference needs milliseconds for a division of 4096 bits.
WEIGHTS = [5, 5, 8, 3, 2, 1]
UNARY = [
    "iszero",
    "isone",
    "isminusone",
    "isneg",
    "ispos",
    "iseven",
    "isodd",
    "isbint",
    "isintegral",
    "isnumeric",
    "abs",
    "inc",
    "dec",
    "floor",
]
UNARY += [
    "ceil",
    "tointeger",
    "touinteger",
    "tonumber",
    "bwrap",
    "new",
    "tobint",
    "parse",
    "trunc",
    "type",
    "frominteger",
    "fromuinteger",
    "fromstring",
]
BINARY = [
    "max",
    "min",
    "udivmod",
    "udiv",
    "umod",
    "tdivmod",
    "tdiv",
    "tmod",
    "idivmod",
    "eq",
    "ult",
    "ule",
    "bwrap",
    "brol",
    "bror",
]
OPERATORS = ["+", "-", "*", "//", "%", "&", "|", "~", "==", "~=", "<", "<=", ">", ">="]
NUMERALS = [
    "0",
    "1",
    "-1",
    "10",
    "0x10",
    "-0xff",
    "0b101",
    "-0b1",
    "1.5",
    "1e5",
    "",
    " 5",
    "abc",
    "+5",
    "--1",
    "0x",
    "00012",
    "1_0",
    "0XFF",
    "5 ",
    "9" * 100,
]


def _value(m: Maker, width: int) -> int:
    kind = m.random.random()
    if kind < 0.25:
        return m.one(
            [0, 1, -1, 2, -2, 3, 7, 10, 255, 256, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, -(1 << 63)]
        )
    high = 1 << width - 1
    if kind < 0.5:
        return m.one([high - 1, -high, high, 2 * high - 1, 1 << width // 2, high // 2])
    sign: int = m.one([1, -1])
    if kind < 0.7:
        return sign * (1 << m.random.randrange(width)) + m.one([-1, 0, 1])
    return sign * m.random.getrandbits(m.random.randint(1, width))


def _bint(m: Maker, width: int) -> str:
    """An expression of a bint, by wrapping arithmetic, so that every number of the width can be had."""
    return f"B{width}.frombase('{_value(m, width) % (1 << width):x}', 16)"


def _operand(m: Maker, width: int) -> str:
    kind = m.random.random()
    if kind < 0.55:
        return _bint(m, width)
    if kind < 0.75:
        return m.integer()
    if kind < 0.85:
        return m.real()
    if kind < 0.93:
        return m.string(m.one(NUMERALS)) if m.chance(0.5) else m.string(str(_value(m, width)))
    return m.any()


def bint(m: Maker) -> str:
    """A call of a class of integers."""
    width = m.random.choices(WIDTHS, WEIGHTS)[0]
    name = f"B{width}"

    def one() -> str:
        return _operand(m, width)

    kind = m.random.random()
    if kind < 0.28:
        left, right = _bint(m, width), one()
        if m.chance(0.3):
            left, right = right, left
        return f"({left}) {m.one(OPERATORS)} ({right})"
    if kind < 0.33:
        # Their results are floats by the platform's pow and division.
        return f"string.format('%.12g', ({_bint(m, width)}) {m.one(['/', '/', '^'])} ({m.one([_bint(m, width), m.integer()])}))"
    if kind < 0.38:
        return f"({_bint(m, width)}) {m.one(['<<', '>>'])} ({m.one([m.small(-5, width + 5), m.integer(), _bint(m, width), m.any()])})"
    if kind < 0.43:
        return f"{m.one(['-', '~', 'tostring', '#'])}({_bint(m, width)})"
    if kind < 0.63:
        return f"{name}.{m.one(UNARY)}({m.arguments(one, wrong=0.04)})"
    if kind < 0.76:
        function = m.one(BINARY)
        second = (lambda: m.small(-5, width + 5)) if function in ("brol", "bror", "bwrap") and m.chance(0.7) else one
        return f"{name}.{function}({m.arguments(one, second, wrong=0.04)})"
    if kind < 0.8:

        def power() -> str:
            return m.small(-2, 40) if m.chance(0.8) else one()

        return f"{name}.ipow({m.arguments(one, power, wrong=0.04)})"
    if kind < 0.82 and width <= 256:
        return f"{name}.upowmod({one()}, {m.small(0, 70)}, {one()})"
    if kind < 0.88:
        base = m.one(["2", "8", "10", "16", "36", "3", "1", "37", "0", "nil", "'16'", "{}"])
        sign = m.one(["", "", ", true", ", false", ", nil"])
        return f"{name}.tobase({one()}, {base}{sign})"
    if kind < 0.93:
        base = m.one(["2", "8", "10", "16", "36", "7", "1", "37", "nil"])
        digits = m.one(
            [
                "",
                "0",
                "-1",
                "zz",
                "ff",
                "FF",
                "1010",
                "777",
                "-ZZ",
                "12 ",
                "+1",
                "x",
                "9" * 60,
                "f" * 80,
                "-" + "1" * 70,
            ]
        )
        return f"{name}.{m.one(['frombase', 'frombase', 'fromstring', 'parse', 'new', 'tobint'])}({m.string(digits)}, {base})"
    if kind < 0.97:
        trim = m.one(["", ", true", ", false"])
        way = m.one(["le", "be"])
        if m.chance(0.5):
            return f"{name}.to{way}({one()}{trim})"
        return f"{name}.from{way}({m.arguments(lambda: m.string(m.bytes(40)), wrong=0.1)})"
    return m.one([
        f"{name}.maxinteger()", f"{name}.mininteger()", f"{name}.zero()", f"{name}.one()", f"{name}({m.any()})", f"{name}.bits", f"{name}()",
        f"local a = {_bint(m, width)} a:_inc() a:_shlone() return a", f"local a = {_bint(m, width)} a:_dec():_bnot():_unm() return a", f"{_bint(m, width)}:tobase(16)",
        f"local a = {_bint(m, width)} a:_add({one()}) a:_sub({one()}) return a", f"local a = {_bint(m, width)} a:_abs():_shrone() return a",
        f"local a = {_bint(m, width)} a:_band({one()}) a:_bor({one()}) a:_bxor({one()}) return a", f"local a = {_bint(m, width)} a:_assign({one()}) return a",
        f"local a = {_bint(m, width)} a:_shlwords({m.small(-1, 10)}) return a", f"local a = {_bint(m, width)} a:_shrwords({m.small(-1, 10)}) return a",
        f"require('.bint')({m.one(['8', '0', '-1', '100', '1.5', 'nil', '32', '64, 8', '64, 16', '64, 64', '128, 32', '256, 0', chr(39) + '64' + chr(39), '33'])}).maxinteger()",
        f"{_bint(m, width)} + {_bint(m, m.one(WIDTHS))}", f"{_bint(m, width)} .. 'x'", f"tostring({_bint(m, width)} * {_bint(m, width)} // {_bint(m, width)})",
    ])  # fmt: skip


PRELUDE = "local B = require('.bint') " + " ".join(f"local B{width} = B({width})" for width in WIDTHS)
PRELUDE += " local ALLBYTES = '' for i = 0, 255 do ALLBYTES = ALLBYTES .. string.char(i) end"

MODULES = [Module(".bint", bint, PRELUDE)]
