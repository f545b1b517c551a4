"""From what an engine says of a failure to what the developer is told: with the files that the code came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .models.failure import Failure, Frame
from .vm.results import reason

__all__ = ["failure_of"]


def failure_of(
    raw: tuple[Any, ...], *, path_of: Callable[[str], str | None], boot_file: str | None, unborn: bool
) -> Failure:
    """Why an evaluation failed.

    `path_of` gives the file of a module; `boot_file` is the file of the process's own Data; `unborn` says that it is
    the process's own message.
    """
    known = reason(raw)
    frames = tuple(
        Frame(chunk, line, name, boot_file if boot else path_of(chunk)) for chunk, line, name, boot in known["frames"]
    )
    chunk = known["chunk"]
    file = None
    if chunk is not None:
        # Code at boot has no other chunk name than an Eval's; only the frames tell them apart.
        at_boot = known["boot"] or (chunk == "aos" and not frames and unborn)
        file = boot_file if at_boot else path_of(chunk)
    return Failure(known["message"], chunk, known["line"], known["handler"], frames, known["limit"], file)
