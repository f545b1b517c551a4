"""Whole cases: an environment, the process's own message, and messages of every kind."""

from __future__ import annotations

from random import Random
from typing import Any

from .handlers import HandlerStatements
from .maker import ACTIONS, ADDRESSES, AUTHORITY, OWNER, PROCESS, WORDS
from .pieces import Case, Piece, Step
from .statements import PRELUDE

__all__ = ["case"]

MODULE = "Module-0123456789012345678901234567890ABCDE"
FIRST_TIME = 1_700_000_000_000
#: A message to no handler in particular names what these answer to.
DATA = [*WORDS, '{"a":1}', '{"a":[1,{"b":null}]}', '"text"', "[", "return 1", "5", "x" * 300, "\x00\x01", "ünïcödé ✓"]
CODE_ERRORS = [
    "return (",
    "x =",
    "return 1 +",
    "goto nowhere",
    "local x <const> = 1",
    "'",
    "for",
    "]]",
    "return 'a\\q'",
]


def case(random: Random, name: str, steps: int, dialect: str = "2.0.6") -> Case:
    """A case of that many messages, made from `random` alone."""
    return CaseMaker(random, dialect).case(name, steps)


class CaseMaker(HandlerStatements):
    """Makes a case; knows how far it is."""

    def __init__(self, random: Random, dialect: str) -> None:
        super().__init__(random)
        self.replies = dialect not in ("1", "0.2.0")
        self.count = 0

    def case(self, name: str, steps: int) -> Case:
        """The case."""
        tags = [{"name": "Data-Protocol", "value": "ao"}, {"name": "Type", "value": "Process"}]
        if self.chance(0.8):
            tags.append({"name": "Authority", "value": AUTHORITY})
        if self.chance(0.2):
            tags.append({"name": "Authority", "value": f"{ADDRESSES[3]},other"})
        if self.chance(0.5):
            tags.append({"name": "Module", "value": MODULE})
        if self.chance(0.3):
            tags.append({"name": "Name", "value": self.one(["Fuzz", "näme", "a b"])})
        environment = {
            "Process": {"Id": PROCESS, "Owner": OWNER, "Tags": tags},
            "Module": {"Id": MODULE, "Tags": []},
        }
        first = [{"name": "Type", "value": "Process"}]
        if self.chance(0.5):
            first.append({"name": "On-Boot", "value": "Data"})
        own = {"Id": PROCESS, **self.envelope(OWNER, OWNER), "Tags": first}
        made = [Step(own, (Piece(PRELUDE),)), Step(self.eval_message(), (Piece(PRELUDE),))]
        made += [Step(self.eval_message(), (self.handler(2),)) for _ in range(self.number(3, 8))]
        while len(made) < steps:
            made.append(self.step())
        return Case(name, environment, tuple(made[:steps]))

    def envelope(self, sender: str, owner: str) -> dict[str, Any]:
        """The fields that every message has."""
        return {
            "Target": PROCESS,
            "From": sender,
            "Owner": owner,
            "Module": MODULE,
            "Block-Height": "1000" if self.chance(0.5) else 1000 + self.count,
            "Timestamp": FIRST_TIME + self.count,
        }

    def message(self, sender: str, owner: str, tags: list[dict[str, Any]]) -> dict[str, Any]:
        """A message with the next id."""
        self.count += 1
        return {"Id": f"message-{self.count:035d}", **self.envelope(sender, owner), "Tags": tags}

    def eval_message(self) -> dict[str, Any]:
        """The owner's Eval, still without code."""
        return self.message(OWNER, OWNER, [{"name": "Action", "value": "Eval"}])

    def step(self) -> Step:
        """A message of any kind."""
        return self.weighted(
            (2.2, self.eval_step),
            (1.2, lambda: Step(self.eval_message(), (self.handler(2),))),
            (0.2, self.broken_eval),
            (8, self.plain_step),
            (1.5, self.answer),
        )

    def eval_step(self) -> Step:
        """The owner's code, which may return something; now and then somebody else's."""
        code = self.body(False, 4, 2)
        if self.chance(0.6):
            returned = self.value(False) if self.chance(0.8) else self.table(False)
            more = self.one([", 'failed'", ", nil", ", false", f", {self.plain()}"]) if self.chance(0.15) else ""
            code = (*code, Piece(f"return {returned}{more}"))
        message = self.eval_message()
        if self.chance(0.06):
            message["From"] = self.one(ADDRESSES)
        if self.chance(0.05):
            message["Owner"] = self.one(ADDRESSES)
        return Step(message, code)

    def broken_eval(self) -> Step:
        """Code that does not compile, or is not there."""
        message = self.eval_message()
        if self.chance(0.8):
            message["Data"] = self.one([*CODE_ERRORS, *WORDS, ""])
        return Step(message)

    def plain_step(self) -> Step:
        """A message to the handlers."""
        sender = self.one(ADDRESSES)
        owner = sender if self.chance(0.85) else self.one([AUTHORITY, AUTHORITY, self.one(ADDRESSES)])
        tags = []
        if self.chance(0.85):
            name = "Action" if self.chance(0.95) else self.one(["action", "ACTION"])
            tags.append({"name": name, "value": self.one(ACTIONS)})
        if self.chance(0.5):
            tags.append({"name": "Kind", "value": self.one(["a", "b", "go", "12", "A", "Abc"])})
        tags += [{"name": self.name(), "value": self.one(WORDS)} for _ in range(self.number(0, 3))]
        if self.chance(0.2):
            self.random.shuffle(tags)
        message = self.message(sender, owner, tags)
        self.data(message)
        self.extras(message)
        return Step(message)

    def data(self, message: dict[str, Any]) -> None:
        """Data, of every kind."""
        if self.chance(0.25):
            return
        message["Data"] = self.one(DATA)
        if self.chance(0.1):
            message["Tags"].append({"name": "Content-Type", "value": self.one(["application/json", "text/plain"])})

    def extras(self, message: dict[str, Any]) -> None:
        """Fields that are seldom there."""
        if self.chance(0.08):
            message["Target"] = self.one(ADDRESSES)
        for name, value in (("Nonce", self.count), ("Epoch", 0), ("Cron", False), ("Hash-Chain", "chain")):
            if self.chance(0.1):
                message[name] = value
        for name in ("Anchor", "Signature", "Forwarded-By"):
            if self.chance(0.05):
                message[name] = self.one(WORDS)
        if self.chance(0.03):
            message["Read-Only"] = True

    def answer(self) -> Step:
        """What somebody who was asked may answer: with the reference of a message that was sent."""
        number = str(self.number(1, max(2, self.count // 2)))
        spawned = self.chance(0.15)
        sender = PROCESS if spawned else self.one(ADDRESSES)
        tags = [{"name": "Reference" if spawned else "X-Reference", "value": number}]
        if spawned:
            tags.append({"name": "Action", "value": "Spawned"})
        elif self.chance(0.5):
            tags.append({"name": "Action", "value": self.one(ACTIONS)})
        if self.chance(0.4):
            tags.append({"name": "Kind", "value": self.one(["a", "b", "go"])})
        message = self.message(sender, AUTHORITY if spawned else sender, tags)
        self.data(message)
        return Step(message)
