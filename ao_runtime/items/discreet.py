"""Errors that give no secret away: neither in their words, nor by the frames and causes that they carry.

A traceback holds the frames that an exception came through, and every tool that shows local variables (a debugger, a
reporter of crashes, pytest) shows what was in them: the text of a wallet, its numbers. So what handles a key is called
through `discreet`, and what it raises starts anew outside of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from ..errors import AoError, InternalError

__all__ = ["discreet"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def discreet(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function, whose errors carry none of its frames.

    An error of ours is raised again, without traceback, cause and context. Of any other nothing is told but its class,
    in an `InternalError`: its words, such as those of `json`, could be the secret.
    """

    @wraps(function)
    def guarded(*args: _P.args, **options: _P.kwargs) -> _R:
        try:
            return function(*args, **options)
        except AoError as error:
            found: AoError = error.with_traceback(None)
        except Exception as error:
            found = InternalError(f"{type(error).__name__} in {function.__qualname__}")
        del args, options
        found.__cause__ = found.__context__ = None
        raise found

    return guarded
