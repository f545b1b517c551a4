"""`Tree`: a message and all that it set off, by cause; as text, and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..models import legible, message_in, place_in
from .evaluation import Delivery, Evaluation

__all__ = ["QUIET_TAGS", "Tree"]

#: Tags that say nothing about what a message is for.
QUIET_TAGS = frozenset(
    {
        "Action",
        "Anchor",
        "Authority",
        "Content-Type",
        "Data-Protocol",
        "From-Module",
        "From-Process",
        "Module",
        "On-Boot",
        "Pushed-For",
        "Reference",
        "SDK",
        "Scheduler",
        "Timestamp",
        "Type",
        "Variant",
        "X-Reference",
    }
)
_LONGEST = 40
_WIDEST = 6
_INDENT = "  "
#: So many lines like one another in a row are shown, and the rest is counted.
_MOST_ALIKE = 3
#: No message is shown further down than this.
_DEEPEST = 200


class Tree:
    """What a message set off. `str(tree)` is for people, one line a message; `to_dict()` for programs.

    A line: `[instructions] process.Action(From=…, tags) → what is sent`; an error with its line of Lua under it.
    Wallets and processes are called by their names.
    """

    def __init__(self, root: Evaluation, label: Callable[[str], str]) -> None:
        self.root = root
        #: What people call an address.
        self.label = label

    def evaluations(self) -> Iterator[Evaluation]:
        """All evaluations, in the order of the lines."""
        stack = [self.root]
        while stack:
            one = stack.pop()
            yield one
            stack.extend(reversed([outcome for delivery in one.effects for outcome in delivery.outcomes]))

    def __str__(self) -> str:
        return "\n".join(self._lines(self.root, 0))

    def __repr__(self) -> str:
        return f"<Tree of {sum(1 for _ in self.evaluations())} evaluations: {self._head(self.root)}>"

    def __len__(self) -> int:
        """How many evaluations there were."""
        return sum(1 for _ in self.evaluations())

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain data, as JSON may have it.

        An evaluation is `{process, name, nonce, message, action, from, instructions, error, skipped, problem,
        sent: […]}`; what it sent is `{kind, to, action, message, problem, faults, evaluations: […]}`. Text is as the
        processes have it: whoever shows it makes it harmless.
        """
        root = self._told(self.root)
        stack = [(self.root, root)]
        while stack:
            evaluation, told = stack.pop()
            for delivery in evaluation.effects:
                sent = self._sent(delivery)
                told["sent"].append(sent)
                for outcome in delivery.outcomes:
                    inner = self._told(outcome)
                    sent["evaluations"].append(inner)
                    stack.append((outcome, inner))
        return root

    # ── plain data ─────────────────────────────────────────────────────────────────────────────────────────────

    def _told(self, one: Evaluation) -> dict[str, Any]:
        item, result = one.item, one.result
        return {
            "process": one.process,
            "name": self.label(one.process),
            "nonce": one.nonce,
            "message": None if item is None else item.id,
            "action": _action(one),
            "from": None if item is None else self.label(item.sender),
            "instructions": None if result is None else result.gas_used,
            "error": None if result is None else result.error,
            "skipped": one.skipped,
            "problem": one.problem,
            "sent": [],
        }

    def _sent(self, one: Delivery) -> dict[str, Any]:
        return {
            "kind": one.kind,
            "to": self.label(one.target) if one.target else None,
            "action": one.action,
            "message": None if one.item is None else one.item.id,
            "problem": one.problem,
            "faults": list(one.faults),
            "evaluations": [],
        }

    # ── text ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _lines(self, root: Evaluation, depth: int) -> Iterator[str]:
        stack: list[tuple[Evaluation | Delivery | str, int]] = [(root, depth)]
        while stack:
            one, depth = stack.pop()
            margin = _INDENT * min(depth, _DEEPEST)
            if isinstance(one, str):
                yield margin + one
                continue
            if isinstance(one, Delivery):
                yield margin + self._unanswered(one)
                continue
            yield margin + self._head(one)
            for line in self._trouble(one):
                yield f"{margin}{_INDENT}{line}"
            stack.extend(reversed([(inner, depth + 1) for inner in self._inner(one)]))

    def _inner(self, one: Evaluation) -> list[Evaluation | Delivery | str]:
        """What stands under an evaluation; what is alike is folded."""
        found: list[Evaluation | Delivery] = []
        for delivery in one.effects:
            found += delivery.outcomes or (delivery,)
        folded: list[Evaluation | Delivery | str] = []
        alike, before = 0, None
        for inner in found:
            shape = self._shape(inner)
            alike = alike + 1 if shape == before else 1
            before = shape
            if alike <= _MOST_ALIKE:
                folded.append(inner)
            elif isinstance(folded[-1], str):
                folded[-1] = f"… and {alike - _MOST_ALIKE} like these"
            else:
                folded.append("… and 1 like these")
        return folded

    def _shape(self, one: Evaluation | Delivery) -> tuple[Any, ...]:
        """What makes two subtrees alike to people: the same actions, failures and numbers of messages."""
        if isinstance(one, Delivery):
            return "lost", one.action, one.problem
        ok = one.result is None or one.result.ok
        below = tuple(
            (
                delivery.action,
                len(delivery.outcomes),
                delivery.problem,
                [len(each.effects) for each in delivery.outcomes],
            )
            for delivery in one.effects
        )
        return _action(one), ok, one.skipped, str(below)

    def _head(self, one: Evaluation) -> str:
        name = _seen(self.label(one.process))
        if one.tick is not None:
            call = f"{name}.tick({_seen(one.tick.cron.name)})"
        else:
            assert one.item is not None
            given = [f"From={_seen(self.label(one.item.sender))}"]
            given += [
                f"{_seen(tag.name)}={_seen(self.label(str(tag.value)))}"
                for tag in one.item.tags
                if tag.name not in QUIET_TAGS
            ]
            if len(given) > _WIDEST:
                given = [*given[:_WIDEST], "…"]
            call = f"{name}.{_seen(_action(one))}({', '.join(given)})"
        if one.skipped:
            return f"[-] {call} was there already, not evaluated again"
        if one.result is None:
            return f"[stand-in] {call}{self._counts(one)}"
        mark = "" if one.result.ok else " ✗"
        return f"[{one.result.gas_used}] {call}{mark}{self._counts(one)}"

    def _counts(self, one: Evaluation) -> str:
        kinds = {"message": 0, "spawn": 0, "assignment": 0}
        for delivery in one.effects:
            kinds[delivery.kind] += 1
        parts = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items() if count]
        return f" → {', '.join(parts)}" if parts else ""

    def _trouble(self, one: Evaluation) -> Iterator[str]:
        if one.problem is not None:
            yield f"! {_seen(one.problem, 200)}"
        result = one.result
        if result is None or result.ok:
            return
        failure = result.failure
        if failure is None:
            # Of a result that was read from a journal only the text is known.
            known = place_in(message_in(result.error or ""))
            where = "" if known.line is None else f" ({_seen(known.chunk, 200)}:{known.line})"
            yield f"error: {_seen(known.message, 200)}{where}"
            return
        place = f" ({_seen(failure.file or failure.chunk, 200)}:{failure.line})" if failure.line is not None else ""
        yield f"error: {_seen(failure.message, 200)}{place}"
        if failure.source is not None:
            yield f"{failure.line} | {_seen(failure.source.strip(), 120)}"

    def _unanswered(self, one: Delivery) -> str:
        """A line for what nobody has evaluated: mail, what was lost, what is on its way."""
        to = _seen(self.label(one.target)) if one.target else "nobody"
        what = f"{one.kind} {_seen(one.action)}" if one.action else one.kind
        if one.problem is not None:
            return f"✗ {what} to {to}: {_seen(one.problem, 200)}"
        if one.item is None:
            return f"… {what} to {to} is on its way"
        tags = [
            f"{_seen(tag.name)}={_seen(self.label(str(tag.value)))}" for tag in one.tags if tag.name not in QUIET_TAGS
        ]
        return f"✉ {what} to {to}({', '.join(tags[:_WIDEST])})"


def _action(one: Evaluation) -> str:
    if one.item is None:
        return "tick"
    if one.assignment is not None and one.nonce == 0:
        return "boot"
    return one.item.action or "message"


def _seen(text: str | None, longest: int = _LONGEST) -> str:
    return legible(text or "", longest)
