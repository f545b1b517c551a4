"""Calls of the modules that messages are handled with: utils, handlers-utils, chance."""

from __future__ import annotations

from collections.abc import Sequence

from .cases_lua import ALL_BYTES
from .compare import Free, Module
from .literals import Maker

__all__ = ["MODULES"]

FUNCTIONS = [
    "function(x) return x end",
    "function(x) return x == 2 end",
    "function(a, b) return b, a end",
    "tostring",
    "type",
    "function() end",
]
FUNCTIONS += [
    "function(a, b) return tostring(a) .. tostring(b) end",
    "function(x) return {x} end",
    "function(x) error('no') end",
    "function(x) return x and x ~= 1 end",
]
PATTERNS = [
    '"_"',
    '"ping"',
    '"Ping"',
    '"PING"',
    '"^p"',
    '"a.c"',
    '"%d+"',
    '"[0-9]+"',
    '""',
    '"a+b"',
    '"("',
    '"%"',
    "function(v) return v end",
]
PATTERNS += [
    "function(v, m) return m end",
    '{"ping", "pong"}',
    '{"_"}',
    "{}",
    "1",
    "true",
    "nil",
    "function() return 0 end",
    '{"^x", function() return true end}',
]
VALUES = ['"ping"', '"Ping"', '"abc"', '"a+b"', '"123"', '""', "nil", "5", "true", "{}", '"Pong"', '"%"', "false"]


def _pattern(m: Maker) -> str:
    return m.one(PATTERNS) if m.chance(0.9) else m.any()


def _spec(m: Maker) -> str:
    """A spec of one key, with any pattern in it, or one without keys."""
    if m.chance(0.5):
        return m.one([f"{{{m.one(['Action', 'From', 'Data', 'X'])} = {_pattern(m)}}}", "{}"])
    return m.one(
        [
            '"ping"',
            '"Ping"',
            '"_"',
            "function(msg) return msg.Action end",
            "function() return -1 end",
            "nil",
            "5",
            "{[1] = 'a'}",
            "true",
        ]
    )


def _message(m: Maker, values: Sequence[str] = VALUES) -> str:
    fields = [f"{key} = {m.one(values)}" for key in ("Action", "From", "Data") if m.chance(0.7)]
    if m.chance(0.5):
        fields.append(f"Tags = {{{m.one(['Action', 'X', 'Name'])} = {m.one(values)}}}")
    return "{" + ", ".join(fields) + "}"


def _matched(m: Maker) -> tuple[str, str]:
    """A message and a spec. Where the spec has several keys no match fails: which key is first is nobody's promise."""
    if m.chance(0.6):
        return _message(m), _spec(m)
    keys = m.random.sample(["Action", "From", "Data"], m.random.randint(2, 3))
    patterns = [
        m.one(['"_"', '"ping"', '"^p"', '"a.c"', '"%d+"', '{"ping", "abc"}', "function(v) return v end"]) for _ in keys
    ]
    spec = ", ".join(f"{key} = {pattern}" for key, pattern in zip(keys, patterns, strict=True))
    return _message(m, ['"ping"', '"Ping"', '"abc"', '"123"', '""']), f"{{{spec}}}"


def _list(m: Maker) -> str:
    if m.chance(0.85):
        return (
            "{"
            + ", ".join(m.some(lambda: m.one(["1", "2", "3", '"a"', '"b"', "{n = 1}", "{n = 2}", "false"]), 0, 5))
            + "}"
        )
    return m.one(["{a = 1}", "{a = 1, 2}", "{[0] = 1}", "{nil, 2}"]) if m.chance(0.6) else m.any()


def _function(m: Maker) -> str:
    return m.one(FUNCTIONS) if m.chance(0.9) else m.any()


