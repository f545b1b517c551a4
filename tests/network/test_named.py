"""Processes and wallets stand for their ids, and people read names instead of ids."""

from __future__ import annotations

from ao_runtime.network import Network

ECHO = "Handlers.add('echo', 'Echo', function(msg) ao.send({ Target = msg.Tags.To, Action = 'Said', About = msg.Tags.About }) end)"


def test_in_messages() -> None:
    """Among the values of a message, given as a dict or by names, and among its tags, they are their ids."""
    net = Network()
    alice, bob = net.wallet("alice"), net.wallet("bob")
    echo = net.spawn(code=ECHO, name="echo")
    alice.send(echo, Action="Echo", To=bob, About=echo)
    alice.send(echo, {"Action": "Echo", "To": bob, "About": echo})
    alice.send(echo, {"Tags": {"Action": "Echo", "To": bob, "About": echo}})
    echo.handle({"From": alice, "Action": "Echo", "To": bob, "About": echo})
    assert [(one.from_, one.tags["About"]) for one in bob.inbox] == [(echo.id, echo.id)] * 4
    assert {one.from_ for one in net.messages(to=echo, action="Echo")} == {alice.id}
    (said,) = echo.dry_run({"Action": "Echo", "To": bob, "About": echo}).messages
    assert (said.target, said.tags["About"]) == (bob.id, echo.id)


def test_in_trees() -> None:
    """A tree names them wherever they stand: as receivers, as senders, in tags of what is evaluated and of what is not."""
    net = Network()
    alice, bob = net.wallet("alice"), net.wallet("bob")
    echo = net.spawn(code=ECHO, name="echo")
    sent = alice.send(echo, Action="Echo", To=bob, About=echo)
    assert str(sent.tree).splitlines() == [
        f"[{sent.result.gas_used}] echo.Echo(From=alice, To=bob, About=echo) → 1 message",
        "  ✉ message Said to bob(About=echo)",
    ]
