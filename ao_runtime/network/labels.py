"""What people call the processes and wallets of a network."""

from __future__ import annotations

from ..models import legible
from .ids import is_id, short

__all__ = ["Labels"]


class Labels:
    """Names of addresses that people can read, each once: a second `token` is `token-2`."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        #: By name, a number up to which all are taken: many processes may have one name.
        self._taken: dict[str, int] = {}

    def add(self, address: str, name: str) -> str:
        """Call an address so, or nearly so. What has a name keeps it."""
        known = self._names.get(address)
        if known is not None:
            return known
        name = unique = _name(name) or "process"
        number = self._taken.get(name, 1)
        while unique in self._addresses:
            number += 1
            unique = f"{name}-{number}"
        self._taken[name] = number
        self._names[address] = unique
        self._addresses[unique] = address
        return unique

    def forget(self, address: str) -> None:
        """The address has no name any more."""
        name = self._names.pop(address, None)
        if name is not None:
            del self._addresses[name]
            self._taken.clear()

    def name(self, address: str) -> str:
        """The name of an address; a part of itself, if nobody has named it. Anything else is itself."""
        known = self._names.get(address)
        if known is not None:
            return known
        return short(address) if is_id(address) else address

    def address(self, name: str) -> str | None:
        """The address of a name."""
        return self._addresses.get(name) or self._addresses.get(_name(name))

    def near(self, name: str) -> str | None:
        """A name that is like this one."""
        from difflib import get_close_matches

        found = get_close_matches(name, self._addresses, 1)
        return found[0] if found else None

    def read(self) -> dict[str, str]:
        """All names, by address."""
        return dict(self._names)

    def put(self, names: dict[str, str]) -> None:
        """These names, and no others."""
        self._names = dict(names)
        self._addresses = {name: address for address, name in names.items()}
        self._taken.clear()


def _name(name: str) -> str:
    """Strangers name processes too: no name hides anything, and none is an id."""
    name = legible(name).strip()
    return short(name) if is_id(name) else name
