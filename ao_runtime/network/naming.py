"""Names in place of addresses, in what people write and read: messages, paths into a state, values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..errors import InputError
from .core import Core
from .ids import is_id

__all__ = ["addressed", "looked_up", "named"]

__tracebackhide__ = True

#: Tags whose values are words, whoever is called so.
_WORDS = frozenset({"Action", "Name"})
_STEP = re.compile(r"""(?:^|\.)(?P<bare>[^.\[\]"']+)|\.?\[\s*(?P<quote>["'])(?P<quoted>.*?)(?P=quote)\s*\]""")


def addressed(network: Core, wire: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """A message, read, in which the names of wallets and processes stand for their addresses.

    So it is with the values of the tags that were given as keys of the message (`keys`), but for `Action` and `Name`.
    "@bob" is a wallet's or process's name in any case: a wallet is made if there is none. Tags in a list stay as they
    are.
    """
    tags = [
        {**tag, "value": _address(network, tag["value"])}
        if tag["name"] in keys and tag["name"] not in _WORDS and isinstance(tag["value"], str)
        else tag
        for tag in wire["Tags"]
    ]
    told = {**wire, "Tags": tags}
    for field in ("From", "Owner"):
        if isinstance(told.get(field), str):
            told[field] = told[field].removeprefix("@")
    return told


def looked_up(network: Core, get: Callable[[str], Any], path: str) -> Any:
    """A value of a process's state (`get` is the process's), at a path in which names may stand for addresses.

    `Balances.bob` is what is there; where nothing is, it is what is there for the address of bob.
    """
    known = _STEP.sub(lambda step: _step(network, step), path)
    if known == path:
        return get(path)
    try:
        found = get(path)
    except InputError:
        # It may lead through what is there for an address.
        return get(known)
    return get(known) if found is None else found


def named(value: Any, names: Mapping[str, str]) -> Any:
    """Plain data in which addresses are called by their names, keys too; `names` are those of addresses."""
    if isinstance(value, str):
        return names.get(value, value) if is_id(value) else value
    if isinstance(value, list):
        return [named(item, names) for item in value]
    if isinstance(value, dict):
        told: dict[Any, Any] = {}
        for key, item in value.items():
            name = names.get(key, key) if isinstance(key, str) and is_id(key) else key
            # Two keys that would be one stay what they are.
            told[key if name in told or (name != key and name in value) else name] = named(item, names)
        return told
    return value


def _address(network: Core, text: str) -> str:
    if text.startswith("@") and len(text) > 1:
        return network.sender(text[1:])
    return _known(network, text) or text


def _known(network: Core, name: str) -> str | None:
    """The address of a wallet or a process that is called so."""
    address = network.labels.address(name)
    if address is None or (address not in network.scheduler and name not in network.wallet_addresses):
        return None
    return address


def _step(network: Core, step: re.Match[str]) -> str:
    name = step["bare"] or step["quoted"] or ""
    # What a path begins with is a global.
    address = _known(network, name.removeprefix("@")) if step.start() or name.startswith("@") else None
    return step[0] if address is None else f'["{address}"]'
