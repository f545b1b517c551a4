"""What a refusal of a repeated `remove_…` says."""

from __future__ import annotations

from ...errors import RPCError
from ..call import Steps

__all__ = ["gone"]

#: How servers say that what is to be removed is not there; each of them in a text of its own, with any status.
_NOT_THERE = ("not found", "is nil", "does not exist")


def gone(refusal: RPCError) -> Steps[None]:
    """Nothing, if what was to be removed is not there any more: the attempt that had no answer has removed it."""
    if not any(words in str(refusal) for words in _NOT_THERE):
        raise refusal
    return
    yield  # a generator without a step
