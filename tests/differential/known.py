"""Differences that are meant, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["KNOWN", "Known"]


@dataclass(frozen=True)
class Known:
    """A difference that is meant: patterns of the module's name, the call and both outcomes, and why."""

    module: str
    reason: str
    call: str = ""
    ours: str = ""
    theirs: str = ""
    #: Patterns and replacements that make the outcomes equal.
    rewrites: tuple[tuple[str, str], ...] = ()

    def matches(self, module: str, call: str, ours: str, theirs: str) -> bool:
        """Whether a difference is this one."""
        if not (
            re.fullmatch(self.module, module)
            and re.search(self.call, call)
            and re.search(self.ours, ours)
            and re.search(self.theirs, theirs)
        ):
            return False
        for pattern, replacement in self.rewrites:
            ours, theirs = re.sub(pattern, replacement, ours), re.sub(pattern, replacement, theirs)
        return not self.rewrites or ours == theirs


KNOWN: tuple[Known, ...] = (
    Known(
        "math",
        "the sign of a NaN that the host's mathematics answers: WebAssembly leaves it open, so no unit promises it",
        call=r"math\.(acos|asin|log|log10|fmod|pow|sqrt|sin|cos|tan|atan2|atan|cosh|sinh)\(",
        ours=r'^ok "-?nan"$',
        theirs=r'^ok "-?nan"$',
    ),
    Known(
        r"\.dump",
        "the reference compares keys of several types in a way that sort refuses, if its hash tables give them so",
        ours=r"^ok ",
        theirs=r'^error "invalid order function for sorting"$',
    ),
    Known(
        r"\.bint",
        "operands that are no numbers at all: both fail, each at the first of its own steps that such a value breaks",
        call=r"\.(ipow|udivmod|udiv|umod|upowmod)\(",
        ours=r'^error "attempt to ',
        theirs=r'^error "attempt to ',
    ),
    Known(
        r"globals|table|numbers",
        "to tell a missing argument from nil would make each call of these slower",
        call=r"\b(next|insert|remove)(\(\)|, *\))",
        ours=r"expected, got nil\)",
        theirs=r"expected, got no value\)",
        rewrites=(("got no value", "got nil"),),
    ),
    Known(
        "globals",
        "to tell pcall() from pcall(nil) would make each pcall a fifth slower",
        call=r"\bpcall\((pcall)?\)",
        theirs=r"bad argument #1 to 'pcall' \(value expected\)",
    ),
    Known(
        "math",
        "with two wrong arguments, the C compiler chooses which is looked at first",
        call=r"math\.fmod\(",
        ours=r"bad argument #2 to 'fmod'",
        theirs=r"bad argument #1 to 'fmod'",
    ),
    Known(
        "globals",
        "byte code is refused on purpose: it could break out of the VM",
        call=r"\bload\(",
        ours=r"attempt to load a binary chunk",
        theirs=r"attempt to load a binary chunk|truncated precompiled chunk|bad binary format",
    ),
    Known(
        "lsqlite3",
        "a tail call of a method: ours are Lua functions, and such a call leaves no frame to read names and lines off",
        call=r"(^|[; ])return [\w.:]+\([^()]*(\([^()]*\)[^()]*)*\)( end\b.*)?$",
        ours=r"bad argument #\d+ to '[^']*'",
        theirs=r'\[string "aos"\]:\w+: bad argument #\d+ to',
    ),
    Known(
        "lsqlite3",
        "the reference's SQLite is an older one: quote() writes floats with an exponent and all their digits",
        call=r"(?i)\bquote\(",
        ours=r"^ok .*\d\.\d",
        theirs=r"^ok .*\d\.\d+e[+-]\d\d",
        rewrites=((r"-?\d+\.\d+(e[+-]\d+)?", "FLOAT"),),
    ),
    Known(
        "lsqlite3",
        "the reference's SQLite is an older one: printf() of a blob that begins with a zero byte is null there",
        call=r"(?i)\b(printf|format)\(x'00",
        ours=r'^ok .*""',
        theirs=r"^ok ",
        rewrites=((r'\{1=""\}|""|\{\}', "nil"),),
    ),
    Known(
        "lsqlite3",
        "Python's SQLite gives messages as text: bytes in them that are not UTF-8 are replaced",
        ours=r"(?i)\ufffd|\\xef\\xbf\\xbd|\\239\\191\\189",
    ),
    Known(
        r"\.crypto\..*",
        "a stream that gives other values than bytes is read to its end first, the reference's up to a block's",
        ours=r"(LSHIFT|'OR'|limit|more than)",
        theirs=r"bad argument #\d to '(LSHIFT|OR)'",
    ),
)
