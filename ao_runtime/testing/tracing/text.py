"""Traces and answers to `why` as text: harmless for terminals, whatever a process or a sender wrote."""

from __future__ import annotations

from collections.abc import Iterator

from ...models import legible
from .levels import GLOBALS, HANDLERS, MOST, RAN
from .model import Asked, Change, Opaque, Outgoing, Traced, TraceParts, WhyParts
from .words import check_lines, lua, matches_of

__all__ = ["MARKS", "change_words", "head_words", "outgoing_words", "trace_text", "why_text"]

_INDENT = "  "
#: No message is shown further down than this.
_DEEPEST = 60
#: Characters of a line; at the top of the ladder.
_LONGEST, _WIDEST = 160, 2000
#: Tags of a message on its line, and characters of one.
_TAGS, _TAG = 6, 40

#: What became of a handler, in a letter.
MARKS = {
    "no": "✗",
    "took": "✓",
    "ran": "→",
    "failed": "!",
    "waits": "…",
    "default": "·",
    "takes": "✓",
    "shares": "→",
    "late": "·",
    "bad": "!",
}
_RAN = frozenset({"took", "ran", "failed", "waits", "default", "bad"})
_CHANGES = {"added": "+", "removed": "-", "changed": "~"}
_WORDS = {
    "failed": "fails",
    "waits": "waits for another message",
    "ran": "and goes on",
    "shares": "and goes on",
    "late": "comes too late",
}


def trace_text(trace: TraceParts, level: int = MOST) -> str:
    """The tree of a trace, with what a level of the ladder (`levels.LEVELS`) shows; lines, none at the end."""
    lines = [line for one in trace.messages for line in _message(one, level)]
    if trace.more:
        lines.append(f"… and {trace.more} messages more")
    return "\n".join(lines)


def why_text(why: WhyParts, level: int = HANDLERS) -> str:
    """Which handlers would take a message, and which would not; at the top of the ladder with every field."""
    of = f"{_seen(why.action)} from {_seen(why.sender)}"
    lines = []
    if why.refused is not None:
        lines.append(f"{of}: gets to no handler")
        lines += [f"{_INDENT}{legible(line, _LONGEST)}" for line in why.refused.splitlines()[:10]]
    elif why.broken is not None:
        lines.append(f"{of}: it would fail at the pattern of {_seen(why.broken)}")
    elif why.taken is None:
        lines.append(f"{of}: no handler takes it, and there is no _default")
    elif why.taken == "_default":
        lines.append(f"{of}: no handler takes it; it would go to the Inbox (_default)")
    else:
        lines.append(f"{of}: {_seen(why.taken)} takes it")
    lines += [f"{_INDENT}hint: {legible(hint, _LONGEST)}" for hint in why.hints]
    for one in why.handlers:
        lines += [f"{_INDENT}{line}" for line in _handler(one, level)]
    if why.more_handlers:
        lines.append(f"{_INDENT}… and {why.more_handlers} handlers more")
    lines += [f"{_INDENT}({legible(note, _LONGEST)})" for note in why.notes]
    return "\n".join(lines)


# ── one message ────────────────────────────────────────────────────────────────────────────────────────────────


def head_words(one: Traced) -> str:
    """A message on one line: `[1308] Points.Transfer(From=bob, Quantity=5) → 1 message`."""
    given = [f"From={_seen(one.sender)}"] if one.sender else []
    given += [f"{_seen(name)}={_seen(value)}" for name, value in one.tags]
    if len(given) > _TAGS:
        given = [*given[:_TAGS], "…"]
    counts = {"message": 0, "spawn": 0, "assignment": 0}
    for sent in one.sent:
        counts[sent.kind] += 1
    parts = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items() if count]
    arrow = f" → {', '.join(parts)}" if parts else ""
    took = "-" if one.instructions is None else str(one.instructions)
    failed = "" if one.error is None else " ✗"
    return f"[{took}] {_seen(one.name)}.{_seen(one.action)}({', '.join(given)}){failed}{arrow}"


