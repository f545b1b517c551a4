"""Generated calls of `.bint`, for the differential test: each is a Lua chunk with the class in `b`.

The operands sit at the edges: 0, one, powers of two and their neighbours, the limits of Lua's integers and of the
width, values of random length, and what processes mix in by mistake: floats, texts, nil, tables.
"""

from __future__ import annotations

import random
from collections.abc import Callable

WIDTHS = (64, 96, 128, 192, 256, 320, 512, 544, 1024, 4096)

BINARY = ("add", "sub", "mul", "idiv", "mod", "band", "bor", "bxor", "lt", "le", "eq", "div", "pow")
OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "idiv": "//",
    "mod": "%",
    "band": "&",
    "bor": "|",
    "bxor": "~",
    "lt": "<",
    "le": "<=",
    "eq": "==",
    "div": "/",
    "pow": "^",
}
UNSIGNED = ("udivmod", "udiv", "umod", "ult", "ule")
SIGNED = ("tdivmod", "tdiv", "tmod", "idivmod", "max", "min", "eq")
TESTS = (
    *("isbint", "isintegral", "isnumeric", "iszero", "isone", "isminusone", "isneg", "ispos", "iseven", "isodd"),
    *("type", "tointeger", "touinteger", "tonumber", "tobint", "parse", "trunc", "new", "abs", "inc", "dec"),
    *("floor", "ceil", "frominteger", "fromuinteger", "fromstring", "frombase", "tobase", "tole", "tobe"),
)
IN_PLACE = ("_add", "_sub", "_band", "_bor", "_bxor", "_assign")
IN_PLACE_ALONE = ("_inc", "_dec", "_abs", "_unm", "_bnot", "_shlone", "_shrone")
ODD = (
    *("nil", "true", "{}", "''", "'x'", "'5.5'", "'0x10'", "'-0b101'", "' 7 '", "'1e3'", "0/0", "1/0", "-1/0", "-0.0"),
    *("1.5", "-2.5", "2.0^53", "2.0^63", "-2.0^63", "1e300", "1e-300", "math.mininteger", "math.maxinteger"),
)
# `new` lets tables and true through; what then goes wrong inside the reference is not part of the interface.
NUMERIC = tuple(text for text in ODD if text not in ("true", "{}"))


