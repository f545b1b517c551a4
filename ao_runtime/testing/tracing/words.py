"""A pattern in words: what it asks for, and why that is so or not. Texts are as the process has them."""

from __future__ import annotations

import re

from .model import Alternative, Asked, Check, Opaque, Pattern, Value

__all__ = ["check_lines", "lua", "matches_of", "pattern_words"]

#: Characters of a value.
LONGEST = 60
#: What makes a Lua pattern of a text in a table (spec: handlers).
_MAGIC = re.compile(r"[\^$()%.\[\]*+?]")
_BUILT_IN = {".process": "built in", ".handlers": "built in", ".handlers-utils": "Handlers.utils"}
#: Alternatives that are told; things that say no.
_MOST, _REASONS = 6, 3


def lua(value: Value, longest: int = LONGEST) -> str:
    """A value in Lua's words, cut off."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, str):
        short = value if len(value) <= longest else f"{value[: longest - 1]}…"
        return '"' + short.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nil"
    if isinstance(value, Opaque):
        if value.of is not None:
            return f"function ({_BUILT_IN.get(value.of, value.of)})"
        return f"{value.kind} ({value.place})" if value.place else f"a {value.kind}"
    return repr(value)


def _alternative(one: Alternative, *, exact: bool) -> str:
    text = lua(one.wanted)
    if one.wanted == "_" and not exact:
        return f"{text} (anything)"
    if isinstance(one.wanted, str) and not exact and _MAGIC.search(one.wanted):
        return f"{text} (a Lua pattern)"
    return text


def _wanted(check: Check, *, exact: bool) -> str:
    told = [_alternative(one, exact=exact) for one in check.any[:_MOST]]
    more = len(check.any) - len(told) + check.more
    if more and not told:
        return f"one of {more} values or more"
    if more:
        told.append(f"{more} more")
    return " or ".join(told) if told else "nothing that there is"


def _check_words(check: Check, *, exact: bool, said: bool | None) -> str:
    """`Action = "Transfer": no, it is "transfer"`. `said` is what can be concluded where nobody asked by itself."""
    head = f"{check.key} = {_wanted(check, exact=exact)}"
    if check.missing:
        return f"{head}: no, there is no {check.key}"
    problem = next((one.problem for one in check.any if one.problem), None)
    ok = check.ok if check.ok is not None else said
    if problem and not ok:
        return f"{head}: it {problem}; {check.key} is {lua(check.found)}"
    if ok is None:
        return f"{head}: not known; {check.key} is {lua(check.found)}"
    if ok:
        same = len(check.any) == 1 and check.any[0].wanted == check.found
        return f"{head}: yes" if same else f"{head}: yes, it is {lua(check.found)}"
    return f"{head}: no, it is {lua(check.found)}"


def _words(check: Check, pattern: Pattern, matches: bool | None) -> str:
    """A check in words; of one that nobody asked by itself, what the whole pattern's answer says of it."""
    said = True if matches else None
    if matches is False and not pattern.more and not pattern.veiled:
        # Where all the rest says yes it has said no.
        others = [one for one in pattern.checks if one is not check]
        said = False if all(one.ok for one in others) else None
    return _check_words(check, exact=pattern.kind in ("action", "tag"), said=said)


def check_lines(pattern: Pattern, matches: bool | None) -> list[str]:
    """Each field that a pattern asks for, and what is there: `Action = "Transfer": no, it is "transfer"`."""
    return [_words(check, pattern, matches) for check in pattern.checks]


def matches_of(one: Asked) -> bool | None:
    """Whether a handler's pattern matches; None where it has not said."""
    return None if one.outcome in ("bad", "default") else one.outcome != "no"


def pattern_words(pattern: Pattern, *, matches: bool | None, answer: Value) -> tuple[str, ...]:
    """Why a pattern matches or not, a line for each thing that it asks for; of a no only what says no."""
    if pattern.kind == "function" or (not pattern.checks and pattern.function is not None):
        function = "a function" if pattern.function is None else lua(pattern.function)
        answered = "says yes" if answer is True else "says no" if answer is False else f"answers {lua(answer)}"
        return (f"{function} {answered}" if matches is not None else function,)
    if pattern.kind == "other":
        return ("its pattern is no function, text or table",)
    if matches is False:
        wrong = [check for check in pattern.checks if check.ok is False]
        unknown = [check for check in pattern.checks if check.ok is None]
        wrong = wrong or unknown
        told = [_words(check, pattern, matches) for check in wrong[:_REASONS]]
        if len(wrong) > _REASONS:
            told.append(f"{len(wrong) - _REASONS} more like that")
    else:
        told = check_lines(pattern, matches)
    if not told:
        told = ["{} (anything)"] if matches and not pattern.veiled else []
    if pattern.more:
        told.append(f"{pattern.more} fields more")
    if pattern.veiled:
        told.append("its pattern has a metatable, which has the last word")
    return tuple(told)
