"""What is left out of a message is filled in, always the same."""

from ao_runtime.state.defaults import FIRST_BLOCK_HEIGHT, FIRST_TIMESTAMP, Defaults, made_id


def filled(defaults: Defaults, **wire: object) -> dict[str, object]:
    """The message, filled in."""
    defaults.fill(wire)
    return wire


def test_everything() -> None:
    """A message of nothing gets ids, sender, target, module, time and height."""
    assert filled(Defaults("P", "owner", "M")) == {
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
    assert filled(Defaults("P", "owner", "M"), **given) == given


def test_sender_and_owner() -> None:
    """From and Owner stand in for one another."""
    defaults = Defaults("P", "owner", None)
    assert filled(defaults, From="bob")["Owner"] == "bob"
    assert filled(defaults, Owner="bob")["From"] == "bob"


def test_time_goes_on() -> None:
    """A message is a millisecond after the last one, at its height; digits count as numbers."""
    defaults = Defaults("P", "owner", None)
    filled(defaults, Timestamp="41", **{"Block-Height": 9})
    message = filled(defaults)
    assert (message["Timestamp"], message["Block-Height"]) == (42, 9)
    filled(defaults, Timestamp="soon")
    assert filled(defaults)["Timestamp"] == FIRST_TIMESTAMP


def test_ids() -> None:
    """Made ids have 43 characters, are the same for the same parts, and differ for others."""
    ids = [made_id("P", n) for n in range(50)]
    assert len(set(ids)) == 50
    assert {len(i) for i in ids} == {43}
    assert ids == [made_id("P", n) for n in range(50)]
