"""Lua statements: what the code of generated processes does."""

from __future__ import annotations

from .language import language
from .maker import ACTIONS, ADDRESSES, Maker, literal
from .pieces import Piece
from .takeover import take_over

__all__ = ["PRELUDE", "Statements"]

#: The state that the statements work on.
PRELUDE = "S = {n = 0, list = {}, map = {}}"


class Statements(Maker):
    """Makes statements; `message`: whether there is a `msg`."""

    def body(self, message: bool, most: int = 4, depth: int = 2) -> tuple[Piece, ...]:
        """A few statements."""
        return tuple(self.statement(message, depth) for _ in range(self.number(1, most)))

    def statement(self, message: bool, depth: int = 2) -> Piece:
        """One statement, with others in it unless `depth` is 0."""
        inner = 1.0 if depth > 0 else 0.0
        return self.weighted(
            (5, lambda: Piece(f"print({self.value(message)})")),
            (5, lambda: self.change(message)),
            (5, lambda: self.send(message)),
            (1.6 * inner, lambda: self.wait(message, depth)),
            (1, lambda: self.fail(message)),
            (1.5 * inner, lambda: self.branch(message, depth)),
            (1, lambda: self.library(message)),
            (1, lambda: self.handler(depth - 1)) if depth > 0 else (0, lambda: Piece("")),
            (0.6, lambda: self.meddle(message)),
            (0.6, lambda: Piece(language(self, message))),
            (0.2, lambda: take_over(self, lambda: self.body(message, 2, 0))),
        )

    def handler(self, depth: int) -> Piece:
        """A statement about handlers: `Handlers` of the subclass."""
        return Piece("print(#Handlers.list)")

    # ── state ──────────────────────────────────────────────────────────────────────────────────────────────────

    def change(self, message: bool) -> Piece:
        """State is changed."""
        value = self.value(message)
        return Piece(
            self.one(
                [
                    f"S.n = S.n + {self.numeral()}",
                    "S.n = S.n + 1",
                    f"S.list[#S.list + 1] = {value}",
                    f"table.insert(S.list, {value})",
                    f"table.insert(S.list, 1, {value})",
                    "table.remove(S.list)",
                    f"table.remove(S.list, {self.number(0, 2)})",
                    f"S.map.{self.one(['a', 'b'])} = {value}",
                    f"S.map[{self.value(message, 1)}] = {self.plain()}",
                    f"{self.one(['G1', 'G2'])} = {value}",
                    "S.list, S.n = {}, 0",
                    "table.sort(S.list)",
                    "table.sort(S.list, function(a, b) return tostring(a) < tostring(b) end)",
                    "print(table.concat(S.list, ' '))",
                    "print(S.list)",
                ]
            )
        )

    # ── sending ────────────────────────────────────────────────────────────────────────────────────────────────

    def target(self, message: bool) -> str:
        """To whom."""
        return "msg.From" if message and self.chance(0.4) else literal(self.one(ADDRESSES))

    def content(self, message: bool, target: bool = True) -> str:
        """The table that is sent."""
        parts = [f"Target = {self.target(message)}"] if target and not self.chance(0.06) else []
        if self.chance(0.6):
            parts.append(f"Action = {literal(self.one(ACTIONS))}")
        if self.chance(0.4):
            parts.append(f"Data = {self.value(message, 1) if self.chance(0.8) else self.table(message)}")
        for name in dict.fromkeys(self.name() for _ in range(self.number(0, 2))):
            if name in ("Target", "Data", "Tags"):
                continue
            parts.append(f"[{literal(name)}] = {self.value(message, 1) if self.chance(0.9) else self.table(message)}")
        parts.sort()
        if self.chance(0.25):
            parts.append(f"Tags = {self.tags(message)}")
        return f"{{{', '.join(parts)}}}"

    def tags(self, message: bool) -> str:
        """Tags, in both forms, now and then in none."""
        name, value = literal(self.name()), self.value(message, 1)
        return self.one(
            [
                f"{{[{name}] = {value}}}",
                f"{{[{name}] = {value}, Two = 'two'}}",
                f"{{{{name = {name}, value = {value}}}, {{name = 'Two', value = 'two'}}}}",
                f"{{{{name = {name}, value = {value}}}}}",
                "{}",
                self.one(["'text'", "5", "{{}}", "{{name = 'x'}}", "{'x'}", "{[2] = {name = 'x', value = 'y'}}"]),
            ]
        )

    def send(self, message: bool) -> Piece:
        """Something goes into the outbox."""
        replies = message and self.replies
        return self.weighted(
            (4, lambda: Piece(f"ao.send({self.content(message)})")),
            (2, lambda: Piece(f"Send({self.content(message)})")),
            (3.0 * replies, lambda: Piece(f"msg.reply({self.content(message, target=self.chance(0.2))})")),
            (1.0 * replies, lambda: Piece(self.forward())),
            (1, lambda: Piece(f"ao.spawn({self.module()}, {self.content(message, target=False)})")),
            (0.7, lambda: Piece(f"Spawn({self.module()}, {self.content(message, target=False)})")),
            (0.7, lambda: Piece(f"{self.one(['ao.assign', 'Assign'])}({self.assignment(message)})")),
            (0.6, lambda: Piece(f"print(ao.send({self.content(message)}).{self.one(['Target', 'Anchor', 'Data'])})")),
            (0.4, lambda: Piece(f"print(#ao.send({self.content(message)}).Tags)")),
            (0.4, lambda: Piece(f"print(Send({self.content(message)}).output)")),
            (0.3, lambda: Piece(f"ao.log({self.value(message)})")),
            (0.15, lambda: Piece(f"ao.send({self.value(message)})")),
        )

    def forward(self) -> str:
        """`msg.forward` in its forms."""
        more = self.one(["", f", {self.content(True)}", ", {}"])
        return f"msg.forward({self.target(True)}{more})"

    def module(self) -> str:
        """The module of a spawn, now and then none."""
        return self.one(["'Module-1'", "ao._module", "ao.env.Module.Id", "G1", "'m'"])

    def assignment(self, message: bool) -> str:
        """What `assign` takes, now and then what it does not."""
        if self.chance(0.2):
            return self.one(
                ["nil", "{}", "{Processes = 'x'}", f"{{Processes = {{}}, Message = {self.numeral()}}}", "5"]
            )
        id_ = "msg.Id" if message else "'Message-1'"
        return f"{{Processes = {{{self.target(message)}, 'p2'}}, Message = {id_}}}"

    # ── waiting ────────────────────────────────────────────────────────────────────────────────────────────────

    def spec(self) -> str:
        """What is waited for. Of several keys none fails, since which is looked at first is free."""
        name = literal(self.name())
        return self.one(
            [
                f"{{Action = {literal(self.one(ACTIONS))}}}",
                f"{{Action = 'Go', [{name}] = '_'}}",
                f"{{[{name}] = {self.word()}}}",
                f"{{From = {literal(self.one(ADDRESSES))}}}",
                f"function(m) return m.Action == {literal(self.one(ACTIONS))} end",
                "'Ping'",
                f"{{Kind = {{'a', {self.word()}}}}}",
            ]
        )

    def wait(self, message: bool, depth: int) -> Piece:
        """The code waits for a message, or leaves a handler for the answer."""
        if not self.replies:
            return Piece(f"ao.send({self.content(message)})")
        inner = self.body(message, 2, depth - 1)
        send = self.one([f"ao.send({self.content(message)})", f"Send({self.content(message)})"])
        if message and self.chance(0.3):
            send = f"msg.reply({self.content(message, target=False)})"
        got = self.one(["r.Data", "r.From", "r.Action", "r.Tags.Kind", "r.Id", "#r.TagArray"])
        after = (Piece(f"print({got})"), *inner)
        return self.weighted(
            (3, lambda: Piece("do", (Piece(f"local r = Handlers.receive({self.spec()})"), *after), "end")),
            (1, lambda: Piece("do", (Piece(f"local r = Receive({self.spec()})"), *after), "end")),
            (3, lambda: Piece("do", (Piece(f"local r = {send}.receive({self.sender()})"), *after), "end")),
            (2, lambda: Piece(f"{send}.onReply({self.sender(', ')}function(r)", after, "end)")),
            (
                1,
                lambda: Piece(
                    "do",
                    (Piece(f"local r = ao.spawn('m', {self.content(message, target=False)}).receive()"), *after),
                    "end",
                ),
            ),
            (
                0.5,
                lambda: Piece(
                    f"{self.one(['ao.spawn', 'Spawn'])}('m', {{}}).onReply(function(r)",
                    after,
                    "end)",
                ),
            ),
            (0.4, lambda: Piece(f"Handlers.once({self.spec()}, function(r)", after, "end)")),
            (0.3, lambda: Piece(f"pcall(function() local r = Handlers.receive({self.spec()})", after, "end)")),
        )

    def sender(self, after: str = "") -> str:
        """Nobody in particular, or somebody."""
        return f"{literal(self.one(ADDRESSES))}{after}" if self.chance(0.3) else ""

    # ── going wrong ────────────────────────────────────────────────────────────────────────────────────────────

    def fail(self, message: bool) -> Piece:
        """An error, under a condition for the most part."""
        value = self.value(message, 1)
        statement = self.one(
            [
                f"error({self.word()})",
                f"error({self.word()}, {self.number(0, 3)})",
                f"error({value})",
                f"error({{code = {self.numeral()}}})",
                "error()",
                f"error(setmetatable({{}}, {{__tostring = function() return {self.word()} end}}))",
                f"assert(false, {value})",
                f"assert({value}, 'no ' .. {self.word()})",
                f"assert({value})",
                "local x = nil; x.y = 1",
                "local x = Unknown.field",
                f"local x = {self.one(['nil', '{}', self.word()])} + 1",
                "Unknown()",
                "S.n.x.y = 1",
                f"local x = {{}} {self.one(['<', '..', '*'])} 1",
                "local function inner() local function deep() error('deep') end deep() end inner()",
                "string.rep()",
                f"({self.word()}):bad()",
                f"setmetatable({{}}, {{__index = function(t, k) error(k) end}}).{self.one(['a', 'b'])} = nil",
                f"local x = setmetatable({{}}, {{__index = function(t, k) error(k) end}}).{self.one(['a', 'b'])}",
                f"for i = 1, {self.word()} do end",
                "table.concat({{}})",
                "ao.outbox.Error = 'set by hand'",
            ]
        )
        if self.chance(0.7):
            return Piece(f"if {self.condition(message)} then", (Piece(statement),), "end")
        return Piece(f"do {statement} end")

    # ── flow ───────────────────────────────────────────────────────────────────────────────────────────────────

    def condition(self, message: bool) -> str:
        """True now, false then."""
        choices = ["S.n % 2 == 0", "#S.list > 1", "G1", "not G2", self.value(message, 1)]
        if message:
            choices += ["msg.Kind == 'a'", "msg.Action == 'Ping'", "msg.Quantity", "msg.From == Owner", "msg.Data"]
        return self.one(choices)

    def branch(self, message: bool, depth: int) -> Piece:
        """Statements within others."""
        inner = self.body(message, 3, depth - 1)
        return self.weighted(
            (4, lambda: Piece(f"if {self.condition(message)} then", inner, "end")),
            (1, lambda: Piece(f"for i = 1, {self.number(0, 3)} do", inner, "end")),
            (1, lambda: Piece("for i, v in ipairs(S.list) do", (Piece("print(i)"),), "end")),
            (2, lambda: Piece("print(pcall(function()", inner, "end))")),
            (1, lambda: Piece("do local ok, e = pcall(function()", inner, "end) print(tostring(e)) end")),
            (
                0.5,
                lambda: Piece(
                    "print(select('#', xpcall(function()", inner, "end, function(e) print(e) return 1, 2 end)))"
                ),
            ),
            (0.7, lambda: Piece("coroutine.wrap(function()", inner, "end)()")),
            (0.5, lambda: Piece("print(coroutine.resume(coroutine.create(function()", inner, "end)))")),
            (0.5, lambda: Piece("local function f(a, ...)", inner, f"end f({self.value(message, 1)})")),
        )

    # ── library and environment ────────────────────────────────────────────────────────────────────────────────

    def library(self, message: bool) -> Piece:
        """A module's function."""
        return Piece(f"print({self.library_call(message)})")

    def meddle(self, message: bool) -> Piece:
        """The process changes what the network's module left there."""
        choices = [
            "table.remove(Inbox, 1)",
            "print(Inbox[#Inbox].Data)",
            "print(Inbox[1].Action)",
            f"Name = {self.word()}",
            "Inbox = {}",
            f"ao.addAssignable({self.word()}, {self.spec()})",
            f"ao.addAssignable({self.spec()})",
            f"ao.removeAssignable({self.one([self.word(), '1', '-1', 'true'])})",
            f"ao.authorities = {{{literal(self.one(ADDRESSES))}}}",
            "ao.clearOutbox()",
            f"ao.outbox.Output = {self.one([self.word(), '{}', '{data = 5}', 'nil'])}",
            "Handlers.coroutines = {}",
            "print(Prompt())",
            "Colors = {red = '', green = '', blue = '', gray = '', reset = ''}",
            "HANDLER_PRINT_LOGS = {}",
            "print(#Errors)",
            "print('a', 'b')",
            "print()",
            f"print({self.table(message)})",
            "Handlers.list[1].name = 'renamed'",
            "print(#HANDLER_PRINT_LOGS)",
        ]
        if self.replies:
            choices += [
                f"ao.reference = {self.numeral()}",
                f"table.insert(ao.nonExtractableTags, {literal(self.name())})",
                "print(ao.reference)",
            ]
        if message:
            choices += [
                f"msg.{self.one(['Action', 'From', 'Data', 'Kind'])} = {self.value(True, 1)}",
                f"msg.Tags.Kind = {self.value(True, 1)}",
                "msg.Tags = {}",
                "print(msg.TagArray[1].name)",
                "print(#msg.TagArray)",
                "S.kept = msg",
                "if S.kept then print(S.kept.Id) end",
                "if S.kept and S.kept.reply then S.kept.reply({Data = 'late'}) end",
                "print(ao.sanitize(msg).From)" if self.replies else "print(ao.id)",
                "ao.normalize({Tags = {{name = 'a', value = 1}}})",
                "print(ao.isAssignment(msg))",
            ]
        return Piece(self.one(choices))