def value(r: random.Random, bits: int) -> int:
    """An integer of the width, likely at an edge."""
    kind = r.randrange(8)
    if kind == 0:
        return r.choice((0, 1, -1, 2, -2, 3, 10, -10, 1 << (bits - 1), (1 << (bits - 1)) - 1))
    if kind in (1, 2):
        return r.choice((1, -1)) * ((1 << r.randrange(bits)) + r.choice((-1, 0, 1)))
    if kind == 3:
        return r.choice((1, -1)) * int(10 ** r.randrange(1 + bits * 3 // 10))
    if kind == 4:
        return r.choice((1 << 63, -(1 << 63), (1 << 64) - 1, 1 << 32, (1 << 31) - 1, 1 << 62)) + r.choice((-1, 0, 1))
    return r.choice((1, 1, -1)) * r.getrandbits(r.randrange(1, bits))


def bint(r: random.Random, bits: int) -> str:
    """Lua text of a bint."""
    return f"b('{value(r, bits)}')"


def operand(r: random.Random, bits: int, odd: tuple[str, ...] = ODD) -> str:
    """Lua text of a bint, or now and then of something that must be one or is none."""
    kind = r.randrange(12)
    if kind == 0:
        return r.choice(odd)
    if kind == 1:
        return str(r.choice((r.randrange(-9, 10), r.getrandbits(62), -r.getrandbits(50))))
    if kind == 2:
        return f"'{value(r, bits)}'"
    return bint(r, bits)


def binary(r: random.Random, bits: int) -> str:
    """An operator, or the function behind it with any operands."""
    name = r.choice(BINARY)
    x, y = operand(r, bits), operand(r, bits)
    if "b(" in x + y and r.randrange(4):
        return f"return {x} {OPERATORS[name]} {y}"
    return f"return {bint(r, bits)} {OPERATORS[name]} {y}" if name == "eq" else f"return b.__{name}({x}, {y})"


def division(r: random.Random, bits: int) -> str:
    """Divisors of all lengths, and dividends near a multiple of them: where quotient digits are guessed wrong."""
    y = value(r, bits)
    x = value(r, bits)
    if r.randrange(2) and y:
        x = y * r.getrandbits(r.randrange(1, bits)) + r.choice((-1, 0, 1, y - 1))
    if r.randrange(3) == 0:
        top = (1 << r.randrange(33, bits + 1)) - (1 << r.randrange(0, 33))
        x, y = (top, y) if r.randrange(2) else (x, top)
    name = r.choice((*UNSIGNED[:3], *SIGNED[:4]))
    return f"return b.{name}(b('{x}'), b('{y}'))"


def named(r: random.Random, bits: int) -> str:
    """A function of two operands."""
    name = r.choice(UNSIGNED + SIGNED)
    odd = NUMERIC if name in UNSIGNED else ODD
    return f"return b.{name}({operand(r, bits, odd)}, {operand(r, bits, odd)})"


def single(r: random.Random, bits: int) -> str:
    """A function of one operand."""
    return f"return b.{r.choice(TESTS)}({operand(r, bits)})"


def unary(r: random.Random, bits: int) -> str:
    """An operator of one operand."""
    x = bint(r, bits)
    return r.choice(
        (f"return -{x}", f"return ~{x}", f"return tostring({x})", f"return #{x}", f"return b.tole({x}, true)")
    )


def shift(r: random.Random, bits: int) -> str:
    """A shift or a rotation by an amount at an edge."""
    amount: object = r.choice((0, 1, 31, 32, 33, 63, 64, bits - 1, bits, bits + 1, r.randrange(2 * bits)))
    amount = r.choice((amount, amount, f"-{amount}", f"b('{amount}')", f"'{amount}'", r.choice(ODD)))
    form = r.choice(("{x} << {n}", "{x} >> {n}", "b.brol({x}, {n})", "b.bror({x}, {n})", "b.bwrap({x}, {n})"))
    return "return " + form.format(x=bint(r, bits), n=amount)


def power(r: random.Random, bits: int) -> str:
    """A power, modulo or not."""
    small = r.randrange(40)
    if r.randrange(2):
        return f"return b.ipow({operand(r, bits, NUMERIC)}, {r.choice((small, r.choice(ODD), r.getrandbits(12)))})"
    return f"return b.upowmod({operand(r, bits, NUMERIC)}, {small}, {operand(r, bits, NUMERIC)})"


def in_place(r: random.Random, bits: int) -> str:
    """A method that changes its first operand."""
    if r.randrange(2):
        return f"local x = {bint(r, bits)} return rawequal(b.{r.choice(IN_PLACE_ALONE)}(x), x), x"
    if r.randrange(4) == 0:
        n = r.randrange(bits // 32 + 3)
        return f"local x = {bint(r, bits)} return b.{r.choice(('_shlwords', '_shrwords'))}(x, {n}), x"
    return f"local x = {bint(r, bits)} return rawequal(b.{r.choice(IN_PLACE)}(x, {operand(r, bits)}), x), x"


def text(r: random.Random, bits: int) -> str:
    """Texts of integers in every base, some of them longer than the width, some broken."""
    base = r.choice((2, 3, 7, 8, 10, 10, 16, 32, 36))
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"[:base]
    body = "".join(r.choice(digits) for _ in range(r.randrange(1, 2 + bits // 2)))
    if r.randrange(4) == 0:
        at = r.randrange(len(body) + 1)
        body = body[:at] + r.choice((" ", "-", "+", "_", ".", "z", "\\0", "\\255", "e", "0x")) + body[at:]
    body = (
        r.choice(("", "", "-", "+", " ", "- ", "0x", "-0b"))
        + r.choice((body, body, body.upper()))
        + r.choice(("", "", " "))
    )
    if r.randrange(2):
        return f"return b.frombase('{body}', {base})"
    return f"return b.{r.choice(('fromstring', 'parse', 'tobint'))}('{body}')"


def written(r: random.Random, bits: int) -> str:
    """Text in some base."""
    base = r.choice((2, 3, 7, 8, 10, 10, 16, 32, 36, 37, 1))
    flag = r.choice(("", ", true", ", false"))
    return f"return b.tobase({operand(r, bits)}, {base}{flag})"


def buffer(r: random.Random, bits: int) -> str:
    """A bint of bytes, and what is done with it."""
    body = "".join(f"\\{r.randrange(256):03d}" for _ in range(r.randrange(bits // 8 + 3)))
    name = r.choice(("fromle", "frombe"))
    use = r.choice(("{x}", "-{x}", "{x} + 1", "b.tole({x})", "b.tobe({x}, true)", "b._inc({x})", "tostring({x})"))
    return "return " + use.format(x=f"b.{name}('{body}')")


FAMILIES: dict[str, Callable[[random.Random, int], str]] = {
    "binary": binary,
    "division": division,
    "named": named,
    "single": single,
    "unary": unary,
    "shift": shift,
    "power": power,
    "in place": in_place,
    "text": text,
    "written": written,
    "buffer": buffer,
}


def cases(seed: int, family: str, count: int) -> list[tuple[int, str]]:
    """`count` calls of a family: the width of `b`, and the chunk."""
    r = random.Random(f"{seed} {family}")
    make = FAMILIES[family]
    widths = [r.choice(WIDTHS[:7] if family == "power" else WIDTHS) for _ in range(count)]
    return [(bits, make(r, bits)) for bits in widths]
