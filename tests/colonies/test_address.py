"""Where a server is: from one URL those of calls and of subscriptions."""

from __future__ import annotations

import pytest

from ao_runtime.colonies import AsyncColonies, Colonies
from ao_runtime.colonies.address import Address
from ao_runtime.errors import InputError


@pytest.mark.parametrize(
    ("url", "api", "pubsub"),
    [
        ("http://localhost:50080/api", "http://localhost:50080/api", "ws://localhost:50080/pubsub"),
        ("http://localhost:50080", "http://localhost:50080/api", "ws://localhost:50080/pubsub"),
        ("https://c.example/", "https://c.example/api", "wss://c.example/pubsub"),
        ("https://c.example/api/", "https://c.example/api", "wss://c.example/pubsub"),
        ("https://c.example/colony/api", "https://c.example/colony/api", "wss://c.example/colony/pubsub"),
        ("http://[::1]:80/api", "http://[::1]:80/api", "ws://[::1]:80/pubsub"),
        ("HTTP://u:p@Host/api", "http://u:p@Host/api", "ws://u:p@Host/pubsub"),
    ],
)
def test_urls(url: str, api: str, pubsub: str) -> None:
    """Same host and port; `/api` may be left out, and may have a path before it."""
    address = Address(url)
    assert (address.api, address.pubsub) == (api, pubsub)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:50080",
        "ws://x/api",
        "http://",
        "http:///api",
        "http://x:y/api",
        "http://[::1",
        None,
        b"http://x",
        5,
    ],
)
def test_what_is_no_url(url: str) -> None:
    """Other schemes, no host, a port that is no number: an InputError that shows one."""
    for kind in (Colonies, AsyncColonies):
        with pytest.raises(InputError) as raised:
            kind(url)
        assert str(raised.value) == "url: is no URL of a server (such as http://localhost:50080/api)"


@pytest.mark.parametrize("url", ["http://x/api?a=1", "http://x/api#a"])
def test_what_is_more_than_a_path(url: str) -> None:
    """Nothing may follow the path."""
    with pytest.raises(InputError, match=r"^url: must end with the path"):
        Address(url)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "30", None])
def test_what_is_no_timeout(timeout: float) -> None:
    """It is a number of seconds above zero."""
    with pytest.raises(InputError, match=r"^timeout: must be seconds, more than 0$"):
        Colonies(timeout=timeout)


def test_what_is_this_machine() -> None:
    """No proxy leads there."""
    here = {host: Address(f"http://{host}/api").is_local() for host in ("localhost", "127.0.0.1", "127.8.0.1", "[::1]")}
    there = {host: Address(f"http://{host}/api").is_local() for host in ("10.0.0.1", "example.com", "localhost.com")}
    assert (set(here.values()), set(there.values())) == ({True}, {False})


def test_passwords_are_not_shown() -> None:
    """A URL may hold a password for a proxy before the server; no client shows it."""
    client = Colonies("http://user:secret@localhost:1/api")
    assert repr(client) == "Colonies('http://localhost:1/api')"
    assert client.url == "http://localhost:1/api"
