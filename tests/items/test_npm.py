"""Our items in the published libraries, and theirs here: generated, of every type that they can sign.

Skipped where node or the packages cannot be had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ao_runtime.items import Bundle, DataItem
from ao_runtime.items.encoding import encode
from tests.differential.fetch import OracleMissingError

from .npm import LIBRARIES, Libraries, folder
from .vectors import VECTORS, unb64, wallet

KEYS = VECTORS["wallets"]
WALLETS: dict[str, dict[str, Any]] = {
    "arweave": {"kind": "arweave", "key": KEYS["rsa1"]},
    "ed25519": {"kind": "ed25519", "key": KEYS["ed1"]},
    "ethereum": {"kind": "ethereum", "key": KEYS["eth1"]},
    "solana": {"kind": "solana", "key": KEYS["sol1"]},
    "aptos": {"kind": "aptos", "key": KEYS["apt1"]},
    "multi-aptos": {"kind": "multi-aptos", "keys": [KEYS["apt1"], KEYS["apt2"]]},
    "typed-ethereum": {"kind": "typed-ethereum", "key": KEYS["typed1"]},
}
OURS = {"arweave": "rsa1", "ed25519": "ed1", "ethereum": "eth1"}

#: What every library can do: warp-arbundles knows type 1 alone.
BY_THEM = [
    (library, kind) for library in LIBRARIES for kind in WALLETS if library != "warp-arbundles" or kind == "arweave"
]
BY_US = [(library, kind) for library, kind in BY_THEM if kind in OURS]

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
TAGS = st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=20)
#: Text of exactly 32 bytes: what the libraries take as an anchor.
ANCHOR = st.integers(0, 16).flatmap(
    lambda wide: st.permutations("ü" * wide + "a" * (32 - 2 * wide)).map("".join)
)  # fmt: skip
ID = st.binary(min_size=32, max_size=32)
PARTS = st.fixed_dictionaries(
    {"data": st.binary(max_size=300), "target": st.none() | ID, "anchor": st.none() | ANCHOR, "tags": TAGS}
)
quickly = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
thoroughly = settings(quickly, max_examples=400)


@pytest.fixture(scope="module")
def libraries() -> Iterator[Libraries]:
    """The published libraries, if they can be had."""
    try:
        path = folder()
    except OracleMissingError as error:
        pytest.skip(str(error))
    found = Libraries(path)
    yield found
    found.close()


def small(tags: list[tuple[str, str]]) -> bool:
    """Whether the libraries write so many tag bytes."""
    return sum(len(name.encode()) + len(value.encode()) + 4 for name, value in tags) < 4000


def theirs(libraries: Libraries, library: str, kind: str, parts: dict[str, Any]) -> None:
    """An item of theirs: we read what they wrote, verify it, and write it the same."""
    target = parts["target"] and encode(parts["target"])
    made = libraries.ask(
        "make",
        library=library,
        wallet=WALLETS[kind],
        data=encode(parts["data"]),
        target=target,
        anchor=parts["anchor"],
        tags=[{"name": name, "value": value} for name, value in parts["tags"]],
    )
    raw = unb64(made["raw"])
    item = DataItem.parse(raw)
    item.check()
    assert (item.id, item.signature_name, bytes(item)) == (made["id"], kind, raw)
    assert (item.data, item.target, item.raw_anchor.decode()) == (parts["data"], target or "", parts["anchor"] or "")
    assert [tuple(tag) for tag in item.tags] == parts["tags"]
    ours = DataItem.create(parts["data"], target=target, anchor=parts["anchor"], tags=parts["tags"])
    assert ours.raw_tags == item.raw_tags
    if kind in ("ed25519", "ethereum"):
        assert bytes(ours.sign(wallet(OURS[kind]))) == raw


def ours(libraries: Libraries, library: str, kind: str, parts: dict[str, Any]) -> None:
    """An item of ours: they verify it, and read what we wrote; also one that RSA has signed without a salt."""
    for signs in (wallet(OURS[kind]), wallet(OURS[kind]).deterministic()):
        item = DataItem.create(**parts, wallet=signs)
        assert libraries.ask("verify", library=library, raw=encode(bytes(item))) == {
            "valid": True,
            "id": item.id,
            "tags": item.tags.to_list(),
            "target": item.target,
            "data": encode(parts["data"]),
        }


@pytest.mark.parametrize(("library", "kind"), BY_THEM)
@given(parts=PARTS.filter(lambda parts: small(parts["tags"])))
@quickly
def test_theirs(libraries: Libraries, library: str, kind: str, parts: dict[str, Any]) -> None:
    """What a library makes is an item, with what was given to it."""
    theirs(libraries, library, kind, parts)


@pytest.mark.parametrize(("library", "kind"), BY_US)
@given(parts=PARTS.filter(lambda parts: small(parts["tags"])))
@quickly
def test_ours(libraries: Libraries, library: str, kind: str, parts: dict[str, Any]) -> None:
    """What we make is an item to every library, with what was given to us."""
    ours(libraries, library, kind, parts)


@pytest.mark.long
@pytest.mark.parametrize(("library", "kind"), BY_THEM)
@given(parts=PARTS.filter(lambda parts: small(parts["tags"])))
@thoroughly
def test_theirs_for_long(libraries: Libraries, library: str, kind: str, parts: dict[str, Any]) -> None:
    """The same, with many more."""
    theirs(libraries, library, kind, parts)


@pytest.mark.long
@pytest.mark.parametrize(("library", "kind"), BY_US)
@given(parts=PARTS.filter(lambda parts: small(parts["tags"])))
@thoroughly
def test_ours_for_long(libraries: Libraries, library: str, kind: str, parts: dict[str, Any]) -> None:
    """The same, with many more."""
    ours(libraries, library, kind, parts)


@pytest.mark.parametrize("library", ["arbundles", "@dha-team/arbundles"])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_bundles(libraries: Libraries, library: str, count: int) -> None:
    """Their bundles are ours, byte for byte, and ours are read and verified there."""
    names = ["rsa1", "ed1", "eth1", "ed2", "eth2"]
    items = [DataItem.create(b"%d" % index, wallet=wallet(names[index])) for index in range(count)]
    raws = [encode(bytes(item)) for item in items]
    made = unb64(libraries.ask("bundle", library=library, raws=raws, wallet=WALLETS["ed25519"])["raw"])
    bundle = Bundle.create(items)
    assert made == bytes(bundle)
    bundle.check()
    answer = libraries.ask("unbundle", library=library, raw=encode(bytes(bundle)))
    assert answer == {"ids": bundle.ids, "valid": True}
