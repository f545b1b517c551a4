"""What people call processes and wallets."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.network import Network
from ao_runtime.network.ids import to_id
from ao_runtime.network.labels import Labels

from .programs import alice, spawn

A, B, C = (to_id(sha256(text).digest()) for text in (b"a", b"b", b"c"))


def test_once() -> None:
    """A name is given once; the next ones have numbers."""
    labels = Labels()
    assert [labels.add(address, "token") for address in (A, B, C)] == ["token", "token-2", "token-3"]
    assert [labels.name(address) for address in (A, B, C)] == ["token", "token-2", "token-3"]
    assert [labels.address(name) for name in ("token", "token-2", "token-3", "token-4")] == [A, B, C, None]


def test_kept() -> None:
    """What has a name keeps it."""
    labels = Labels()
    labels.add(A, "one")
    assert labels.add(A, "two") == "one"
    assert labels.address("two") is None


def test_numbered_name_is_taken() -> None:
    """A number that somebody has as a name is passed over."""
    labels = Labels()
    assert [labels.add(A, "x-2"), labels.add(B, "x"), labels.add(C, "x")] == ["x-2", "x", "x-3"]


def test_nobody() -> None:
    """An address without a name is called by its ends; what is no address is itself."""
    labels = Labels()
    assert labels.name(A) == f"{A[:3]}...{A[-3:]}"
    assert labels.name("bob") == "bob"
    assert labels.name("") == ""


def test_looked_up_as_given() -> None:
    """A name is found as it was given, and as people read it; nothing is the name of nobody."""
    labels = Labels()
    labels.add(A, "a\nb")
    labels.add(B, "")
    assert [labels.address(name) for name in ("a\nb", "a⏎b", "process", "", "\x1b[0m")] == [A, A, B, None, None]


def test_forget() -> None:
    """A name that is forgotten is free again."""
    labels = Labels()
    labels.add(A, "x")
    labels.forget(A)
    labels.forget(A)
    assert labels.address("x") is None
    assert labels.add(B, "x") == "x"


def test_near() -> None:
    """A name that is nearly one is found."""
    labels = Labels()
    labels.add(A, "market")
    assert (labels.near("markt"), labels.near("zzz")) == ("market", None)


def test_read_and_put() -> None:
    """`put` gives exactly the names that there were."""
    labels = Labels()
    labels.add(A, "x")
    kept = labels.read()
    labels.add(B, "x")
    labels.put(kept)
    assert labels.read() == {A: "x"}
    assert labels.address("x-2") is None
    assert labels.add(C, "x") == "x-2"


@given(st.lists(st.text(max_size=8), max_size=12))
def test_names_and_addresses(names: list[str]) -> None:
    """Whatever things are called: each has one name, each name one address, and no name can be taken for an id."""
    labels = Labels()
    given_names = [labels.add(to_id(sha256(f"{number}".encode()).digest()), name) for number, name in enumerate(names)]
    assert len(set(given_names)) == len(names)
    for number, name in enumerate(given_names):
        assert labels.name(to_id(sha256(f"{number}".encode()).digest())) == name
        assert labels.address(name) == to_id(sha256(f"{number}".encode()).digest())


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\nb\tc", "a⏎b c"),
        ("\u202eevil", "\\u{202e}evil"),
        ("\0", "\\x00"),
        ("", "process"),
        ("n" * 1000, "n" * 63 + "…"),
    ],
)
def test_hostile_names(name: str, called: str) -> None:
    """Strangers name processes too: a name is one line, shows all that is in it, and is not too long."""
    assert Labels().add(A, name) == called


def test_name_that_is_an_id() -> None:
    """A process that is called as another one's id is not taken for it."""
    net = Network()
    good = spawn(net, "", "good")
    bad = spawn(net, "", "bad", tags={"Name": good.id})
    odd = net.spawn(code="", owner=alice(net), tags={"Name": good.id})
    assert net.process(good.id) == good
    assert net.label(bad.id) == "bad"
    assert odd.name != good.id


def test_many_of_one_name() -> None:
    """Ten thousand of one name take no time."""
    labels = Labels()
    start = time.process_time()
    for number in range(10_000):
        labels.add(f"{number}", "spam")
    assert time.process_time() - start < 1
    assert labels.name("9999") == "spam-10000"
