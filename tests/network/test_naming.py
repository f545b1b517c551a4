"""Names in place of addresses, and addresses in place of names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Network
from ao_runtime.models import read_message
from ao_runtime.network import addressed, looked_up, named

IDS = [letter * 43 for letter in "abcd"]
NAMES = dict(zip(IDS, ["ann", "bob", "cy", "dan"], strict=True))
VALUES = st.recursive(
    st.none() | st.integers() | st.sampled_from([*IDS, *NAMES.values(), "other", "e" * 43]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*IDS, *NAMES.values(), "key"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_nothing_is_lost(value: Any) -> None:
    """As many keys and items as before, in their order; without any address that has a name nothing changes."""
    shown = named(value, NAMES)

    def shape(one: Any) -> Any:
        if isinstance(one, dict):
            return [shape(item) for item in one.values()]
        return [shape(item) for item in one] if isinstance(one, list) else None

    assert shape(shown) == shape(value)
    assert named(value, {}) == value
    if isinstance(value, dict):
        back = {name: id for id, name in NAMES.items()}
        assert {back.get(key, key) for key in shown} == {back.get(key, key) for key in value}


def test_in_messages() -> None:
    """Values of keys are addresses where somebody is called so; not those of Action and Name, nor of a list of tags."""
    with Network() as net:
        alice, one = net.wallet("alice"), net.spawn(code="X = 1", name="one")
        fields = {
            "From": "@alice",
            "Action": "alice",
            "Name": "one",
            "A": "alice",
            "B": "one",
            "C": "@new",
            "D": "nobody",
            "E": "@",
            "F": "scheduler",
            "Data": "alice",
            "Tags": [{"name": "G", "value": "alice"}],
        }
        told = addressed(net, read_message(fields), tuple(fields))
        new = net.wallet_addresses["new"]
    assert (told["From"], told["Data"]) == ("alice", "alice")
    assert {tag["name"]: tag["value"] for tag in told["Tags"]} == {
        "Action": "alice",
        "Name": "one",
        "A": str(alice),
        "B": one.id,
        "C": new,
        "D": "nobody",
        "E": "@",
        "F": "scheduler",
        "G": "alice",
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Held.alice", 1),
        ("Held['alice']", 1),
        ('Held[ "alice" ]', 1),
        ("Held.@alice", 1),
        ("Held['one.child'].alice", 2),
        ("Held.bob", "text"),
        ("Held.@bob", 3),
        ("alice", "a global"),
        ("Held.carol", None),
        ("Nothing", None),
    ],
)
def test_in_paths(path: str, value: Any) -> None:
    """What is there by that very key comes first, then what is there for the address."""
    with Network() as net:
        net.wallet("alice")
        net.wallet("bob")
        owner = net.spawn(code="alice = 'a global'", name="one.child")
        owner.eval(
            f"Held = {{ ['{net.wallet('alice')}'] = 1, bob = 'text', ['{net.wallet('bob')}'] = 3,"
            f" ['{owner.id}'] = {{ ['{net.wallet('alice')}'] = 2 }} }}"
        ).raise_for_error()
        assert looked_up(net, owner.get, path) == value
