"""Choices from one seeded source, and Lua expressions made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

__all__ = ["ACTIONS", "ADDRESSES", "NAMES", "WORDS", "Maker", "literal"]

T = TypeVar("T")

PROCESS = "Process-0123456789012345678901234567890ABCD"
OWNER = "Owner-0123456789012345678901234567890ABCDEF"
AUTHORITY = "Authority-89012345678901234567890ABCDEFGHIJ"
ADDRESSES = [OWNER, PROCESS, AUTHORITY, "Alice-012345678901234567890123456789ABCDEF-", "bob", "x"]

ACTIONS = ["Ping", "Get", "Set", "Transfer", "ping", "A-b", "Info", "Go.1", "5", "(x", ""]
#: Names of tags that processes read.
NAMES = ["Kind", "Quantity", "Recipient", "X-Note", "fooBar", "snake_case", "Status", "5", "Ticker"]
#: Names that a message has a use for itself.
OWN_NAMES = ["From-Process", "Reference", "X-Reference", "Reply-To", "X-Origin", "Type", "Content-Type", "Name", "Data"]
OWN_NAMES += ["From", "Owner", "Target", "Id", "Variant", "Pushed-For", "Read-Only", "Cron", "reply", "Tags", "Error"]
OWN_NAMES += ["Ref_", "On-Boot", "Nonce", "Timestamp", "Anchor", "TagArray"]
WORDS = ["", "a", "b", "go", "Ping", "yes", "12", "-3", "0x10", "1e2", "1.50", "007", " 5 ", "ä€", "a.b", "x-y", "%d+"]
WORDS += ["^a", "[", "line\nbreak", '{"a":1}', "[1,2]", "a,b,,c", "nil", "true", "skip", "break", "continue", "_"]
WORDS += ["y" * 25, "Hello, World"]
NUMBERS = ["0", "1", "-1", "2", "3", "7", "10", "100", "0.5", "-2.5", "1e15", "1e100", "2^53", "math.maxinteger"]
NUMBERS += ["math.mininteger", "1 // 1", "3.0", "7 % -3", "1 / 3", "math.huge"]


def literal(text: str) -> str:
    """The Lua literal of a text, as ASCII."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        out.append(f"\\{byte:03d}" if char in "'\\" or not 32 <= byte < 127 else char)
    return "'" + "".join(out) + "'"


