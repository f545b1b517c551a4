"""What the tests of the VM share: code evaluated in a process, and what came of it."""

from __future__ import annotations

import time
from typing import Any

from ao_runtime import Process, Result


def result(code: str | bytes, *, process: Process | None = None, **limits: Any) -> Result:
    """The result of evaluating the code in a process (a new one unless given), with these limits."""
    process = process or Process.spawn(code="")
    return process.eval(code, limits=limits or None)


def value(code: str | bytes, *, process: Process | None = None, **limits: Any) -> str:
    """The text of what the code returns; it must not fail."""
    answer = result(code, process=process, **limits)
    assert answer.error is None, answer.error
    data = answer.output["data"]
    assert isinstance(data, str)
    return data


def failure(code: str | bytes, **limits: Any) -> str:
    """The message of the error that the code ends with."""
    answer = result(code, **limits)
    assert answer.failure is not None, answer
    return answer.failure.message


def place(code: str | bytes) -> tuple[str | None, int | None]:
    """Chunk and line of the error that the code ends with."""
    answer = result(code)
    assert answer.failure is not None, answer
    return answer.failure.chunk, answer.failure.line


def hit(code: str | bytes, *, within: float = 10.0, **limits: Any) -> str | None:
    """Which limit the code hits, if any; it must be over in `within` seconds of work, and the process go on working."""
    process = Process.spawn(code="")
    begin = time.process_time()
    answer = process.eval(code, limits=limits)
    assert time.process_time() - begin < within
    assert value("return 1 + 1", process=process) == "2"
    return answer.failure.limit if answer.failure else None
