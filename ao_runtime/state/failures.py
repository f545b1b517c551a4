"""From what an engine says of a failure to what people are told. It is decided here, and nowhere else.

`models.explain` shows it: in the command, in Python and as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..models import FAILED, JSON, Answer, Failure, Frame, excerpt, message_in, place_in, to_json, to_wire
from .enclosing import handler_at
from .hints import assigned, hint_of, name_in_our_code, replaced, thrown, without_function

if TYPE_CHECKING:
    from ..models import Packed
    from .evaluated import EvaluatedCode
    from .lua_sources import LuaSources

__all__ = ["failure_of", "in_files", "with_code"]

# Chunk names of the developer's files, which read like the network's in the process and are others to us; the one
# called `aos` is the process's own Data.
_FROM_FILE = re.compile(r'=\[string "(.*)"\]\Z', re.DOTALL)
_EVALUATED = "aos"
#: A module of the project's that does not compile, as `require` tells of it.
_IN_MODULE = re.compile(r"error loading module '[^']*':\n\t(?=\[string \")")
_STEP = 5


def failure_of(raw: Answer, *, sources: LuaSources, boot_file: str | None, unstarted: bool) -> Failure:
    """Why an evaluation failed.

    `sources` are the project's modules; `boot_file` is the file of the process's own Data; `unstarted` says that it is
    the process's own message.
    """
    if raw[0] == JSON:
        error = to_wire(raw)["Error"]
        raw = (FAILED, raw[1], (error if isinstance(error, str) else to_json(error)).encode(), None, None, None)
    body, limit, message, handler = (_text(value) for value in raw[2:6])
    frames = []
    for at in range(6, len(raw) - _STEP + 1, _STEP):
        origin, line = _text(raw[at]) or "?", raw[at + 1]
        from_file = _FROM_FILE.match(origin)
        chunk = from_file[1] if from_file else origin
        # Code at boot has no other chunk name than an Eval's; only the frames tell them apart.
        boot = from_file is not None and chunk == _EVALUATED
        file = boot_file if boot else sources.path(chunk)
        frames.append(Frame(chunk, line, _text(raw[at + 2]), file, 0 if boot else None, (raw[at + 3], raw[at + 4])))
    place = place_in(message_in(body or "") if message is None else message)
    text = place.message
    in_module = _IN_MODULE.match(text)
    if in_module:
        place = place_in(text[in_module.end() :])
        text = place.message
    chunk_, line_ = place.chunk, place.line
    ours = chunk_ is not None and not (
        chunk_ == _EVALUATED or sources.known(chunk_) or any(frame.chunk == chunk_ for frame in frames)
    )
    if frames and (chunk_ is None or ours):
        # In a module of ours the caller's line says more.
        chunk_, line_ = frames[0].chunk, frames[0].line
    here = next((frame for frame in frames if (frame.chunk, frame.line) == (chunk_, line_)), None)
    file, evaluated = (None, None) if here is None else (here.file, here.evaluated)
    if here is None and chunk_ is not None:
        boot = chunk_ == _EVALUATED and not frames and unstarted
        file, evaluated = (boot_file, 0) if boot else (sources.path(chunk_), None)
    hint = hint_of(text, sources)
    if hint is not None:
        text = text.partition(":\n")[0]  # What follows are paths of a machine that there is not.
    elif place.chunk == ".process" and (hint := thrown(text)) is not None:
        pass
    elif ours:
        hint = name_in_our_code(text) or without_function(place.chunk, text, handler)
    return Failure(text, chunk_, line_, handler, tuple(frames), limit, file, evaluated, (), hint)  # type: ignore[arg-type]


def with_code(
    failure: Failure,
    code: EvaluatedCode,
    module: Callable[[str], bytes | None],
    now: tuple[int, Packed],
    boot_file: str | None,
) -> Failure:
    """The failure with the lines of the code that it is in, and the Evals that brought it.

    `module` gives the source of one of the project's modules by its chunk's name; `now` is the message that failed,
    with its number.
    """
    chunk, line = failure.chunk, failure.line
    if failure.hint is not None and failure.hint.isidentifier():
        failure = _of_global(failure, failure.hint, code, now, boot_file)
        chunk, line = failure.chunk, failure.line
    if chunk is None or line is None:
        return failure
    if chunk != _EVALUATED and not any(frame.chunk == _EVALUATED for frame in failure.frames):
        source = module(chunk)
        return failure if source is None else _in_handler(failure, source)._replace(excerpt=excerpt(source, line))
    frames = tuple(_named(frame, failure.handler, code, now) for frame in failure.frames)
    number = failure.evaluated
    if chunk != _EVALUATED:
        source = module(chunk)
    else:
        same = next(
            (frame for frame in failure.frames if (frame.chunk, frame.line) == (chunk, line)), Frame(chunk, line)
        )
        found = code.boot(now) if number == 0 else None
        if found is None:
            # Before aos 2 an Eval brings what stands in the process's file.
            found = code.of(same, failure.handler, now)
        source = None if found is None else found.code
        if number != 0:
            number = None if found is None else 0 if found.boot else found.number
        # While its own code is evaluated no handler runs.
        if found is not None and found.number != now[0]:
            failure = _in_handler(failure, found.code)
    return failure._replace(frames=frames, evaluated=number, excerpt=() if source is None else excerpt(source, line))


def _in_handler(failure: Failure, source: bytes) -> Failure:
    """The failure with the handler that its line stands in, where the engine has not said which one ran."""
    if failure.handler is not None or failure.frames or failure.line is None:
        return failure
    return failure._replace(handler=handler_at(source, failure.line))


def in_files(failure: Failure, files: Mapping[int, str]) -> Failure:
    """The failure with the files that Evals were read from, by their numbers."""
    frames = tuple(
        frame._replace(file=files.get(frame.evaluated)) if frame.evaluated and not frame.file else frame
        for frame in failure.frames
    )
    file = files.get(failure.evaluated, failure.file) if failure.evaluated else failure.file
    return failure._replace(frames=frames, file=file)


def _of_global(
    failure: Failure, name: str, code: EvaluatedCode, now: tuple[int, Packed], boot_file: str | None
) -> Failure:
    """A failure in our own code that a global of the process's has caused: its place is where that was last set."""
    found = next((last for pattern in assigned(name) if (last := code.last_line(pattern, now)) is not None), None)
    if found is None:
        return failure._replace(hint=replaced(name, None))
    evaluated, line = found
    file = boot_file if evaluated.boot else None
    hint = replaced(name, None if file is None else (file, line))
    if failure.frames:
        return failure._replace(hint=hint)
    number = 0 if evaluated.boot else evaluated.number
    return failure._replace(chunk=_EVALUATED, line=line, file=file, evaluated=number, hint=hint)


def _named(frame: Frame, handler: str | None, code: EvaluatedCode, now: tuple[int, Packed]) -> Frame:
    """A frame with the number of the Eval that brought its code."""
    if frame.chunk != _EVALUATED or frame.evaluated is not None:
        return frame
    found = code.of(frame, handler, now)
    return frame if found is None else frame._replace(evaluated=found.number)


def _text(value: object) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None
