"""Lua code that adds, moves and takes away handlers, with patterns of every form."""

from __future__ import annotations

from .maker import ACTIONS, literal
from .pieces import Piece
from .statements import Statements

__all__ = ["HandlerStatements"]

#: Names of handlers: few, so that they meet again.
HANDLERS = ["h1", "h2", "h3", "Ping", "Get", "Set", "Transfer"]
ANSWERS = ["true", "false", "nil", "0", "1", "-1", "'skip'", "'break'", "'continue'", "'other'", "2.5", "{}", "''"]


class HandlerStatements(Statements):
    """Statements, those about handlers too."""

    def handler(self, depth: int = 1) -> Piece:
        """One call of `Handlers`."""
        return self.weighted(
            (8, lambda: self.add(depth)),
            (1, lambda: self.beside(depth)),
            (1.5 * self.replies, lambda: self.once(depth)),
            (1, lambda: Piece(f"Handlers.remove({self.handler_name()})")),
            (0.5, lambda: Piece(self.look())),
        )

    def add(self, depth: int = 1) -> Piece:
        """A handler is added, or changed where it stands."""
        how = self.one(["add"] * 5 + ["append", "prepend", "prepend"])
        if not self.replies:
            how = "add" if self.chance(0.7) else how
            return Piece(
                f"Handlers.{how}({self.handler_name()}, {self.function_pattern()}, function(msg)",
                self.body(True, 4, depth),
                "end)",
            )
        if self.chance(0.06):
            return Piece(
                f"Handlers.{how}({self.one(['', '5', 'nil, nil', self.word(), '{}, {}', self.word() + ', 5, 5'])})"
            )
        pattern = "" if self.chance(0.2) else f" {self.pattern()},"
        name = self.handler_name()
        if not pattern:
            name = literal(self.one(ACTIONS))
        if self.chance(0.15):
            return Piece(f"Handlers.{how}({name},{pattern} {{", self.resolvers(depth), "})")
        limit = (
            f", {self.one(['1', '2', '3', '0', '-1', literal('inf'), 'nil', '1.5'])}"
            if pattern and self.chance(0.2)
            else ""
        )
        arguments = self.one(["msg", "msg", "msg, env", "msg, ..."])
        return Piece(
            f"Handlers.{how}({name},{pattern} function({arguments})", self.body(True, 4, depth), f"end{limit})"
        )

    def once(self, depth: int) -> Piece:
        """A handler for one message."""
        name = f"{self.handler_name()}, " if self.chance(0.4) else ""
        return Piece(f"Handlers.once({name}{self.pattern()}, function(msg)", self.body(True, 3, depth), "end)")

    def beside(self, depth: int) -> Piece:
        """A handler next to another."""
        where = f"Handlers.{self.one(['before', 'after'])}({self.handler_name()})"
        pattern = self.pattern() if self.replies else self.function_pattern()
        return Piece(f"{where}.add({self.handler_name()}, {pattern}, function(msg)", self.body(True, 3, depth), "end)")

    def resolvers(self, depth: int) -> tuple[Piece, ...]:
        """Resolvers that exclude one another, since the order among them is free."""
        kinds = self.random.sample(["a", "b", "go", "12"], self.number(1, 3))
        return tuple(
            Piece(f"[{{Kind = {literal(kind)}}}] = function(msg)", self.body(True, 2, depth), "end,") for kind in kinds
        )

    def handler_name(self) -> str:
        """A name; seldom one of the built-in ones, or none at all."""
        if self.chance(0.05):
            return self.one(["'_eval'", "'_default'", "'_boot'", "'unknown'", "5", "nil", "'_once_0'"])
        return literal(self.one(HANDLERS))

    def pattern(self) -> str:
        """What a handler answers to."""
        return self.weighted(
            (5, lambda: literal(self.one(ACTIONS))),
            (5, lambda: self.table_pattern()),
            (5, self.function_pattern),
            (0.7, lambda: self.utils_pattern()),
            (0.3, lambda: self.one(["{}", "{[1] = 'x'}", "5", "true", "nil"])),
        )

    def function_pattern(self) -> str:
        """A function, which says yes, no, or anything."""
        condition = self.condition(True)
        return self.one(
            [
                f"function(msg) return {condition} and {self.one(ANSWERS)} or {self.one(ANSWERS[:9])} end",
                f"function(msg) return msg.Action == {literal(self.one(ACTIONS))} end",
                f"function(msg) return msg.Action == {literal(self.one(ACTIONS))} and 'continue' end",
                f"function(msg) return msg.Action == {literal(self.one(ACTIONS))} and 1 or 0 end",
                f"function(msg) return msg.Action == {literal(self.one(ACTIONS))} and {self.one(ANSWERS)} end",
                f"function(msg) return msg.Kind == {self.word()} and -1 or 0 end",
                f"function(msg) S.n = S.n + 1 return {self.one(['false', '0', literal('skip')])} end",
                f"function(msg) return msg.Kind == 'b' and {self.one(ANSWERS)} end",
            ]
        )

    def table_pattern(self) -> str:
        """A table of fields and what they must match. Of several none fails: which is looked at first is free."""
        if self.chance(0.4):
            name = literal(self.one(["Kind", "Status", "X-Note", "From"]))
            value = self.one([literal("_"), self.word_without_magic(), literal("^a"), literal("%d")])
            return f"{{Action = {literal(self.one(ACTIONS[:7]))}, [{name}] = {value}}}"
        name = literal(self.one(["Action", "Action", "Kind", "Data", "From", "Quantity", self.name()]))
        return f"{{[{name}] = {self.value_pattern()}}}"

    def word_without_magic(self) -> str:
        """A text that is no Lua pattern."""
        return literal(self.one(["a", "b", "go", "Ping", "yes", "12", "skip"]))

    def value_pattern(self, depth: int = 1) -> str:
        """What one field is matched with."""
        return self.weighted(
            (3, self.word_without_magic),
            (2, lambda: "'_'"),
            (2, lambda: literal(self.one(["^a", "%d+", "^%a+$", ".", "[ab]", "g(o)", "(", "a.b", "%"]))),
            (1, self.word),
            (
                1,
                lambda: (
                    f"function(value, m) return {self.one(['value', 'value == ' + self.word(), 'm.Kind', 'true'])} end"
                ),
            ),
            (1, lambda: f"function(value) return {self.one(ANSWERS)} end"),
            (1.0 * (depth > 0), lambda: f"{{{self.value_pattern(0)}, {self.value_pattern(0)}}}"),
            (0.3, lambda: self.one(["5", "true", "{}", "{5}"])),
        )

    def utils_pattern(self) -> str:
        """A pattern that `Handlers.utils` makes."""
        utils = "Handlers.utils"
        return self.one(
            [
                f"{utils}.hasMatchingTag('Action', {literal(self.one(ACTIONS))})",
                f"{utils}.hasMatchingTagOf('Kind', {{'a', 'b'}})",
                f"{utils}.hasMatchingData({self.word()})",
                f"{utils}.continue({{Action = {literal(self.one(ACTIONS))}}})",
                f"{utils}.continue({utils}.hasMatchingTag('Kind', 'a'))",
            ]
        )

    def look(self) -> str:
        """Who is there."""
        reply = self.one([self.word(), f"{{Data = {self.word()}}}"])
        return self.one(
            [
                "for i, h in ipairs(Handlers.list) do print(i .. h.name) end",
                "print(#Handlers.list)",
                "print(Handlers.onceNonce)",
                "print(#Handlers.coroutines)",
                f"Handlers.add({self.handler_name()}, {self.function_pattern()}, Handlers.utils.reply({reply}))",
            ]
        )
