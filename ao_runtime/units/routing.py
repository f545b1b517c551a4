"""Which of several hosts a process is at: by its id, as ao's router says it (spec: units, ur)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["Routing", "cyrb53"]

_32 = 0xFFFFFFFF


def cyrb53(text: str, seed: int = 0) -> int:
    """A number of 53 bits for a text: the public-domain hash cyrb53, over its UTF-16 units as JavaScript has them."""
    one, two = 0xDEADBEEF ^ (seed & _32), 0x41C6CE57 ^ (seed & _32)
    units = text.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(units), 2):
        unit = units[at] | units[at + 1] << 8
        one = (one ^ unit) * 2654435761 & _32
        two = (two ^ unit) * 1597334677 & _32
    one = ((one ^ one >> 16) * 2246822507 & _32) ^ ((two ^ two >> 13) * 3266489909 & _32)
    two = ((two ^ two >> 16) * 2246822507 & _32) ^ ((one ^ one >> 13) * 3266489909 & _32)
    return (two & 0x1FFFFF) << 32 | one


@dataclass(frozen=True)
class Routing:
    """The hosts, and what is at a host of its own.

    hosts
        URLs without a slash at the end; one at least.
    processes, owners
        Hosts by the id of a process, and by the address of its owner.
    """

    hosts: tuple[str, ...]
    processes: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def mapped(self, process: str, owner: str | None) -> str | None:
        """The host that a map names for a process; None where none does."""
        found = self.processes.get(process)
        return found if found is not None or owner is None else self.owners.get(owner)

    def ordered(self, process: str, owner: str | None = None) -> Iterator[str]:
        """The hosts of a process: that of a map alone, else `hosts[cyrb53(process) mod n]` and those after it."""
        mapped = self.mapped(process, owner)
        if mapped is not None:
            yield mapped
            return
        first = cyrb53(process)
        for attempt in range(len(self.hosts)):
            yield self.hosts[(first + attempt) % len(self.hosts)]
