"""The asserts: what they take for true, and what they say otherwise."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ao_runtime import InputError, Network, Process
from ao_runtime.network import NetworkProcess
from ao_runtime.testing import Unmet, ao_fails, assert_nothing_sent, assert_sent, assert_state, assert_waits

from .running import TOKEN

FORWARD = "Handlers.add('f', 'Credit-Notice', function(m) ao.send({ Target = ao.env.Process.Tags.To, Action = 'Forwarded' }) end)"


@pytest.fixture
def network() -> Network:
    """A token of alice."""
    net = Network()
    net.spawn(code=TOKEN, owner=net.wallet("alice"), tags={"Name": "token"})
    return net


def token(net: Network) -> NetworkProcess:
    """The token."""
    return net.process("token")


def said(check: Any) -> str:
    """The first lines of what an assert says, down to what happened."""
    with pytest.raises(Unmet) as caught:
        check()
    return str(caught.value).split("\n\n")[0]


def test_sent_follows_the_tree(network: Network) -> None:
    """What counts is all that followed from a message, in other processes too."""
    carol = network.wallet("carol")
    shop = network.spawn(code=FORWARD, tags={"To": carol}, name="shop")
    sent = token(network).handle(Action="Transfer", Recipient=shop, Quantity="5")
    assert assert_sent(sent, to=carol, action="Forwarded").from_ == shop.id
    assert assert_sent(sent, from_="token", count=1).target == shop.id
    assert_sent(sent, from_=shop, to="carol", count=1)
    assert_sent(sent, count=2)
    assert_sent(sent, to="dora", count=0)
    assert (
        said(lambda: assert_sent(sent, to="carol", count=2)) == "a message with to 'carol' was sent 1 time, expected 2"
    )
    assert said(lambda: assert_sent(sent, count=0)) == "a message was sent 2 times, expected 0"


def test_sent_by_patterns(network: Network) -> None:
    """Text is compared, patterns are searched for, functions are asked."""
    sent = token(network).eval("ao.send({ Target = 'x', Action = 'Hi', Data = 'some data', Size = '12' })")
    assert_sent(sent, data="some data", tags={"Size": "12"})
    assert_sent(sent, data=re.compile("me d"), tags={"Size": lambda value: value.isdigit()})
    words = said(lambda: assert_sent(sent, data=re.compile("x+"), tags={"Size": str.isalpha, "No": "1"}))
    assert words == ("a message with Data like 'x+', Size that isalpha says yes to, No '1' was not sent")
    assert said(lambda: assert_sent(sent, action="Hi", tags={"No": "1"})) == (
        "a message with Action 'Hi', No '1' was not sent\nthe nearest is Hi to x(Size=12): it has no No"
    )


def test_sent_of_a_single_process() -> None:
    """A result of a process that is in no network has its own messages."""
    process = Process.spawn(code=TOKEN, owner="alice")
    result = process.handle(From="alice", Action="Transfer", Recipient="bob", Quantity="5")
    assert assert_sent(result, to="bob", action="Credit-Notice")["Quantity"] == "5"
    with pytest.raises(Unmet) as caught:
        assert_sent(result, to="carol")
    assert str(caught.value) == (
        "a message with to 'carol' was not sent\n"
        "the nearest is Credit-Notice to bob(Quantity=5): to is 'bob'\n\n✉ Credit-Notice to bob(Quantity=5)"
    )


def test_nothing_sent(network: Network) -> None:
    """Nothing is no message, no spawn and no assignment; a message that failed is no proof of it."""
    process = token(network)
    assert_nothing_sent(process.handle(Action="Hello"))
    assert said(lambda: assert_nothing_sent(process.eval("Spawn('m', {}) Spawn('m', {})"))) == (
        "expected that nothing is sent, found 2 spawns"
    )
    assert said(lambda: assert_nothing_sent(process.eval("error('x')"))) == (
        "nothing was sent, but the message failed (with ao_fails() is for that)"
    )


def test_fails(network: Network) -> None:
    """Text, line, file, handler and limit are those of a failure; the failure is there afterwards."""
    process = token(network)
    with ao_fails("quantity", line=6, handler="transfer", process=process) as failed:
        process.handle(Action="Transfer", Recipient="bob", Quantity="x")
    assert failed.failure is not None
    assert failed.failure.message == "no quantity"
    with ao_fails(limit="instructions", process=network):
        network.spawn(code="", name="other", limits={"instructions": 100_000}).eval("while true do end")
    with ao_fails("no quantity", line=6):
        process.handle(Action="Transfer", Recipient="bob", Quantity="x").raise_for_error()
        raise AssertionError("is not reached")


def test_fails_in_any_process(network: Network) -> None:
    """A failure in a process further down counts, too."""
    shop = network.spawn(code="Handlers.add('c', 'Credit-Notice', function() error('shop is closed') end)", name="shop")
    with ao_fails("shop is closed", handler="c", process=network):
        token(network).handle(Action="Transfer", Recipient=shop, Quantity="5")


def test_fails_otherwise(network: Network) -> None:
    """Other errors, other exceptions and no failure at all are told apart."""
    process = token(network)
    with (
        pytest.raises(Unmet, match=r"^nothing failed, expected 'x', line 3\n\nno message was sent$"),
        ao_fails("x", line=3, process=process),
    ):
        pass
    with pytest.raises(ZeroDivisionError), ao_fails("x", process=process):
        _ = 1 / int(process.handle(Action="Transfer", Recipient="bob", Quantity="x").ok)
    with (
        pytest.raises(Unmet, match=r"^'no quantity' failed otherwise: 'Insufficient' is not in it\n\nno quantity\n"),
        ao_fails("Insufficient"),
    ):
        process.handle(Action="Transfer", Recipient="bob", Quantity="x").raise_for_error()


def test_state(network: Network) -> None:
    """A path, with the names of wallets in place of their addresses; true is not 1."""
    process = token(network)
    process.handle(Action="Transfer", Recipient=network.wallet("bob"), Quantity="5")
    assert_state("Balances.bob", 5, process=process)
    assert_state(f"Balances['{network.wallet('bob')}']", 5, process=process)
    assert_state("Balances.carol", None, process=process)
    process.eval("Flag = true")
    assert_state("Flag", True, process=process)
    assert said(lambda: assert_state("Flag", 1, process=process)) == "Flag is True, expected 1"
    assert said(lambda: assert_state("Nothing", 1, process=process)) == "Nothing is nothing, expected 1"
    with pytest.raises(InputError):
        assert_state("Name.x.y", 1, process=process)


def test_waits(network: Network) -> None:
    """By handler and by what it waits for; gives what waits."""
    process = token(network)
    alice = network.wallet("alice")
    assert said(lambda: assert_waits(process=process)) == "nothing waits"
    process.handle(Action="Ask")
    assert assert_waits(process=process, handler="ask", Action="Answer", From=alice).since == 1
    assert_waits(process=process)
    assert said(lambda: assert_waits(process=process, handler="other")).startswith(
        "nothing waits with handler 'other'; these wait: ask for "
    )


def test_without_a_world() -> None:
    """Outside of a test with a process, what is meant has to be given."""
    for check in (lambda: assert_state("x", 1), assert_waits):
        with pytest.raises(InputError, match="no process is being tested"):
            check()
    with pytest.raises(InputError, match="must be what handle"):
        assert_sent("text")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="is in no network"):
        ao_fails(process=Process.spawn(code="")).__enter__()


def test_what_a_process_writes_is_harmless(network: Network) -> None:
    """Escapes and line ends in what a process sends do not get into the text of a failure."""
    sent = token(network).eval(r"ao.send({ Target = 'x\27[2J', Action = 'A\nE  forged', Tag = '\27]0;title\7' })")
    with pytest.raises(Unmet) as caught:
        assert_sent(sent, action="B")
    text = str(caught.value)
    assert "\x1b" not in text
    assert "\nE  forged" not in text