def _message(one: Traced, level: int) -> Iterator[str]:
    margin = _INDENT * min(one.depth, _DEEPEST)
    yield margin + head_words(one)
    inner = margin + _INDENT
    width = _WIDEST if level >= MOST else _LONGEST
    if level >= MOST:
        for name, value in one.fields:
            yield f"{inner}{name} = {legible(lua(value, 400), _WIDEST)}"
    told: set[int] = set()
    if level >= RAN:
        for handler in one.handlers:
            if level < HANDLERS and handler.outcome not in _RAN:
                continue
            nested = inner + _INDENT * handler.depth
            for line in _handler(handler, level):
                yield nested + line
            for text in handler.printed:
                for line in text.split("\n"):
                    yield f"{nested}{_INDENT}│ {legible(line, width)}".rstrip()
            for at in handler.sent:
                told.add(at)
                yield f"{nested}{_INDENT}{outgoing_words(one.sent[at])}"
        if one.more_handlers:
            yield f"{inner}… and {one.more_handlers} handlers more"
        if one.printed and not any(handler.printed for handler in one.handlers):
            for line in one.printed.split("\n"):
                yield f"{inner}│ {legible(line, width)}".rstrip()
    if one.error is not None:
        yield f"{inner}error: {legible(one.error, width)}"
        for line in one.error_place:
            yield f"{inner}{legible(line, width)}".rstrip()
    if level >= GLOBALS:
        for change in one.changes:
            yield inner + legible(change_words(change), width)
        if one.more_changes:
            yield f"{inner}… and {one.more_changes} changes more"
    for at, sent in enumerate(one.sent):
        if at not in told and not sent.traced:
            yield inner + outgoing_words(sent)
    for note in one.notes:
        yield f"{inner}({legible(note, width)})"


def outgoing_words(sent: Outgoing) -> str:
    """What is sent, on one line: `✉ message Credit-Notice to bob(Quantity=5)`."""
    what = f"{sent.kind} {_seen(sent.action)}" if sent.action else sent.kind
    to = f" to {_seen(sent.to)}" if sent.to else "" if sent.kind == "spawn" else " to nobody"
    if sent.problem is not None:
        return f"✗ {what}{to}: {legible(sent.problem, _LONGEST)}"
    tags = [f"{_seen(name)}={_seen(value)}" for name, value in sent.tags[:_TAGS]]
    return f"✉ {what}{to}({', '.join(tags)})"


def change_words(change: Change) -> str:
    """A change on one line: `~ Balances.bob: 10 → 9`."""
    mark = _CHANGES[change.kind]
    if change.kind == "changed":
        return f"{mark} {change.path}: {change.before} → {change.after}"
    return f"{mark} {change.path}: {change.after if change.kind == 'added' else change.before}"


# ── one handler ────────────────────────────────────────────────────────────────────────────────────────────────


def _handler(one: Asked, level: int) -> Iterator[str]:
    width = _WIDEST if level >= MOST else _LONGEST
    took = "" if one.instructions is None else f" [{one.instructions}]"
    # At the top of the ladder each field has a line of its own.
    reasons = level >= HANDLERS and (level < MOST or not one.pattern.checks)
    words = [*one.reasons] if reasons or one.outcome in ("bad", "default") else []
    if one.outcome in _WORDS:
        words.append(_WORDS[one.outcome])
    if one.resumed is not None:
        words.append(f"goes on with {one.resumed}, which had waited")
    said = f": {'; '.join(words)}" if words else ""
    yield legible(f"{MARKS[one.outcome]} {one.name}{took}{said}", width)
    if level >= HANDLERS:
        for hint in one.hints:
            yield legible(f"{_INDENT}hint: {hint}", width)
    if level >= MOST:
        for line in check_lines(one.pattern, matches_of(one)):
            yield legible(f"{_INDENT}{line}", width)
        for function in _functions(one):
            yield legible(f"{_INDENT}{function.place}: {function.code}", width)


def _functions(one: Asked) -> list[Opaque]:
    """The functions in a pattern of which the code is known."""
    wanted = [alternative.wanted for check in one.pattern.checks for alternative in check.any]
    found = [one.pattern.function, *wanted]
    return [value for value in found if isinstance(value, Opaque) and value.code is not None]


def _seen(text: str | None) -> str:
    return legible(text or "", _TAG)