class Maker:
    """Makes choices, and expressions in a scope where the message is `msg` or is not there."""

    #: Whether the dialect knows replies, waiting, and all of `ao`: not the oldest.
    replies = True

    def __init__(self, random: Random) -> None:
        self.random = random

    def chance(self, probability: float) -> bool:
        """True in that part of all cases."""
        return self.random.random() < probability

    def one(self, choices: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(choices)

    def number(self, low: int, high: int) -> int:
        """An integer of that range, its ends too."""
        return self.random.randint(low, high)

    def weighted(self, *choices: tuple[float, Callable[[], T]]) -> T:
        """What one of these makes, each as often as its weight says."""
        at = self.random.random() * sum(weight for weight, _ in choices)
        for weight, make in choices:
            at -= weight
            if at < 0:
                return make()
        return choices[-1][1]()

    # ── expressions ────────────────────────────────────────────────────────────────────────────────────────────

    def word(self) -> str:
        """A literal of text."""
        return literal(self.one(WORDS))

    def name(self) -> str:
        """The name of a tag, now and then one that means something."""
        return self.one(NAMES) if self.chance(0.75) else self.one(OWN_NAMES)

    def numeral(self) -> str:
        """A number."""
        return str(self.number(-5, 20)) if self.chance(0.5) else self.one(NUMBERS)

    def field(self, of: str = "msg") -> str:
        """A field or tag of a message."""
        name = self.one(["From", "Owner", "Action", "Data", "Id", "Target", "Timestamp", "Block-Height", self.name()])
        if name in ("Tags", "TagArray", "reply"):
            # The text of a table or a function is an address.
            name = "Action"
        if self.chance(0.25):
            return f"{of}.Tags[{literal(name)}]"
        return f"{of}.{name}" if name.isidentifier() else f"{of}[{literal(name)}]"

    def state(self) -> str:
        """Something that the process keeps."""
        return self.one(["S.n", "S.list[1]", "#S.list", "S.map.a", "S.map.b", "G1", "G2", "#Inbox", "S.list[#S.list]"])

    def plain(self) -> str:
        """A value that is no table and no function."""
        return self.weighted(
            (4, self.word), (3, self.numeral), (1, lambda: self.one(["true", "false", "nil"])), (2, self.state)
        )

    def value(self, message: bool, depth: int = 2) -> str:
        """Any expression, mostly one without an error."""
        if depth <= 0:
            return self.field() if message and self.chance(0.4) else self.plain()

        def below() -> str:
            return self.value(message, depth - 1)

        return self.weighted(
            (5, lambda: self.field() if message else self.plain()),
            (5, self.plain),
            (2, lambda: f"tostring({below()})"),
            (1, lambda: f"(tostring({below()}) .. {below()})" if self.chance(0.3) else f"('<' .. tostring({below()}))"),
            (1.5, lambda: f"({below()} {self.one(['==', '~=', 'and', 'or'])} {below()})"),
            (0.5, lambda: f"({below()} {self.one(['<', '<=', '>'])} {below()})"),
            (1, lambda: f"({self.numeral()} {self.one(['+', '-', '*', '//', '%', '&', '|', '~', '<<'])} {below()})"),
            (1, lambda: f"tonumber({below()})"),
            (1, lambda: self.text_call(below)),
            (0.7, lambda: f"({{{self.plain()}, {below()}, k = {self.plain()}}})[{self.one(['1', '2', literal('k')])}]"),
            (0.5, lambda: f"select({self.one(['2', '-1', literal('#')])}, {below()}, {self.plain()})"),
            (0.5, lambda: f"type({below()})"),
            (0.4, lambda: f"#{self.table(message)}"),
            (
                0.4,
                lambda: f"(function(...) return {self.one(['...', 'select(2, ...)'])} end)({below()}, {self.plain()})",
            ),
            (0.4, lambda: self.library_call(message)),
        )

    def text_call(self, make: Callable[[], str]) -> str:
        """A function of strings."""
        text = f"tostring({make()})"
        return self.one(
            [
                f"{text}:upper()",
                f"#{text}",
                f"{text}:sub({self.number(-3, 3)}, {self.number(-3, 5)})",
                f"{text}:rep({self.number(0, 3)}, {self.word()})",
                f"string.format('{self.one(['%s|%s', '%q', '%5s', '%d', '%x'])}', {make()}, {self.plain()})",
                f"{text}:find({self.word()}, 1, {self.one(['true', 'false'])})",
                f"({text}:gsub({self.one([literal('%w'), literal('(.)'), self.word()])}, "
                f"{self.one([literal('%0%0'), literal('-'), '{a = 1}', 'string.upper'])}))",
                f"{text}:match({self.one([literal('%d+'), literal('^(.-)%s*$'), literal('[^,]+'), self.word()])})",
                f"{text}:reverse():lower()",
                f"{text}:byte(-1)",
            ]
        )

    def library_call(self, message: bool) -> str:
        """A function of a module."""

        def below() -> str:
            return self.value(message, 0)

        return self.one(
            [
                f"require('json').encode({self.one([self.table(message), below()])})",
                f"#require('json').encode({{{self.word()}, {self.numeral()}}})",
                f"require('json').decode({self.one([self.word(), literal('[1,2,[3]]'), literal('{bad')])})",
                f"require('.bint')(128)({below()}) + {self.numeral()}",
                f"tostring(require('.bint')(256).{self.one(['new', 'tobint', 'frominteger'])}({below()}))",
                f"require('.base64').{self.one(['encode', 'decode'])}({below()})",
                f"Utils.includes({below()}, {{{self.plain()}, {self.plain()}}})",
                f"Utils.reduce(function(a, b) return tostring(a) .. tostring(b) end, {self.plain()}, S.list)",
                f"#Utils.filter(function(v) return v {self.one(['==', '~='])} {self.plain()} end, S.list)",
                f"table.concat(Utils.map(tostring, {{{self.plain()}, {below()}}}), '+')",
                f"Utils.matchesPattern({below()}, {below()}, {'msg' if message else '{}'})",
                f"Utils.matchesSpec({'msg' if message else '{Action = G1}'}, {{Action = {below()}}})",
                f"math.floor({below()})",
                f"math.random({self.one(['', '6', '3, 9', '9, 3', below()])})",
                "os.time()",
                f"ao.isTrusted({'msg' if message else '{From = G1}'})",
                f"ao.isAssignable({'msg' if message else '{Action = G2}'})",
                "ao.id .. tostring(ao._module)",
                "ao.env.Process.Tags.Name",
                f"#ao.outbox.{self.one(['Messages', 'Spawns', 'Assignments', 'Output'])}",
                f"{'ao.clone' if self.replies else 'ipairs'}({self.table(message)})[1]",
                "#Handlers.list",
                "Handlers.list[1].name",
                "#Handlers.coroutines",
                "Name .. Owner",
                f"utf8.len({below()})",
                f"table.unpack({{{self.plain()}, {self.plain()}}}, {self.number(0, 3)})",
                f"pcall(error, {below()})",
                f"next({{{self.plain()}}})",
                f"rawequal({below()}, {below()})",
            ]
        )

    def table(self, message: bool) -> str:
        """A table: an array, or with keys."""

        def below() -> str:
            return self.value(message, 0)

        return self.one(
            [
                "{}",
                f"{{{below()}, {below()}}}",
                f"{{a = {below()}}}",
                f"{{a = {below()}, b = {{{below()}}}}}",
                f"{{{{name = {self.word()}, value = {below()}}}}}",
                f"{{[{self.one(['1', '3', literal('k'), '2.5', 'true'])}] = {below()}}}",
            ]
        )
