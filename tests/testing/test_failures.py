"""What a failure shows: the Lua line, the message and the tree of what did happen, once, and no frame of ours."""

from __future__ import annotations

import re
from pathlib import Path

from .running import project, run_pytest

TESTS = """\
import pytest
from ao_runtime.testing import *

pytestmark = pytest.mark.ao(process="token.lua", owner="alice")

def send(process, quantity="5"):
    return process.handle(Action="Transfer", Recipient="bob", Quantity=quantity)

def test_sent(process):
    assert_sent(send(process), to="carol", action="Credit-Notice", tags={"Quantity": "5"})

def test_sent_after_error(process):
    assert_sent(send(process, "x"))

def test_nothing_sent(process):
    assert_nothing_sent(send(process))

def test_fails(process):
    with ao_fails("no quantity", line=7, handler="transfer"):
        send(process, "x")

def test_nothing_fails(process):
    with ao_fails("no quantity"):
        send(process)

def test_state(process):
    send(process)
    assert_state("Balances.bob", 6)

def test_waits(process):
    process.handle(Action="Ask")
    assert_waits(Action="Other")

def test_raises(process):
    send(process, "x").raise_for_error()

def test_assert(process):
    send(process)
    ok = False
    assert ok

def test_loads(net):
    net.spawn(code="x = = 1")
"""

SHOWN = {
    "test_sent": """\
>       assert_sent(send(process), to="carol", action="Credit-Notice", tags={"Quantity": "5"})
E       ao_runtime.testing.Unmet: a message with to 'carol', Action 'Credit-Notice', Quantity '5' was not sent
E       the nearest is Credit-Notice to bob(Quantity=5): to is 'bob'
E
E       [I] token.Transfer(From=alice, Recipient=bob, Quantity=5) → 1 message
E         ✗ message Credit-Notice to bob: 'bob' is no address: an address has 43 characters

test_one.py:10: Unmet""",
    "test_sent_after_error": """\
>       assert_sent(send(process, "x"))
E       ao_runtime.testing.Unmet: a message was not sent
E
E       [I] token.Transfer(From=alice, Recipient=bob, Quantity=x) ✗
E         error: no quantity (token.lua:6)
E         6 | local amount = assert(tonumber(msg.Quantity), "no quantity")

test_one.py:13: Unmet""",
    "test_nothing_sent": """\
>       assert_nothing_sent(send(process))
E       ao_runtime.testing.Unmet: expected that nothing is sent, found 1 message
E
E       [I] token.Transfer(From=alice, Recipient=bob, Quantity=5) → 1 message
E         ✗ message Credit-Notice to bob: 'bob' is no address: an address has 43 characters

test_one.py:16: Unmet""",
    "test_fails": """\
>       with ao_fails("no quantity", line=7, handler="transfer"):
E       ao_runtime.testing.Unmet: 'no quantity' failed otherwise: line is 6, expected 7
E
E       [I] token.Transfer(From=alice, Recipient=bob, Quantity=x) ✗
E         error: no quantity (token.lua:6)
E         6 | local amount = assert(tonumber(msg.Quantity), "no quantity")

test_one.py:19: Unmet""",
    "test_nothing_fails": """\
>       with ao_fails("no quantity"):
E       ao_runtime.testing.Unmet: nothing failed, expected 'no quantity'
E
E       [I] token.Transfer(From=alice, Recipient=bob, Quantity=5) → 1 message
E         ✗ message Credit-Notice to bob: 'bob' is no address: an address has 43 characters

test_one.py:23: Unmet""",
    "test_state": """\
>       assert_state("Balances.bob", 6)
E       ao_runtime.testing.Unmet: Balances.bob is 5, expected 6
E
E       [I] token.Transfer(From=alice, Recipient=bob, Quantity=5) → 1 message
E         ✗ message Credit-Notice to bob: 'bob' is no address: an address has 43 characters

test_one.py:28: Unmet""",
    "test_waits": """\
>       assert_waits(Action="Other")
E       ao_runtime.testing.Unmet: nothing waits with Action = Other; these wait: ask for Action = Answer, From = ID
E
E       [I] token.Ask(From=alice)

test_one.py:32: Unmet""",
    "test_raises": """\
>       send(process, "x").raise_for_error()
E       ao_runtime.errors.ProcessError: no quantity
E         token.lua:6, in handler transfer
E
E           5 | Handlers.add("transfer", "Transfer", function(msg)
E         > 6 |   local amount = assert(tonumber(msg.Quantity), "no quantity")
E           7 |   assert(Balances[msg.From] and Balances[msg.From] >= amount, "Insufficient balance")

test_one.py:35: ProcessError""",
    "test_assert": """\
>       assert ok
E       assert False

test_one.py:40: AssertionError
-- what happened in the network --
[I] token.Transfer(From=alice, Recipient=bob, Quantity=5) → 1 message
  ✗ message Credit-Notice to bob: 'bob' is no address: an address has 43 characters""",
    "test_loads": """\
>       net.spawn(code="x = = 1")
E       ao_runtime.errors.LoadError: unexpected symbol near '='
E         aos:1
E
E         > 1 | x = = 1

test_one.py:43: LoadError""",
}


def test_failures(tmp_path: Path) -> None:
    """Whole outputs: of each failure what stands behind the test's own lines."""
    ran = run_pytest(project(tmp_path, test_one__py=TESTS))
    shown = {name: _plain(part[part.index("\n>") + 1 :]) for name, part in ran.failures.items()}
    assert shown == SHOWN
    assert "ao_runtime/" not in ran.out


def _plain(text: str) -> str:
    """Without what changes: numbers of instructions, ids."""
    text = re.sub(r"^(E? *)\[\d+\] ", r"\1[I] ", text, flags=re.MULTILINE)
    text = re.sub(r"^-+ (.+?) -+$", r"-- \1 --", text, flags=re.MULTILINE)
    text = re.sub(r" +$", "", text, flags=re.MULTILINE)
    return re.sub(r"(?<![\w-])[\w-]{43}(?![\w-])", "ID", text)
