"""The error that says that a child is no more."""

from __future__ import annotations

from ..errors import InternalError

__all__ = ["EngineLostError"]


class EngineLostError(InternalError):
    """The child in which an engine lived is no more. The state is to be made again, in another one.

    `at_work` says that the child ended while it was doing what was asked, and not before; `limit` is the limit by which
    we have killed it, if we have. `moved` says that it lives, for another process alone, which keeps it busy.
    """

    def __init__(self, how: str, *, at_work: bool, limit: str | None = None, moved: bool = False) -> None:
        super().__init__(f"the child process of an engine has ended: {how}")
        self.how = how
        self.moved = moved
        self.at_work = at_work
        self.limit = limit
