"""A file of Lua tests in the VM of the process that it tests: loaded once, and put back for every test."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, NamedTuple

from ...errors import AoError
from ...models import read_regular
from ...network import Network, NetworkProcess, Sent
from .asking import Asked
from .literal import literal
from .outcome import Outcome, Problem
from .places import Places

__all__ = ["CannotLoadError", "LuaTests", "Named"]

__tracebackhide__ = True

#: Bytes of a file of tests.
_LARGEST = 4 << 20
#: So often a test may ask for something, and so many characters of what it prints are kept.
_MOST_STEPS, _MOST_PRINTED = 10_000, 20_000
#: Bytes of an answer that is handed to a test.
_MOST_ANSWER = 16 << 20
#: So many of a test's messages are told of.
_MOST_TREES = 3
_CHUNK = "(ao test)"
_NO_ANSWER = (
    "the process does not answer the Eval that runs its tests (has it another Owner now, or did it replace what an "
    "Eval needs?)"
)


class Named(NamedTuple):
    """A test of a file."""

    name: str
    pending: bool


class CannotLoadError(Exception):
    """A file of tests that cannot be loaded."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Broken(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class LuaTests:
    """The tests of a file; `tests` are their names, `run(number)` runs one in a state of its own.

    network, process
        What is tested: it is left as it is.
    path, shown
        The file, and how people write it.
    root
        No file outside of it is read for a test.
    code
        The process's file, where its code is in one.

    Raises `CannotLoadError` where the file cannot be loaded.
    """

    def __init__(
        self, network: Network, process: NetworkProcess, path: Path, shown: str, root: Path, code: Path | None = None
    ) -> None:
        try:
            text = read_regular(path, _LARGEST)
        except (OSError, ValueError) as error:
            raise CannotLoadError(Problem(f"cannot be read: {error}", shown)) from None
        self.shown = shown
        self._network = network.fork()
        self._process = self._network.process(process.id)
        self._folder, self._root = path.parent, root
        self._places = Places(shown, text, code)
        self._steps = 0
        self._printed = ""
        told = {"id": process.id, "name": process.name, "owner": process.owner}
        try:
            sent = self._process.eval(_harness())
            if not sent.ok:
                failure = sent.result.failure
                raise _Broken(Problem(f"{_NO_ANSWER}: {sent.error if failure is None else failure.message}", shown))
            answer = self._step("load", name=shown, code=text, process=told)
        except _Broken as error:
            raise CannotLoadError(error.problem) from None
        except AoError as error:
            raise CannotLoadError(Problem(str(error), shown)) from None
        if answer.get("what") != "tests":
            raise CannotLoadError(self._places.problem(answer.get("problem")))
        self.tests = _named(answer.get("tests"))

    def run(self, number: int, *, seconds: float = 60.0, level: int = 0) -> Outcome:
        """Run a test, counted from 0, for so many seconds at most. A test that is pending is not run.

        `level` is that of the ladder (docs/seeing.md) at which the outcome's `tree` says what its last messages set
        off; tests that pass have none at level 0.
        """
        test = self.tests[number]
        if test.pending:
            return Outcome(self.shown, test.name, "pending")
        began = perf_counter()
        self._printed = ""
        with self._network.anchor():
            asked = Asked(self._network, self._process, self._folder, self._root)
            status, problem = "passed", None
            try:
                answer = self._finished(asked, number + 1, monotonic() + seconds, seconds)
                if answer["what"] == "failed":
                    status, problem = "failed", self._places.problem(answer.get("problem"))
                elif answer["what"] == "pending":
                    status, problem = "pending", self._places.problem(answer.get("problem"))
                elif answer["what"] != "passed":
                    raise _Broken(Problem(_of_what(answer), self.shown))
            except _Broken as error:
                status, problem = "failed", error.problem
            except AoError as error:
                status, problem = "failed", Problem(str(error), self.shown)
            tree = ""
            if status == "failed" or level:
                tree = "\n".join(self._tree(one, level) for one in asked.sent[-_MOST_TREES:])
        took = perf_counter() - began
        return Outcome(self.shown, test.name, status, took, problem, self._printed, tree)  # type: ignore[arg-type]

    def close(self) -> None:
        """Let go of the network."""
        self._network.close()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _finished(self, asked: Asked, number: int, deadline: float, seconds: float) -> dict[str, Any]:
        """The last answer of a test."""
        answer = self._step("run", number=number)
        for _ in range(_MOST_STEPS):
            if answer.get("what") != "ask":
                return answer
            if monotonic() > deadline:
                raise _Broken(Problem(f"took more than {seconds:g} seconds", self.shown))
            answer = self._step("resume", answer=asked.answer(answer.get("call"), answer.get("arguments")))
        raise _Broken(Problem(f"asked for something {_MOST_STEPS} times, which is all that a test may", self.shown))

    def _tree(self, sent: Sent, level: int) -> str:
        if not level:
            return str(sent.tree)
        from ..tracing import trace_text, trace_tree

        return trace_text(trace_tree(self._network, sent.evaluation), level)

    def _step(self, what: str, **request: Any) -> dict[str, Any]:
        """Have the harness do something; its answer."""
        self._steps += 1
        code = f"return _ao_test({literal({**request, 'what': what, 'step': self._steps})})"
        if len(code) > _MOST_ANSWER:
            raise _Broken(Problem("what the test asked for is too large to be handed to it", self.shown))
        result = self._process.eval(code).result
        if not result.ok:
            if result.failure is None:
                raise _Broken(Problem(_NO_ANSWER, self.shown))
            raise _Broken(self._places.failure(result.failure))
        printed, _, last = result.text.rpartition("\n")
        try:
            found = json.loads(last)
            answer = found["answer"] if found["step"] == self._steps else None
        except (ValueError, TypeError, LookupError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or not isinstance(answer.get("what"), str):
            raise _Broken(Problem(_NO_ANSWER, self.shown))
        if printed:
            self._printed = f"{self._printed}{printed}\n"[:_MOST_PRINTED]
        return answer


def _of_what(answer: dict[str, Any]) -> str:
    if answer["what"] == "waits":
        return (
            "the test waits for a message, in the middle of itself (Receive, coroutine.yield): what waits belongs in a "
            "handler, to which a test sends"
        )
    return str(answer.get("message") or _NO_ANSWER)


def _named(found: Any) -> list[Named]:
    known = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [Named(str(one.get("name")), bool(one.get("pending"))) for one in known]


@cache
def _harness() -> str:
    """The code of an Eval that puts the harness into a process."""
    here = Path(__file__).parent
    pieces, harness = (literal((here / name).read_bytes()) for name in ("pieces.lua", "harness.lua"))
    return f'load({harness}, "={_CHUNK}")(load({pieces}, "={_CHUNK}")())'