def utils(m: Maker) -> str:
    """A call of .utils."""
    kind = m.random.random()

    def function() -> str:
        return _function(m)

    def array() -> str:
        return _list(m)

    if kind < 0.2:
        return f"Utils.matchesPattern({m.arguments(lambda: _pattern(m), lambda: m.one(VALUES), lambda: _message(m), wrong=0.05)})"
    if kind < 0.35:
        message, spec = _matched(m)
        return f"Utils.matchesSpec({m.arguments(lambda: message, lambda: spec, wrong=0.05)})"
    if kind < 0.55:
        name = m.one(["map", "filter", "find"])
        arguments = m.arguments(function, array, wrong=0.05)
        if m.chance(0.3):
            return f"Utils.{name}({function()})({array()})"
        return f"Utils.{name}({arguments})"
    if kind < 0.65:
        if m.chance(0.4):
            return f"Utils.reduce({function()})({m.number()})({array()})"
        return f"Utils.reduce({m.arguments(function, m.any, array, wrong=0.05)})"
    if kind < 0.75:
        two = m.one([f"{array()}, {array()}", f"{array()}"])
        return m.one(
            [
                f"Utils.concat({two})",
                f"Utils.concat({array()})({array()})",
                f"Utils.reverse({array()})",
                f"Utils.reverse({m.any()})",
            ]
        )
    if kind < 0.85:
        name = m.string(m.one(["n", "a", "b", "x"])) if m.chance(0.8) else m.any()
        item = m.one(["{n = 1}", "{a = 'x'}", "{}", "nil", "'text'", "5"])
        return m.one([
            f"Utils.prop({name}, {item})", f"Utils.prop({name})({item})", f"Utils.propEq({name}, {m.any()}, {item})", f"Utils.propEq('n', 1, {item})",
            f"Utils.propEq('n')(1)({item})", f"Utils.includes({m.one(['1', '2', chr(39) + 'a' + chr(39), m.any()])}, {array()})", f"Utils.includes(2)({array()})",
        ])  # fmt: skip
    if kind < 0.93:
        subject = m.string(
            m.one(
                [
                    "a",
                    "x-reference",
                    "FROM_PROCESS",
                    "fooBar",
                    "a--b",
                    "-a",
                    "a-",
                    "",
                    "é-x",
                    "content-TYPE",
                    "x_y_z",
                    "1a",
                    "a b",
                ]
            )
        )
        value = subject if m.chance(0.8) else m.any()
        return f"Utils.{m.one(['normalize', 'capitalize'])}({value})"
    return m.one([
        f"Utils.compose({function()}, {function()})({m.any()})", f"Utils.compose({function()})({m.any()})", f"Utils.compose({function()})", "Utils.compose()(1)",
        Free(f"Utils.keys({array()})"), Free(f"Utils.values({array()})"), "Utils.keys({a = 1})", "Utils.values({a = 1})", f"Utils.keys({m.any()})", f"Utils.values({m.any()})",
        f"Utils.curry({function()}, {m.one(['1', '2', '3', '0', 'nil', '-1', '{}'])})({m.any()})", f"Utils.curry({function()}, 2)({m.any()})({m.any()})",
        "Utils.curry(function(a, b, c) return {a, b, c} end)(1)(2)(3)", "Utils.curry(function(a, b, c) return {a, b, c} end)(1, 2)(3)", f"Utils.curry({m.any()})",
        "Utils.curry(function(a, b, c) return {a, b, c} end, 2)(1, 2, 3)", "Utils.curry(function(...) return select('#', ...) end, 3)(1)(nil)(2)", "Utils._version",
    ])  # fmt: skip


def handlers_utils(m: Maker) -> str:
    """A call of .handlers-utils."""
    kind = m.random.random()
    name = m.string(m.one(["Action", "X", "Name"]))

    def text() -> str:
        return m.one(VALUES) if m.chance(0.8) else m.any()

    if kind < 0.3:
        return f"HU.hasMatchingTag({m.arguments(lambda: name, text, wrong=0.1)})({_message(m)})"
    if kind < 0.5:
        values = "{" + ", ".join(m.some(text, 0, 3)) + "}"
        return f"HU.hasMatchingTagOf({m.arguments(lambda: name, lambda: values, wrong=0.1)})({_message(m)})"
    if kind < 0.7:
        return f"HU.hasMatchingData({m.arguments(text, wrong=0.1)})({_message(m)})"
    if kind < 0.85:
        reply = m.one(['"text"', "{Data = 'x'}", "{Tags = {A = 'b'}}", "{Tags = {{name = 'A', value = 'b'}}}", m.any()])
        reply_to = "reply = function(t) seen = t return 'replied' end, "
        return f"local seen local r = HU.reply({reply})({{{reply_to}{_message(m)[1:]}) return r, seen"
    message, spec = _matched(m)
    return f"HU.continue({spec})({message})"


def chance(m: Maker) -> str:
    """A call of .chance: a seed, and what is drawn after it."""
    seed = m.integer() if m.chance(0.7) else m.one([m.real(), m.numeral(), m.any()])
    draws = []
    for _ in range(m.random.randint(1, 4)):
        if m.chance(0.4):
            draws.append("C.random()")
        else:
            low = m.small(-10, 10)
            wide = m.one([m.small(10, 200), m.small(10, 200), low, "2^31", "1e10", "2.5", m.integer()])
            draws.append(
                m.one(
                    [
                        f"C.integer({low}, {wide})",
                        f"C.integer({wide}, {low})",
                        "C.integer()",
                        f"C.integer({wide})",
                        f"C.random({low}, {wide})",
                    ]
                )
            )
    if m.chance(0.1):
        draws.append(f"C.integer({m.arguments(m.any, m.any)})")
    skipped = m.one(["", "", "", "for _ = 1, 623 do C.random() end ", "for _ = 1, 1300 do C.random() end "])
    return f"local r = {{pcall(C.seed, {seed})}} {skipped}return r, {', '.join(draws)}"


MODULES = [
    Module(".utils", utils, ALL_BYTES),
    Module(".handlers-utils", handlers_utils, f"{ALL_BYTES} local HU = require('.handlers-utils')"),
    Module(".chance", chance, f"{ALL_BYTES} local C = require('.chance')"),
]
