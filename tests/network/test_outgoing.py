"""The tags of what a messenger delivers: what is remembered of them."""

from __future__ import annotations

from ao_runtime.network import outgoing
from ao_runtime.network.outgoing import message_tags, sender_tail


def test_what_is_remembered_is_small() -> None:
    """Names of any length and number come from processes: only those of usual messages are remembered."""
    tail = sender_tail("p" * 43, b"m")
    before = len(outgoing._kept)
    usual = message_tags((b"Action", b"Ping", b"Type", b"mine"), tail, "x" * 43)
    assert usual[0] == (b"Action", b"Data-Protocol", b"Type", b"From-Process", b"From-Module", b"Pushed-For")
    assert usual[1] == (b"Ping", b"ao", b"Message", b"p" * 43, b"m", b"x" * 43)
    for number in range(20):
        long = message_tags((b"n" * 2000 + b"%d" % number, b"v"), tail, None)
        assert (len(long[0][0]) > 2000, long[1][0]) == (True, b"v")
        many = message_tags((b"%d" % number, b"") * 2000, tail, None)
        assert (len(many[0]), len(many[1])) == (2004, 2004)
    assert len(outgoing._kept) <= before + 1
