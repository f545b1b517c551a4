"""ao_runtime.errors: one tree, errors that carry data, exit codes that belong to classes."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from ao_runtime import errors
from ao_runtime.errors import (
    AoError,
    CodeError,
    HttpError,
    InputError,
    InstructionLimitError,
    InternalError,
    LimitError,
    LoadError,
    MemoryLimitError,
    ProcessError,
    RPCError,
    TimeLimitError,
)
from ao_runtime.models import Failure, Frame

FAILURE = Failure("boom", "aos", 3, "transfer", (Frame("aos", 3, "pay", "token.lua"),), None, "token.lua")


def classes() -> list[type[AoError]]:
    """Every error class of the module."""
    found = [item for _, item in inspect.getmembers(errors, inspect.isclass)]
    return [item for item in found if issubclass(item, Exception)]


def test_one_tree() -> None:
    """Every error of the package is an AoError, and is public."""
    assert sorted(errors.__all__) == sorted(item.__name__ for item in classes())
    assert all(issubclass(item, AoError) for item in classes())


def test_the_drawing_shows_every_class() -> None:
    """The tree at the top of the file names every class, in the depth at which it is."""
    drawing = {}
    for line in (errors.__doc__ or "").splitlines():
        name = line.lstrip(" │├└─").split(" ")[0]
        if name.endswith("Error"):
            drawing[name] = (len(line) - len(line.lstrip(" │├└─")) - 4) // 4
    depth = {item.__name__: sum(issubclass(base, AoError) for base in item.__mro__) - 1 for item in classes()}
    assert drawing == depth


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InputError, 2),
        (LoadError, 3),
        (ProcessError, 1),
        (LimitError, 4),
        (InstructionLimitError, 4),
        (MemoryLimitError, 4),
        (TimeLimitError, 4),
        (RPCError, 6),
        (HttpError, 6),
        (InternalError, 70),
    ],
)
def test_exit_codes(kind: type[AoError], code: int) -> None:
    """Exit codes belong to classes."""
    assert kind.exit_code == code


def test_an_input_error_says_where_and_what_to_do() -> None:
    """File, line and field come first, then the problem, then the advice."""
    error = InputError("must be text", advice="put quotes around it", field="Id", file="messages.json", line=3)
    assert str(error) == "messages.json:3, Id: must be text (put quotes around it)"
    assert error.where == "messages.json:3, Id"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InputError("is wrong"), "is wrong"),
        (InputError("is wrong", line=2), "line 2: is wrong"),
        (InputError("is wrong", file="a.json"), "a.json: is wrong"),
        (InputError("is wrong", field="Tags"), "Tags: is wrong"),
    ],
)
def test_an_input_error_says_no_more_than_is_known(error: InputError, text: str) -> None:
    """What is not known is not there."""
    assert str(error) == text


def test_an_input_error_seen_from_further_out() -> None:
    """`within` puts a field into a larger one, and adds the file and line where they are not known yet."""
    inner = InputError("must be text", advice="quote it", field="[0].name")
    outer = inner.within("Tags").within("Process", file="env.json", line=4).within(file="other.json", line=9)
    assert str(outer) == "env.json:4, Process.Tags[0].name: must be text (quote it)"


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        (None, ProcessError),
        ("instructions", InstructionLimitError),
        ("memory", MemoryLimitError),
        ("time", TimeLimitError),
    ],
)
def test_a_failure_is_an_error_of_its_own_class(limit: str | None, kind: type[ProcessError]) -> None:
    """What limit was hit decides the class."""
    error = ProcessError.of(FAILURE._replace(limit=limit))  # type: ignore[arg-type]
    assert type(error) is kind
    assert str(error) == "boom"
    assert (error.chunk, error.line, error.handler, error.frames, error.file, error.limit) == (
        "aos",
        3,
        "transfer",
        FAILURE.frames,
        "token.lua",
        limit,
    )


def test_a_limit_hit_while_loading_is_a_load_error() -> None:
    """Code that cannot be loaded stays a LoadError, that knows of the limit."""
    error = LoadError.of(FAILURE._replace(limit="time"))
    assert type(error) is LoadError
    assert error.limit == "time"


@pytest.mark.parametrize("turn", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(turn: object) -> None:
    """An error can be copied and pickled, as from one worker to another, with all that it carries."""
    code = CodeError.of(FAILURE)
    wrong = InputError("is wrong", advice="do", field="Id", file="a.json", line=3)
    refused = RPCError("Access denied", status=403)
    assert callable(turn)
    assert (str(turn(refused)), vars(turn(refused))) == ("Access denied", {"status": 403, "unanswered": False})
    assert vars(turn(code)) == vars(code)
    assert (str(turn(code)), str(turn(wrong))) == (str(code), str(wrong))
