"""What is left out of a message is filled in, always the same."""

from ao_runtime.filling import FIRST_BLOCK_HEIGHT, FIRST_TIMESTAMP, Filling, made_id


def filled(filling: Filling, **wire: object) -> dict[str, object]:
    """The message, filled in."""
    filling.fill(wire)
    return wire


def test_everything() -> None:
    """A message of nothing gets ids, sender, target, module, time and height."""
    assert filled(Filling("P", "owner", "M")) == {
        "Id": made_id("P", 1),
        "From": "owner",
        "Owner": "owner",
        "Target": "P",
        "Module": "M",
        "Timestamp": FIRST_TIMESTAMP,
        "Block-Height": FIRST_BLOCK_HEIGHT,
    }


def test_what_is_given_stays() -> None:
    """Nothing that was given is changed."""
    given = {"Id": "i", "From": "f", "Owner": "o", "Target": "t", "Module": "m", "Timestamp": "5", "Block-Height": 0}
    assert filled(Filling("P", "owner", "M"), **given) == given


def test_sender_and_owner() -> None:
    """From and Owner stand in for one another."""
    filling = Filling("P", "owner", None)
    assert filled(filling, From="bob")["Owner"] == "bob"
    assert filled(filling, Owner="bob")["From"] == "bob"


def test_time_goes_on() -> None:
    """A message is a millisecond after the last one, at its height; digits count as numbers."""
    filling = Filling("P", "owner", None)
    filled(filling, Timestamp="41", **{"Block-Height": 9})
    message = filled(filling)
    assert (message["Timestamp"], message["Block-Height"]) == (42, 9)
    filled(filling, Timestamp="soon")
    assert filled(filling)["Timestamp"] == FIRST_TIMESTAMP


def test_ids() -> None:
    """Made ids have 43 characters, are the same for the same parts, and differ for others."""
    ids = [made_id("P", n) for n in range(50)]
    assert len(set(ids)) == 50
    assert {len(i) for i in ids} == {43}
    assert ids == [made_id("P", n) for n in range(50)]
