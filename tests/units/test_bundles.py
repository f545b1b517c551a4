"""Bundles that are uploaded: what is in them is found as if it had come alone, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.items import Bundle, DataItem
from ao_runtime.units.bundles import unpacked

from .serving import ALICE, BOB, Served

QUERY = """query ($ids: [ID!], $in: [ID!], $owners: [String!]) {
  transactions(ids: $ids, bundledIn: $in, owners: $owners, first: 100, sort: HEIGHT_ASC) {
    edges { node { id recipient data { size } bundledIn { id } parent { id } } }
  }
}"""
TAGS = {"Bundle-Format": "binary", "Bundle-Version": "2.0.0"}
ITEMS = [DataItem.create(f"item {number}", tags={"Number": str(number)}, wallet=ALICE) for number in range(3)]


def upload(server: Served, item: DataItem) -> None:
    """Upload an item."""
    answer = server.http.post(server.urls["uploader"] + "/tx", content=bytes(item))
    assert (answer.status_code, answer.json()["id"]) == (200, item.id)


def found(server: Served, **variables: Any) -> dict[str, str | None]:
    """The ids of the transactions that are found, and in which bundle each is."""
    told = server.graphql(QUERY, **variables).json()["data"]["transactions"]["edges"]
    nodes = [edge["node"] for edge in told]
    assert [node["bundledIn"] for node in nodes] == [node["parent"] for node in nodes]
    return {node["id"]: node["bundledIn"] and node["bundledIn"]["id"] for node in nodes}


def test_what_is_in_a_bundle_is_found(tmp_path: Path) -> None:
    """By id, by GraphQL with its bundle, and by its bundle; also after the server was stopped."""
    one = DataItem.create("first alone", wallet=BOB)
    bundle = Bundle.create([*ITEMS, one]).item(BOB)
    inside = {item.id: bundle.id for item in (*ITEMS, one)}
    server = Served(str(tmp_path))
    try:
        upload(server, one)
        assert found(server, ids=[one.id]) == {one.id: None}
        for _ in range(2):
            upload(server, bundle)
        # Anybody can put the same into another one: it stays where it came in first.
        upload(server, Bundle.create(ITEMS).item(ALICE))
    finally:
        server.close()
    server = Served(str(tmp_path))
    try:
        for item in (*ITEMS, one):
            assert server.get("gateway", f"/{item.id}").content == item.data
        assert server.get("gateway", f"/{bundle.id}").content == bundle.data
        assert {*found(server, ids=[*inside])} == {*inside}
        assert found(server, ids=[one.id, bundle.id]) == {one.id: bundle.id, bundle.id: None}
        assert found(server, **{"in": [bundle.id]}).items() <= inside.items()
        assert found(server, **{"in": [one.id]}) == {}
        assert found(server, **{"in": []}) == {}
    finally:
        server.close()


def test_a_process_starts_with_what_came_in_a_bundle(server: Served) -> None:
    """`On-Boot=ID` of an item that nobody has uploaded by itself."""
    item = DataItem.create("Loaded = 'from a bundle'", wallet=ALICE)
    upload(server, Bundle.create([item]).item(BOB))
    assert server.eval(server.spawn(**{"On-Boot": item.id}), "return Loaded") == "from a bundle"


def changed(at: int, new: bytes) -> Callable[[bytes], bytes]:
    """The same bytes, but for some."""
    return lambda data: data[:at] + new + data[at:][len(new) :]


FORGED = bytes(ITEMS[1])[:-1] + b"X"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:31],
        lambda data: data[:-1],
        lambda data: data + b"x",
        changed(0, b"\xff" * 32),
        changed(0, (2).to_bytes(32, "little")),
        changed(0, (4).to_bytes(32, "little")),
        changed(32, b"\xff" * 32),
        changed(32, bytes(32)),
        changed(64, b"i" * 32),
        lambda data: data.replace(bytes(ITEMS[1]), FORGED),
    ],
)
def test_hostile_bundles_are_data(server: Served, change: Callable[[bytes], bytes]) -> None:
    """Whatever is wrong in one, counts, sizes, ids, a signature: it is kept as it is, and nothing in it is found."""
    others = [DataItem.create(f"mine {number}", wallet=BOB) for number in range(2)]
    data = change(bytes(Bundle.create([others[0], ITEMS[1], others[1]])))
    item = DataItem.create(data, tags=TAGS, wallet=BOB)
    upload(server, item)
    assert server.get("gateway", f"/{item.id}").content == data
    assert found(server, ids=[one.id for one in others], **{"in": [item.id]}) == {}
    assert {*found(server, ids=[item.id, *(one.id for one in others)])} == {item.id}


def test_an_item_of_somebody_elses(server: Served) -> None:
    """Who puts another content behind an item's signature changes nothing of it, not even where it is."""
    upload(server, ITEMS[1])
    before = found(server, ids=[ITEMS[1].id])
    forged = DataItem.parse(FORGED)
    assert forged.id == ITEMS[1].id
    liar = Bundle.create([forged]).item(BOB)
    upload(server, liar)
    assert found(server, ids=[ITEMS[1].id]) == before
    assert found(server, **{"in": [liar.id]}) == {}
    assert server.get("gateway", f"/{ITEMS[1].id}").content == ITEMS[1].data


def test_bundles_in_bundles_are_data(server: Served) -> None:
    """One level is unpacked: what is in a bundle of a bundle is not there."""
    deep = DataItem.create("deep down", wallet=ALICE)
    inner = Bundle.create([deep]).item(ALICE)
    outer = Bundle.create([inner]).item(BOB)
    upload(server, outer)
    assert found(server, ids=[deep.id, inner.id]) == {inner.id: outer.id}
    assert server.get("gateway", f"/{deep.id}").status_code == 404


def test_more_than_a_thousand_are_data() -> None:
    """So many are unpacked, and one more are not: nor are they read before they are counted."""
    item = bytes(ITEMS[0])
    head = len(item).to_bytes(32, "little") + ITEMS[0].raw_id
    for count in (1000, 1001):
        data = count.to_bytes(32, "little") + head * count + item * count
        made = DataItem.create(data, tags=TAGS, wallet=BOB)
        assert len(unpacked(made)) == (1000 if count == 1000 else 0)


BUNDLE = bytes(Bundle.create(ITEMS))


@given(st.lists(st.tuples(st.integers(0, len(BUNDLE) - 1), st.binary(min_size=1, max_size=40)), max_size=3))
def test_whatever_is_unpacked_is_signed(changes: list[tuple[int, bytes]]) -> None:
    """However the bytes were changed: all of it as its owners signed it, or nothing."""
    data = BUNDLE
    for at, new in changes:
        data = changed(at, new)(data)
    items = unpacked(DataItem.create(data, tags=TAGS, wallet=BOB))
    assert [one.id for one in items if not one.verify()] == []
    assert items == (ITEMS if data == BUNDLE else items)
