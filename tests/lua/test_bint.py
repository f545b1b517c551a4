"""`.bint` against Python's integers, at every kind of width, and its complaints."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lua.harness import Harness

WIDTHS = (64, 128, 256, 512, 1024, 4096)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

SHARED = Harness()
SHARED.run(
    """
    local bint = require(".bint")
    local function show(v)
      if math.type(v) == "float" then return string.format("%.17g", v) end
      return tostring(v)
    end
    function collect(ok, ...)
      local out = { ok and "" or "error: " }
      for i = 1, select("#", ...) do out[#out + 1] = show((select(i, ...))) end
      return (table.concat(out, " "):gsub('%[string ".bint"%]:%d+: ', ""))
    end
    function class(bits) return bint(bits) end
    return ""
    """
)


def ask(bits: int, expression: str) -> str:
    """What an expression over the class `b` gives, as text."""
    chunk = f"local b = class({bits}) return collect(pcall(function() return {expression} end))"
    return SHARED.run(chunk).decode("latin-1").strip()


def wrap(value: int, bits: int) -> int:
    """Two's complement."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def text_in(value: int, base: int) -> str:
    """Text of an integer in a base."""
    mark, value, out = "-" if value < 0 else "", abs(value), ""
    while True:
        value, digit = divmod(value, base)
        out = DIGITS[digit] + out
        if not value:
            return mark + out


@st.composite
def operands(draw: st.DrawFn, count: int = 2) -> tuple[int, ...]:
    """A width and integers of it, often at its edges."""
    bits = draw(st.sampled_from(WIDTHS))
    lowest, highest = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    power = st.integers(0, bits - 2).flatmap(lambda n: st.sampled_from((1 << n, -(1 << n), (1 << n) - 1, (1 << n) + 1)))
    edge = st.sampled_from((0, 1, -1, 2, 10, lowest, lowest + 1, highest, highest - 1, (1 << 62) - 1, -(1 << 63)))
    value = st.one_of(edge, power, st.integers(lowest, highest), st.integers(-1000, 10**18 % (highest + 1)))
    return (bits, *(wrap(draw(value), bits) for _ in range(count)))


@given(operands())
def test_ring(case: tuple[int, int, int]) -> None:
    """Sums, differences, products and negation are those of the integers, wrapped."""
    bits, x, y = case
    got = ask(bits, f"b('{x}') + b('{y}'), b('{x}') - b('{y}'), b('{x}') * b('{y}'), -b('{x}'), b.abs(b('{x}'))")
    expected = " ".join(str(wrap(value, bits)) for value in (x + y, x - y, x * y, -x, abs(x)))
    assert expected == got


@given(operands())
def test_division(case: tuple[int, int, int]) -> None:
    """`//` and `%` round down, tdivmod rounds to zero, udivmod takes both as unsigned."""
    bits, x, y = case
    a, c = f"b('{x}')", f"b('{y}')"
    if y == 0:
        for form in (f"{a} // {c}", f"{a} % {c}", f"b.udivmod({a}, {c})", f"b.tdivmod({a}, {c})"):
            assert ask(bits, form) == "error:  attempt to divide by zero"
        return
    assert f"{wrap(x // y, bits)} {wrap(x % y, bits)}" == ask(bits, f"b.idivmod({a}, {c})")
    assert f"{wrap(x // y, bits)} {wrap(x % y, bits)}" == ask(bits, f"({a} // {c}), {a} % {c}")
    ux, uy = x % (1 << bits), y % (1 << bits)
    assert f"{wrap(ux // uy, bits)} {wrap(ux % uy, bits)}" == ask(bits, f"b.udivmod({a}, {c})")
    if y == -1 and x == -(1 << (bits - 1)):
        assert ask(bits, f"b.tdivmod({a}, {c})") == "error:  division overflow"
        return
    q = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
    assert f"{q} {x - q * y}" == ask(bits, f"b.tdivmod({a}, {c})")


@given(operands(), st.data())
def test_long_division(case: tuple[int, int, int], data: st.DataObject) -> None:
    """A dividend just below, at and above a multiple of the divisor gives that quotient."""
    bits, _x, y = case
    y = y % (1 << bits) or 1
    q = data.draw(st.integers(0, ((1 << bits) - 1) // y))
    n = max(0, min((1 << bits) - 1, q * y + data.draw(st.sampled_from((-1, 0, 1, y - 1)))))
    expected = f"{wrap(n // y, bits)} {wrap(n % y, bits)}"
    assert expected == ask(bits, f"b.udivmod(b('{n}'), b('{y}'))")


@given(operands())
def test_order(case: tuple[int, int, int]) -> None:
    """Comparisons are those of the integers; ult and ule those of the unsigned ones."""
    bits, x, y = case
    a, c = f"b('{x}')", f"b('{y}')"
    ux, uy = x % (1 << bits), y % (1 << bits)
    got = ask(
        bits, f"{a} < {c}, {a} <= {c}, {a} == {c}, b.ult({a}, {c}), b.ule({a}, {c}), b.max({a}, {c}), b.min({a}, {c})"
    )
    flags = " ".join(str(flag).lower() for flag in (x < y, x <= y, x == y, ux < uy, ux <= uy))
    assert f"{flags} {max(x, y)} {min(x, y)}" == got


@given(operands(), st.data())
def test_bits(case: tuple[int, int, int], data: st.DataObject) -> None:
    """Bit operations and shifts are those of two's complement; to the right, zeros come in."""
    bits, x, y = case
    n = data.draw(st.integers(0, bits + 40))
    a, c = f"b('{x}')", f"b('{y}')"
    ux = x % (1 << bits)
    values = (x & y, x | y, x ^ y, ~x, x << n, ux >> n, ux & (1 << n) - 1)
    expected = " ".join(str(wrap(value, bits)) for value in values)
    assert expected == ask(bits, f"{a} & {c}, {a} | {c}, {a} ~ {c}, ~{a}, {a} << {n}, {a} >> {n}, b.bwrap({a}, {n})")


@given(operands(1), st.data())
def test_rotation(case: tuple[int, int], data: st.DataObject) -> None:
    """brol and bror turn the bits round, within the width."""
    bits, x = case
    n = data.draw(st.integers(0, bits))
    ux = x % (1 << bits)
    left, right = ux << n | ux >> (bits - n), ux >> n | ux << (bits - n)
    assert f"{wrap(left, bits)} {wrap(right, bits)}" == ask(bits, f"b.brol(b('{x}'), {n}), b.bror(b('{x}'), {n})")


@given(operands(1), st.integers(2, 36))
def test_text(case: tuple[int, int], base: int) -> None:
    """Texts of every base are read and written exactly."""
    bits, x = case
    digits = text_in(x, base)
    assert f"{x} {x}" == ask(bits, f"b.frombase('{digits}', {base}), b.frombase('{digits.upper()}', {base})")
    unsigned = text_in(x % (1 << bits), base)
    assert f"{digits} {unsigned}" == ask(bits, f"b.tobase(b('{x}'), {base}, false), b.tobase(b('{x}'), {base}, true)")


@given(st.sampled_from(WIDTHS), st.text("0123456789", min_size=1, max_size=1400), st.sampled_from(("", "-", "+")))
@settings(max_examples=60)
def test_long_text(bits: int, digits: str, mark: str) -> None:
    """A decimal text of any length is read modulo the width."""
    assert str(wrap(int((mark + digits).lstrip("+")), bits)) == ask(bits, f"b('{mark}{digits}')")


@given(operands(1))
def test_numbers(case: tuple[int, int]) -> None:
    """tonumber gives an integer where 64 bits hold it, else the nearest float; tointeger the low 64 bits."""
    bits, x = case
    if -(1 << 63) <= x < 1 << 63:
        number = str(x)
    else:
        try:
            number = f"{float(x):.17g}"
        except OverflowError:
            number = "inf" if x > 0 else "-inf"
    assert f"{number} {wrap(x, 64)}" == ask(bits, f"b.tonumber(b('{x}')), b.tointeger(b('{x}'))")


@given(operands(1))
def test_buffers(case: tuple[int, int]) -> None:
    """Bytes go there and back, in both orders, trimmed or not."""
    bits, x = case
    whole = ask(bits, f"b.tole(b('{x}')):gsub('.', function(c) return string.format('%02x', c:byte()) end)")
    assert (x % (1 << bits)).to_bytes(bits // 8, "little").hex() == whole.split()[0].replace("\n", "")
    forms = ", ".join(f"b.from{o}(b.to{o}(b('{x}'){t}))" for o in ("le", "be") for t in ("", ", true"))
    assert " ".join([str(x)] * 4) == ask(bits, forms)


@given(operands(2), st.integers(0, 300))
def test_powers(case: tuple[int, int, int], exponent: int) -> None:
    """ipow wraps."""
    bits, x, _ = case
    assert str(wrap(pow(x, exponent, 1 << bits), bits)) == ask(bits, f"b.ipow(b('{x}'), {exponent})")


@given(st.integers(0, 2**64), st.integers(0, 2**64), st.integers(1, 2**63))
def test_powers_modulo(x: int, y: int, m: int) -> None:
    """upowmod is exact while the square of the modulus fits."""
    assert str(pow(x, y, m)) == ask(256, f"b.upowmod(b('{x}'), b('{y}'), b('{m}'))")


@given(operands(), st.sampled_from(("add", "sub", "band", "bor", "bxor", "assign")))
def test_in_place(case: tuple[int, int, int], name: str) -> None:
    """The methods with an underscore change their first operand and return it."""
    bits, x, y = case
    value = {"add": x + y, "sub": x - y, "band": x & y, "bor": x | y, "bxor": x ^ y, "assign": y}[name]
    got = ask(bits, f"(function() local x = b('{x}') return rawequal(x, x:_{name}(b('{y}'))), x end)()")
    assert f"true {wrap(value, bits)}" == got


@pytest.mark.parametrize("wordbits", [8, 10, 16, 20, 32])
def test_word_sizes(wordbits: int) -> None:
    """Words of other sizes compute the same."""
    x, y = -(3**180), 7**61 + 1
    got = ask(320, f"(function() local b = require('.bint')(320, {wordbits}) local x, y = b('{x}'), b('{y}') "
              "return #x, x * y, (x // y), x % y, x + y, b.tobase(x, 7, false) end)()")  # fmt: skip
    values = (320 // wordbits, wrap(x * y, 320), x // y, x % y, x + y, text_in(x, 7))
    assert " ".join(map(str, values)) == got


def test_words() -> None:
    """The words are what a process sees of a bint: 32 bits each, the lowest first."""
    assert ask(256, "#b(-5), b(-5)[1], b(-5)[8]") == "8 4294967291 4294967295"
    assert ask(256, "#b.fromle('a'), b.fromle('a')[9]") == "9 33"
    assert ask(256, "getmetatable(b(1)) == b, require('.bint')(256) == b, require('.bint')() == b") == "true true true"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("b('x')", "error:  value cannot be represented by a bint"),
        ("b(5.5)", "error:  value cannot be represented by a bint"),
        ("b(1) & 2.5", "error:  value has not integer representation"),
        ("b(1) << 2.5", "error:  value has no integer representation"),
        ("b(1) + nil", "error:  attempt to perform arithmetic on a nil value"),
        ("b(1) < nil", "error:  attempt to compare number with nil"),
        ("b.isneg('1')", "error:  attempt to compare string with number"),
        ("b.iseven(nil)", "error:  bad argument #1 to 'math_abs' (number expected, got nil)"),
        ("b.fromle(5)", "error:  buffer is not a string"),
        ("b._add(5, 3)", "error:  attempt to index a number value (local 'self')"),
        ("b.max(1, {})", "error:  attempt to compare number with table"),
        ("b.frombase('11', '2')", "error:  attempt to compare number with string"),
        ("require('.bint')(100)", "error:  bitsize is not multiple of word bitsize"),
        ("require('.bint')(32)", "error:  bitsize must be >= 64"),
        ("require('.bint')(64, 4)", "error:  wordbits must be at least 8"),
        ("require('.bint')(64, 64)", "error:  word bitsize must be half of the lua integer bitsize"),
        ("b('5') + '2', b(3) * 2.5, b(7) / 2, b(2) ^ 10", "7 7.5 3.5 1024"),
        ("b.type(b(1)), b.type(1), b.type(1.5), b.type('1')", "bint integer float nil"),
        ("b.fromuinteger(-1), b.trunc(-5.7), b.ceil(5.5), b.floor(-5.5)", "18446744073709551615 -5 6 -6"),
    ],
)
def test_complaints_and_mixing(expression: str, expected: str) -> None:
    """Mixed operands give what they give in the reference, and its messages."""
    assert expected == ask(256, expression)


def test_infinite_float() -> None:
    """A bint beyond the floats is an infinity."""
    assert math.isinf(float(ask(4096, "b.maxinteger() / 1")))
