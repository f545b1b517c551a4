"""What became of each handler, and why: from what the engine has noted of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .model import Alternative, Asked, Check, Outcome, Pattern
from .near import Known, hints_of, hints_of_code
from .noted import as_list, count_of, pattern_of, text_of, value_of
from .words import lua, pattern_words

__all__ = ["asked_of", "known_of", "walked_of"]

_DEFAULT = "_default"
#: How far inside of one another handlers are told to be.
_DEEPEST = 20
_KINDS = ("message", "spawn", "assignment")


def known_of(wire: Mapping[str, Any], noted: Mapping[str, Any]) -> Known:
    """What is known of a message for its near misses."""
    of = noted.get("of")
    owner = value_of(of.get("owner")) if isinstance(of, Mapping) else None
    fields = [(name, value_of(value)) for name, value in wire.items() if name not in ("Tags", "TagArray")]
    fields += [(text_of(tag.get("name")), value_of(tag.get("value"))) for tag in wire.get("Tags") or []]
    return Known(fields, text_of(wire.get("From")), owner)


def walked_of(
    noted: Mapping[str, Any], wire: Mapping[str, Any], places: Mapping[tuple[str, int], int], *, ok: bool
) -> tuple[Asked, ...]:
    """The handlers of a watched evaluation, in the order in which they were asked.

    `places` says where in `Traced.sent` a message is, by its kind and its place in the result; `ok` that it did not
    fail.
    """
    known = known_of(wire, noted)
    found = []
    for step in as_list(noted.get("steps")):
        if isinstance(step, Mapping):
            found.append(_walked(step, wire, known, places, ok=ok))
    return tuple(found)


def _walked(
    step: Mapping[str, Any], wire: Mapping[str, Any], known: Known, places: Mapping[tuple[str, int], int], *, ok: bool
) -> Asked:
    code = step.get("code")
    outcome: Outcome
    if step.get("default") is True:
        outcome = "default"
    elif step.get("left") is True:
        outcome = "waits" if ok else "failed"
    elif step.get("ran") is True:
        outcome = "ran" if isinstance(code, (int, float)) and code > 0 else "took"
    else:
        outcome = "bad" if step.get("pending") is True else "no"
    one = _asked(step, outcome, wire, known)
    if outcome == "bad":
        one = replace(one, reasons=(*one.reasons, "its pattern waits" if ok else "its pattern has failed"))
    gas = step.get("gas")
    return replace(
        one,
        instructions=gas if isinstance(gas, int) and outcome in ("took", "ran") else None,
        printed=tuple(text_of(line) for line in as_list(step.get("printed"))),
        sent=_sent(step, places),
        resumed=text_of(step.get("resumed")) or None,
        depth=min(count_of(step.get("depth")), _DEEPEST),
    )


def _sent(step: Mapping[str, Any], places: Mapping[tuple[str, int], int]) -> tuple[int, ...]:
    found: list[int] = []
    for one in as_list(step.get("sent")):
        if not isinstance(one, Mapping):
            continue
        for kind, start, stop in zip(_KINDS, as_list(one.get("from")), as_list(one.get("to")), strict=False):
            if isinstance(start, int) and isinstance(stop, int):
                found += [at for (of, number), at in places.items() if of == kind and start <= number < stop]
    return tuple(found)


def asked_of(noted: Mapping[str, Any], wire: Mapping[str, Any]) -> tuple[tuple[Asked, ...], str | None, str | None]:
    """The handlers that were only asked, in their order; the name of the one that would take the message; and that of
    the one at whose pattern it would fail before."""
    known = known_of(wire, noted)
    steps = [step for step in as_list(noted.get("steps")) if isinstance(step, Mapping)]
    defaults = [step for step in steps if step.get("default") is True]
    found: list[Asked] = []
    taken: str | None = None
    broken: str | None = None
    for step in steps:
        if step.get("default") is True:
            continue
        code, problem = step.get("code"), text_of(step.get("problem"))
        outcome: Outcome
        if problem:
            outcome = "bad"
        elif code == 0:
            outcome = "no"
        elif taken is not None or broken is not None:
            outcome = "late"
        else:
            outcome = "shares" if code == 1 else "takes"
        one = _asked(step, outcome, wire, known)
        if problem:
            told = one.pattern.function
            function = lua(told) if told is not None else "its pattern"
            one = replace(one, reasons=(f"{function} {problem}",) if told is not None else (*one.reasons, problem))
        if outcome == "takes":
            taken = one.name
        elif outcome == "bad" and taken is None and step.get("asked") is not False:
            broken = broken or one.name
        found.append(one)
    if taken is None and broken is None and defaults:
        found.append(_asked(defaults[0], "default", wire, known))
        taken = _DEFAULT
    return tuple(found), taken, broken


def _asked(step: Mapping[str, Any], outcome: Outcome, wire: Mapping[str, Any], known: Known) -> Asked:
    index = count_of(step.get("index"))
    name = text_of(step.get("name")) or f"(handler {index})"
    pattern, answer = pattern_of(step.get("pattern")), value_of(step.get("answer"))
    if name == _DEFAULT and step.get("default") is True:
        return Asked(name, index, outcome, pattern, ("nothing has stopped the message",))
    built_in = _built_in(name, pattern, wire, known)
    if built_in is not None:
        pattern = built_in
    matches = None if outcome == "bad" else outcome != "no"
    reasons = pattern_words(pattern, matches=matches, answer=answer)
    hints: list[str] = []
    if matches is False or outcome == "bad":
        exact = pattern.kind in ("action", "tag")
        for check in pattern.checks:
            if check.ok is False:
                hints += hints_of(check, known, exact=exact)
        function = pattern.function
        if outcome == "no" and function is not None and function.body is not None:
            hints += hints_of_code(function.body, known)
    return Asked(name, index, outcome, pattern, reasons, tuple(dict.fromkeys(hints)), answer)


def _built_in(name: str, pattern: Pattern, wire: Mapping[str, Any], known: Known) -> Pattern | None:
    """What the handlers of the network's own ask for, which are functions of ours."""
    wanted = {"_eval": ("Action", "Eval"), "_boot": ("Type", "Process")}.get(name)
    if wanted is None or pattern.function is None or pattern.function.of != ".process":
        return None
    key, value = wanted
    found = _tag(wire.get("Tags") or [], key)
    first = Check(key, found, (Alternative(value, found == value),), found == value, missing=found is None)
    is_owner = known.sender == known.owner
    second = Check("From", known.sender, (Alternative(known.owner, is_owner),), is_owner)
    # Whether the sender is the owner matters to whoever has the rest.
    return Pattern("tag", (first, second) if first.ok else (first,), pattern.function)


def _tag(tags: Sequence[Mapping[str, Any]], name: str) -> str | None:
    for tag in tags:
        if text_of(tag.get("name")).replace("_", "-").casefold() == name.casefold():
            return text_of(tag.get("value"))
    return None
