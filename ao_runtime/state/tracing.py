"""An evaluation that is watched, in a state that is thrown away after it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..isolation import EngineLostError
from ..models import Frame, relative
from .engine import hold

if TYPE_CHECKING:
    from ..models import Answer, Limits, Packed
    from .state import State

__all__ = ["look", "placed", "traced"]

__tracebackhide__ = True

#: To watch takes instructions, memory and time, too: so many times as much as the message may have, and so many more.
_TIMES, _INSTRUCTIONS, _SECONDS = 2, 50_000_000, 10.0
#: And so many bytes more.
_MEMORY = 64 << 20

#: The chunk name of all code that came with messages; bytes of a line of code.
_EVALUATED, _LONGEST = "aos", 200
_NO_LOOK = "a published module cannot be looked into"


def traced(state: State, packed: Packed, limits: Limits, *, asking: bool) -> tuple[Answer | None, dict[str, Any]]:
    """Evaluate a message and note what the handlers do (or, `asking`, what they would): `LuaEngine.evaluate_traced`.

    The state is of no use after that: it is a fork, which nobody asks again.
    """
    engine = state.ready()
    evaluate: Any = getattr(engine, "evaluate_traced", None)
    if evaluate is None:
        return None, {"problem": _NO_LOOK}
    more = replace(
        limits,
        instructions=None if limits.instructions is None else _TIMES * limits.instructions + _INSTRUCTIONS,
        memory=None if limits.memory is None else limits.memory + _MEMORY,
        seconds=None if limits.seconds is None else _TIMES * limits.seconds + _SECONDS,
    )
    hold(engine, more)
    state.engine = None
    try:
        answer, noted = evaluate(packed, asking=asking)
    except EngineLostError as error:
        return None, {"problem": f"the evaluation has ended the program that it ran in: {error.how}"}
    return answer, noted


def look(state: State) -> bytes | None:
    """All that the globals lead to, as `LuaEngine.look` writes it; None for a published module.

    Raises `InputError` where that is too much.
    """

    def asked(engine: Any) -> bytes | None:
        # What the runtime itself brings is there before the first message: any look has it made.
        engine.get("Name")
        found: bytes = engine.look()
        return found

    return None if state.genesis.wasm is not None else state.ask(asked)


def placed(state: State, noted: Any) -> None:
    """Give the functions in what was noted their files, and the lines of code that they begin with: `code`, `file`.

    Nothing is raised where that is not known.
    """
    waiting = [noted]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("kind") == "function" and isinstance(one.get("line"), int):
                _place(state, one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _place(state: State, function: dict[str, Any]) -> None:
    chunk, line = str(function.get("chunk")), function["line"]
    file: str | None
    if chunk != _EVALUATED:
        code, file = state.inputs.sources.text(chunk), state.inputs.sources.path(chunk)
    else:
        evaluated = state.evaluated()
        last = function.get("last")
        frame = Frame(chunk, line, span=(line, last if isinstance(last, int) else line))
        found = evaluated.boot() if function.get("boot") is True else None
        file = state.genesis.known_boot_file if found is not None else None
        if found is None:
            found = evaluated.of(frame, None)
            file = None if found is None else state.eval_files.get(found.number)
        code = None if found is None else found.code
    if file is not None:
        function["file"] = relative(file)
    lines = [] if code is None else code.split(b"\n")
    if 1 <= line <= len(lines):
        function["code"] = lines[line - 1].strip()[:_LONGEST].decode("utf-8", "replace")
        last = function.get("last")
        function["body"] = _body(lines[line - 1 : last if isinstance(last, int) and last >= line else line])


def _body(lines: list[bytes]) -> str:
    """A function's own code, as far as its lines tell: from its first word on, and in one line to its end."""
    text = b"\n".join(lines)[: 10 * _LONGEST].decode("utf-8", "replace")
    text = text[max(text.find("function"), 0) :]
    return text if len(lines) > 1 else re.split(r"\bend\b", text, maxsplit=1)[0]
