"""Lua literals, above all those at the edges."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["Maker"]

T = TypeVar("T")

INTEGERS = [0, 1, -1, 2, -2, 3, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 36, 37, 63, 64, 65, 100, 127, 128, 255, 256]
INTEGERS += [-3, -7, -8, -10, -31, -32, -33, -64, -128, -256, 1000, 65535, 65536, 10**9, 10**15, 10**18, -(10**18)]
WIDE = [sign * 2**power + off for power in (31, 32, 53, 62, 63) for off in (-1, 0, 1) for sign in (1, -1)]
WIDE = [n for n in WIDE if -(2**63) <= n < 2**63]
FLOATS = ["0.0", "-0.0", "0.5", "-0.5", "1.0", "-1.0", "1.5", "2.5", "-2.5", "0.1", "3.0", "1e15", "1e16", "123456.789"]
FLOATS += ["2^31", "2^32", "2^53", "2^53+2", "2^63", "-2^63", "2^64", "1e100", "-1e100", "1.7976931348623157e308"]
FLOATS += ["2.2250738585072014e-308", "5e-324", "1e-7", "1/3", "-1/3", "(1/0)", "(-1/0)", "(0/0)", "-(0/0)", "math.pi"]
NUMERALS = [
    "0",
    "1",
    "-1",
    "10",
    "0x10",
    "0xff",
    "-0x1",
    "1e2",
    "1.5",
    " 5 ",
    "5 ",
    "\t7\n",
    ".5",
    "5.",
    "0x.8p1",
    "1e",
]
NUMERALS += ["", " ", "-", "+5", "0x", "1 2", "1_000", "inf", "nan", "9223372036854775807", "9223372036854775808", "00"]
NUMERALS += ["-9223372036854775808", "-9223372036854775809", "0x7fffffffffffffff", "0xffffffffffffffff", "1e308"]
NUMERALS += ["1e309", "0x1p4", "0x1ffffffffffffffffff", "1\0", "1e+5", "- 1", "--1", "0b1", "infinity"]
WORDS = ["", "a", "abc", "Hello, World", "aaaa", "%d", "%", "é", "日本", "\0", "a\0b", "\n", "\\", '"', "x" * 40, "key"]
WORDS += ["\x7f", "^a$", "[a]", "a.b", "true", "nil", "ao", "AbC", "  padded  ", "1,2,3", "a-b_c"]
OTHERS = [
    "nil",
    "true",
    "false",
    "{}",
    "{1, 2, 3}",
    "{a = 1}",
    "rawlen",  # a function that ends at once, whatever calls it
    "setmetatable({}, {})",
    "coroutine.create(rawlen)",
]


class Maker:
    """Makes literals from one seeded source of randomness."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        """True in that part of all cases."""
        return self.random.random() < probability

    def one(self, choices: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(choices)

    def some(self, make: Callable[[], T], least: int, most: int) -> list[T]:
        """A list of `least` to `most` made ones."""
        return [make() for _ in range(self.random.randint(least, most))]

    def string(self, value: str | bytes) -> str:
        """The literal of a string, as ASCII."""
        data = value.encode() if isinstance(value, str) else value
        out = []
        for byte in data:
            char = chr(byte)
            if char in '"\\' or not 32 <= byte < 127:
                out.append(f"\\{byte:03d}")
            else:
                out.append(char)
        return '"' + "".join(out) + '"'

    def bytes(self, most: int = 40) -> bytes:
        """Any bytes."""
        return self.random.randbytes(self.random.randint(0, most))

    def small(self, low: int, high: int) -> str:
        """An integer from that range."""
        return str(self.random.randint(low, high))

    def integer(self) -> str:
        """An integer."""
        kind = self.random.random()
        if kind < 0.5:
            number = self.one(INTEGERS)
        elif kind < 0.8:
            number = self.one(WIDE)
        else:
            number = self.random.getrandbits(self.random.randint(1, 63)) * self.one([1, -1])
        if number == -(2**63):
            return "math.mininteger"
        return f"({number})" if number < 0 else str(number)

    def real(self) -> str:
        """A float."""
        if self.chance(0.6):
            return f"({self.one(FLOATS)})"
        return f"({self.random.uniform(-1, 1) * 10 ** self.random.randint(-20, 20)!r})"

    def number(self) -> str:
        """An integer or a float."""
        return self.integer() if self.chance(0.6) else self.real()

    def numeral(self) -> str:
        """A string that is, or nearly is, a number."""
        if self.chance(0.6):
            return self.string(self.one(NUMERALS))
        number = self.number().strip("()")
        return self.string(number)

    def word(self) -> str:
        """A short string."""
        if self.chance(0.7):
            return self.string(self.one(WORDS))
        return self.string(self.bytes())

    def text(self) -> str:
        """A string: short, long, of all bytes, or a number."""
        kind = self.random.random()
        if kind < 0.6:
            return self.word()
        if kind < 0.75:
            return self.numeral()
        if kind < 0.85:
            return "ALLBYTES"
        if kind < 0.92:
            return f"({self.word()}):rep({self.one([10, 100, 1000])})"
        return self.string("".join(self.some(lambda: self.one("abc ,.%d12\n"), 0, 60)))

    def other(self) -> str:
        """What is neither a string nor a number."""
        return self.one(OTHERS)

    def any(self) -> str:
        """Any value."""
        kind = self.random.random()
        if kind < 0.35:
            return self.number()
        if kind < 0.65:
            return self.text()
        return self.other()

    def arguments(self, *makers: Callable[[], str], wrong: float = 0.12) -> str:
        """Arguments of a call; now and then one is missing, too many, or of any type."""
        values = [self.any() if self.chance(wrong) else make() for make in makers]
        if values and self.chance(wrong / 2):
            values.pop()
        if self.chance(wrong / 3):
            values.append(self.any())
        return ", ".join(values)
