"""Calls of the modules that turn values into text and back: json, base64, stringify, pretty, dump."""

from __future__ import annotations

import json

from .cases_lua import ALL_BYTES
from .compare import Free, Module
from .literals import Maker

__all__ = ["MODULES"]

KEYS = ["a", "b", "key", "", "1", "é", "a b", "end", "x\0y", "_id", "Name", "nested"]


class Shape:
    """Makes nested tables, and knows whether one has an object of several keys."""

    def __init__(self, maker: Maker, *, odd: float = 0.1, numbers: bool = True) -> None:
        self.maker = maker
        self.odd = odd
        self.numbers = numbers
        self.several = False

    def leaf(self) -> str:
        """Something that is no table."""
        m = self.maker
        kind = m.random.random()
        if kind < self.odd:
            return m.any()
        if kind < 0.4:
            return m.number()
        if kind < 0.85:
            # Long strings are compared by checksums, which know an order.
            text = m.text()
            return m.word() if ":rep(" in text else text
        return m.one(["true", "false"])

    def key(self) -> str:
        """A key."""
        m = self.maker
        if m.chance(0.9):
            return m.string(m.one(KEYS))
        return m.one(["1", "2", "-1", "0", "1.5", "true", "{}", "2^53", "type"])

    def value(self, depth: int = 0) -> str:
        """Any value."""
        m = self.maker
        kind = m.random.random()
        if depth > 3 or kind < 0.4:
            return self.leaf()
        if kind < 0.7:
            items = m.some(lambda: self.value(depth + 1), 0, 4)
            if self.numbers and m.chance(self.odd / 2):
                items.append(f"[{m.small(2, 9)}] = 1")
                self.several = True
            return "{" + ", ".join(items) + "}"
        count = 1 if m.chance(0.75) else m.random.randint(0, 4)
        keys = [self.key() for _ in range(count)]
        if count > 1 and not self.numbers:
            keys = [key for key in keys if key.startswith('"')]
        pairs = {key: self.value(depth + 1) for key in keys}
        self.several |= len(pairs) > 1
        return "{" + ", ".join(f"[{key}] = {value}" for key, value in pairs.items()) + "}"


def _shaped(m: Maker, form: str, *, odd: float = 0.1, numbers: bool = True) -> str:
    """`form` with a value in the place of `@`."""
    shape = Shape(m, odd=odd, numbers=numbers)
    call = form.replace("@", shape.value())
    return Free(call) if shape.several else call


def _json_value(m: Maker, depth: int = 0) -> object:
    kind = m.random.random()
    if depth > 3 or kind < 0.5:
        options: list[object] = [
            0,
            1,
            -1,
            1.5,
            1e100,
            -2.5e-7,
            2**53,
            2**63,
            2**64,
            12345678901234567890,
            True,
            False,
            None,
        ]
        texts: list[object] = ["", "a", "é", "\U0001f600", '\n\t"\\/\b\f\r', "\x00\x1f\x7f", "\u2028", "x" * 50, "key"]
        return m.one(options) if m.chance(0.5) else m.one(texts)
    if kind < 0.75:
        return m.some(lambda: _json_value(m, depth + 1), 0, 4)
    return {m.one(KEYS): _json_value(m, depth + 1) for _ in range(m.random.randint(0, 3))}


LITERALS = [
    "1.",
    "-",
    "01",
    "1e5",
    "1E+2",
    "-0",
    "0x10",
    ".5",
    "+1",
    "1e",
    "NaN",
    "Infinity",
    "tru",
    "nul",
    "nulll",
    "True",
    "--1",
    "1e400",
]
LITERALS += [
    '"\\u0041"',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    '"\\u12"',
    '"\\x"',
    '"\\',
    '"',
    '"a\nb"',
    '"\\u00e9"',
    '"\\uD83Dx"',
    "'a'",
    '"\\/"',
]
LITERALS += [
    "[1,]",
    "[,1]",
    "[1 2]",
    "{a:1}",
    '{"a" 1}',
    '{"a":}',
    '{"a":1,}',
    "{1:2}",
    "[",
    "]",
    "{",
    "}",
    "[[[[",
    "",
    " ",
    "\n\n",
    "null null",
]
LITERALS += [
    "[1]x",
    "[null,1]",
    "[1,null]",
    '{"a":null}',
    "\ufeff[]",
    "// x",
    "[1]  \n",
    '{"a":1,"a":2}',
    "[true,false]",
    "0.1e-5",
    "123abc",
]
MARKS = ["{", "}", "[", "]", ",", ":", '"', "\\", " ", "\n", "x", "1", "-", "e", "\x00", "\xff", "n", "\\u"]


