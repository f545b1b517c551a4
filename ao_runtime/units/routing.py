"""Which of several hosts a process is at: by its id, as ao's router says it (spec: units, ur)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Routing", "Told", "cyrb53"]

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


class Told(NamedTuple):
    """What a scheduler unit says of a process."""

    #: The address of its owner.
    owner: str
    #: The module of the process that has spawned it, by its tag From-Module; None where a wallet did.
    from_module: str | None = None


@dataclass(frozen=True)
class Routing:
    """The hosts, and what is at a host of its own.

    hosts
        URLs without a slash at the end; one at least.
    processes, owners, from_modules
        Hosts by the id of a process, by the address of its owner, and by the module of the one that has spawned it.
    """

    hosts: tuple[str, ...]
    processes: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    from_modules: Mapping[str, str] = field(default_factory=dict)

    def asks(self, process: str) -> bool:
        """Whether it must be known what a scheduler unit says of a process."""
        return bool(self.owners or self.from_modules) and process not in self.processes

    def mapped(self, process: str, told: Told | None) -> str | None:
        """The host that a map names for a process; None where none does."""
        found = self.processes.get(process)
        if found is None and told is not None:
            found = self.owners.get(told.owner)
            if found is None and told.from_module is not None:
                found = self.from_modules.get(told.from_module)
        return found

    def ordered(self, process: str, told: Told | None = None) -> Iterator[str]:
        """The hosts of a process: that of a map alone, else `hosts[cyrb53(process) mod n]` and those after it."""
        mapped = self.mapped(process, told)
        if mapped is not None:
            yield mapped
            return
        first = cyrb53(process)
        for attempt in range(len(self.hosts)):
            yield self.hosts[(first + attempt) % len(self.hosts)]
