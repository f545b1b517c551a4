"""The bot, tested in Python with real ticks: `pytest examples/cron`. `cron_test.lua` are tests in Lua."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.network import Clock, NetworkProcess, NetworkWallet
from ao_runtime.testing import ao_fails, assert_state

Wallets = Callable[[str], NetworkWallet]
TAGS = {"Cron-Interval": "1-minute", "Cron-Tag-Action": "Tick"}
pytestmark = pytest.mark.ao(process="cron.lua", owner="mint", tags=TAGS)


def texts(wallet: NetworkWallet) -> list[str]:
    """What somebody was reminded of."""
    return [str(one.data) for one in wallet.inbox if one.action == "Reminder"]


def test_cron_wakes_it(process: NetworkProcess, wallet: Wallets, clock: Clock) -> None:
    """The clock alone brings reminders, where somebody monitors the process."""
    process.monitor()
    alice = wallet("alice")
    alice.send(process, Action="Remind", Minutes="3", Data="tea is ready")
    clock.advance("2m")
    assert texts(alice) == []
    clock.advance("2m")
    assert texts(alice) == ["tea is ready"]
    assert_state("Reminders", [])


def test_too_long(process: NetworkProcess, wallet: Wallets) -> None:
    """A reminder of a thousand letters is none."""
    with ao_fails("500 letters at most", handler="remind"):
        wallet("alice").send(process, Action="Remind", Minutes="3", Data="x" * 1000)


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), max_size=8))
def test_all_in_order(process: NetworkProcess, wallet: Wallets, clock: Clock, minutes: list[int]) -> None:
    """Whatever is asked for comes, in the order in which it is due."""
    process.monitor()
    alice = wallet("alice")
    for number in minutes:
        alice.send(process, Action="Remind", Minutes=str(number), Data=str(number))
    clock.advance("31m")
    assert texts(alice) == list(map(str, sorted(minutes)))