def _document(m: Maker) -> str:
    if m.chance(0.3):
        return m.string(m.one(LITERALS))
    indent = m.one([None, None, 1, "\t"])
    text = json.dumps(_json_value(m), ensure_ascii=m.chance(0.5), indent=indent)
    if m.chance(0.4):
        at = m.random.randint(0, len(text))
        text = text[:at] + m.one(["", *MARKS]) + text[at + m.one([0, 1, 1, 5]) :]
    return m.string(text)


def jsons(m: Maker) -> str:
    """A call of json."""
    kind = m.random.random()
    if kind < 0.4:
        return _shaped(m, "json.encode(@)")
    if kind < 0.45:
        return m.one([
            "local t = {} t.a = t return json.encode(t)", "local t = {} t[1] = {t} return json.encode(t)", "local t = {1} return json.encode({t, t})",
            "json.encode()", "json.encode(nil)", "json.encode({nil, 1})", "json.encode({1, nil, 3})", "json.encode({1, a = 1})", "json.encode({[0] = 1})",
            "json.encode({f = type})", "json.encode({type})", "json.encode(type)", "json.encode({{f = type}})", "json.encode(coroutine.create(type))",
            "json.encode(setmetatable({}, {__index = {1, 2}}))", "json.encode(setmetatable({a = 1}, {__pairs = function() return next, {b = 2} end}))",
            "json.encode(ALLBYTES)", "json.encode({[ALLBYTES] = ALLBYTES})", "json.encode(('\\\\'):rep(1000))", "json.encode(1, 2)",
            "json.encode({[1.0] = 'a'})", "json.encode({[1] = 'a', [3] = 'b'})", "json.encode({[2] = 'b'})", "json.encode({['1'] = 'a', 'b'})",
            f"json.encode({m.number()})", f"json.encode({{{m.number()}}})", f"json.encode({m.other()})",
        ])  # fmt: skip
    if kind < 0.55:
        return _shaped(m, "local ok, s = pcall(json.encode, @) if ok then return json.decode(s) end return s", odd=0.02)
    if kind < 0.95:
        return f"json.decode({_document(m)})"
    return f"json.decode({m.arguments(m.any)})"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def base64(m: Maker) -> str:
    """A call of .base64."""
    kind = m.random.random()
    caching = m.one(["", "", ", nil, true", ", nil, false", ", URL", ", URL, true", ", {}", ", 5"])

    def data() -> str:
        return m.string(m.bytes(12)) if m.chance(0.6) else m.text()

    if kind < 0.35:
        return f"base64.encode({m.arguments(data, wrong=0.06)}{caching})"
    caching = caching.replace("URL", "DURL")
    if kind < 0.75:
        text = "".join(m.some(lambda: m.one(ALPHABET), 0, 14))
        if m.chance(0.3):
            text = text[: len(text) // 4 * 4]
        text += m.one(["", "", "=", "==", "===", "\n", "-", "_", "!", " ", "=A"])
        return f"base64.decode({m.string(text)}{caching})"
    if kind < 0.85:
        text = data()
        return f"base64.decode(base64.encode({text})), base64.decode(base64.encode({text}, URL), DURL)"
    if kind < 0.95:
        signs = [
            m.one(["'-'", "'_'", "'!'", "''", "'ab'", "nil", "5", "{}", "'='", "'\\255'"])
            for _ in range(m.random.randint(0, 3))
        ]
        return f"base64.{m.one(['makeencoder', 'makedecoder'])}({', '.join(signs)})"
    return f"base64.decode({m.arguments(m.any)}{caching})"


def stringify(m: Maker) -> str:
    """A call of .stringify."""
    kind = m.random.random()
    if kind < 0.6:
        # The reference leaves out the numbered part of a mixed table, as far as its hash tables come to it in order.
        rest = m.one(["", "", "", ", 0", ", 2", ", 4", ", -1", ", 1.5", ", 'x'", ", 2, {}"])
        return _shaped(m, f"stringify.format(@{rest})", numbers=False)
    if kind < 0.85:
        return _shaped(m, "stringify.isSimpleArray(@)", numbers=False)
    return m.one([
        "local t = {} t.a = t return stringify.format(t)", "local t = {} t[1] = t return stringify.format(t)", "local t = {1} return stringify.format({t, t})",
        "local t = {} return stringify.format(t, 0, {[t] = true})", "stringify.format({type})", "stringify.format({a = type})", "stringify.format()",
        "local t = {} t.a = {b = t} return stringify.format(t)", "stringify.format(setmetatable({}, {__tostring = function() return 'T' end}))",
        "stringify.format({setmetatable({}, {__tostring = function() return 'T' end})})", "stringify.isSimpleArray()", "stringify.format({[type] = 1})",
        f"stringify.format({m.any()})", f"stringify.isSimpleArray({m.any()})", f"stringify.format({{{m.any()}}})", f"stringify.format({{a = {m.any()}}})",
    ])  # fmt: skip


def pretty(m: Maker) -> str:
    """A call of .pretty."""
    if m.chance(0.85):
        return _shaped(m, "pretty.tprint(@" + m.one(["", "", "", ", 0", ", 2", ", 1.5", ", -1", ", 'x'"]) + ")")
    return m.one([
        "pretty.tprint()", "pretty.tprint({type})", "pretty.tprint({a = type})", "pretty.tprint({[true] = 1})", "pretty.tprint({[{}] = 1})",
        f"pretty.tprint({m.any()})", f"pretty.tprint({{{m.any()}}})", f"pretty.tprint({{a = {m.any()}}})", f"pretty.tprint({{}}, {m.any()})",
    ])  # fmt: skip


def dump(m: Maker) -> str:
    """A call of .dump."""
    kind = m.random.random()
    rest = m.one(
        [
            "",
            "",
            "",
            ", '  '",
            ", ''",
            ", '\\t', '>'",
            ", '  ', '    '",
            ", nil, nil, function(k, v) return v end",
            ", 5",
            ", nil, 5",
            ", {}",
        ]
    )
    if kind < 0.8:
        return _shaped(m, f"dump(@{rest})")
    return m.one([
        "local t = {} t.a = t return dump(t)", "local t = {1} return dump({t, t})", "dump()", "dump(nil)", "dump({type})", "dump({a = type})", "dump(type)",
        "dump({[type] = 1})", "dump({[{}] = 1})", "dump({[true] = 1, [false] = 2})", "dump({[1.5] = 1, a = 2, [2] = 3})", "dump(coroutine.create(type))",
        "dump({a = 1, b = 2}, nil, nil, function(k, v) return k, v end)", "dump({a = {b = {}}}, '', '')", "dump({1, 2, {3}}, nil, nil, nil, 1)",
        f"dump({m.any()}{rest})", f"dump({{{m.any()}}}{rest})", f"dump({{a = {m.any()}}})", f"dump({{[{m.number()}] = {m.any()}}})", f"dump({m.number()})",
    ])  # fmt: skip


MODULES = [
    Module("json", jsons, f"{ALL_BYTES} local json = require('json')"),
    Module(
        ".base64",
        base64,
        f"{ALL_BYTES} local base64 = require('.base64') local URL, DURL = base64.makeencoder('-', '_'), base64.makedecoder('-', '_')",
    ),
    Module(".stringify", stringify, f"{ALL_BYTES} local stringify = require('.stringify')"),
    Module(".pretty", pretty, f"{ALL_BYTES} local pretty = require('.pretty')"),
    Module(".dump", dump, f"{ALL_BYTES} local dump = require('.dump')"),
]
