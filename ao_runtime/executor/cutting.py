"""Large work in parts that several executors can do at once, each in bounded time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..models import Limits
from ..state import kept_digest
from ..store import Store

__all__ = ["Part", "batches", "ranges", "verify_parts"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """Messages of a journal from `first` on and before `stop`, and the SHA-256 of the states at both ends.

    None at the very beginning, and at the end where the journal keeps no state there.
    """

    first: int
    stop: int
    state: str | None
    digest: str | None
    history: str

    @property
    def kwargs(self) -> dict[str, Any]:
        """As the arguments of `verify`."""
        found = {"from": self.first, "to": self.stop, "history": self.history}
        ends = {"state": self.state, "digest": self.digest}
        return found | {name: value for name, value in ends.items() if value is not None}


def verify_parts(store: Store, parts: int, limits: Limits | None = None) -> list[Part]:
    """The messages of a journal in about so many parts, which are cut where it keeps a state; the largest first.

    Without such states it is one part. Parts may be larger than others: states are kept where they were worth it. A
    state that is damaged, or needs more memory than `limits` allow, is passed over.
    """
    limits = limits or Limits()
    count = store.count
    cuts: list[tuple[int, str | None]] = [(0, None)]
    for place in store.snapshot_counts():
        # Cut where the part before is large enough; what comes after the last cut may be smaller.
        if 0 < place < count and (place - cuts[-1][0]) * parts >= count:
            digest = kept_digest(store, place, limits)
            if digest is not None:
                cuts.append((place, digest))
    cuts.append((count, kept_digest(store, count, limits) if count else None))
    found = [
        Part(first, stop, state, digest, store.history(stop).hex())
        for (first, state), (stop, digest) in itertools.pairwise(cuts)
    ]
    return sorted(found, key=lambda part: part.first - part.stop)


def ranges(first: int, stop: int, parts: int) -> list[tuple[int, int]]:
    """The numbers from `first` on and before `stop` in up to so many ranges, nearly equally long; none is empty."""
    parts = max(1, min(parts, stop - first))
    places = [first + (stop - first) * number // parts for number in range(parts + 1)]
    return list(itertools.pairwise(places))


def batches(items: Sequence[_T], most: int) -> list[Sequence[_T]]:
    """Items in batches of no more than `most`."""
    return [items[at : at + most] for at in range(0, len(items), most)]
