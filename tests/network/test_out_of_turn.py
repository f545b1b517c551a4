"""Ticks out of turn, and messages that the scheduler alone was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Network
from ao_runtime.errors import RefusedError
from tests.network.test_received import message, process

CODE = """
Ticks = {}
Handlers.add("Cron", "Cron", function(msg)
  table.insert(Ticks, msg.Timestamp)
  Send({ Target = ao.id, Action = "Noted" })
end)
"""
CRON = {"Cron-Interval": "1-minute", "Cron-Tag-Action": "Cron"}
STEPS = st.lists(st.one_of(st.integers(1, 200), st.sampled_from(["tick", "quiet", "send"])), min_size=1, max_size=8)


def regular(net: Network, id: str, out_of_turn: set[int]) -> list[int]:
    """When the ticks came that were due."""
    found = [one for one in net.process(id).evaluations if one.tick is not None]
    return [one.timestamp for one in found if one.number not in out_of_turn]


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, monitored=st.booleans())
def test_later_ticks_keep_their_times(steps: list[int | str], monitored: bool) -> None:
    """With ticks out of turn or without, those that are due come at the same times; no two stand at one place."""
    runs = []
    for ticking in (True, False):
        with Network() as net:
            one = net.spawn(code=CODE, tags=CRON)
            if monitored:
                one.monitor()
            extra: set[int] = set()
            for step in steps:
                if isinstance(step, int):
                    net.clock.advance(step)
                elif step == "send":
                    one.handle(Action="Other")
                elif ticking:
                    extra.add(net.messenger.tick_now(one.id, 0, push=False).number)
            net.clock.advance(61)
            net.compute.tick(one.id)
            places = [(found.timestamp, found.nonce) for found in one.evaluations if found.tick is not None]
            assert len(set(places)) == len(places)
            runs.append(regular(net, one.id, extra))
    assert runs[0] == runs[1]


@pytest.mark.parametrize("monitored", [True, False])
def test_what_it_sends_is_delivered_once_or_never(tmp_path: Path, monitored: bool) -> None:
    """As it was asked for, whether the process is monitored or not; also when the folder is read from its journals."""
    with Network.open(tmp_path / "net", auto=False) as net:
        one = net.spawn(code=CODE, tags=CRON)
        if monitored:
            one.monitor()
        net.messenger.tick_now(one.id, 0, push=True)
        net.messenger.tick_now(one.id, 0, push=False)
        assert len(net.pending) == 1
        net.close(index=False)
    with Network.open(tmp_path / "net", auto=False) as net:
        assert [delivery.origin.number for delivery in net.pending] == [1]
        net.run()
        assert net.process(one.id).count == 2
        net.close(index=False)
    with Network.open(tmp_path / "net", auto=False) as net:
        assert net.pending == []
        assert len([found for found in net.process(one.id).evaluations if found.tick is not None]) == 2


def test_an_interval_that_there_is_not() -> None:
    """It is refused; so is a process that there is not."""
    with Network() as net:
        one = net.spawn(code=CODE, tags=CRON)
        for index in (-1, 1):
            with pytest.raises(RefusedError, match="there is no Cron-Interval"):
                net.messenger.tick_now(one.id, index, push=True)
        with pytest.raises(RefusedError, match="there is no process"):
            net.messenger.tick_now("x" * 43, 0, push=True)


def test_what_the_scheduler_alone_was_given(tmp_path: Path) -> None:
    """It is evaluated, and what it sends is never delivered: not now, and not after the folder was read again."""
    send = "Send({ Target = ao.id, Action = 'Note' })"
    with Network.open(tmp_path / "net", signed=True, auto=False) as net:
        item = process(net, send)
        net.receive(item, push=False)
        found = net.receive(message(item.id, send, Action="Eval"), push=False)
        assert found.result is not None
        assert len(found.result.messages) == 1
        assert net.pending == []
        net.close(index=False)
    with Network.open(tmp_path / "net", auto=False) as net:
        assert net.pending == []
        assert net.process(item.id).count == 2
        assert net.verify().same
