"""Processes that were ended: they take nothing any more, and keep what they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import Network
from ao_runtime.errors import RefusedError, TerminatedError

CODE = """
Handlers.add("Ping", "Ping", function(msg) msg.reply({ Action = "Pong" }) end)
Handlers.add("Forward", "Forward", function(msg) Send({ Target = msg.Tags.To, Action = "Ping" }) end)
Handlers.add("Cron", "Cron", function(msg) Ticks = (Ticks or 0) + 1 end)
"""
CRON = {"Cron-Interval": "1-minute", "Cron-Tag-Action": "Cron"}


def test_it_takes_nothing(tmp_path: Path) -> None:
    """No message, no assignment, no tick; what others send it is lost, and they go on."""
    with Network() as net:
        ended, other = net.spawn(code=CODE, tags=CRON, name="ended"), net.spawn(code=CODE, name="other")
        sent = other.handle(Action="Ping")
        ended.monitor()
        net.terminate(ended.id)
        count = ended.count, len(ended.evaluations)
        with pytest.raises(TerminatedError, match="was terminated"):
            ended.handle(Action="Ping")
        with pytest.raises(TerminatedError):
            net.assign(sent, ended)
        with pytest.raises(TerminatedError):
            net.messenger.tick_now(ended.id, 0, push=True)
        forwarded = other.handle(Action="Forward", To=ended)
        assert forwarded.ok
        net.clock.advance("5m")
        net.tick()
        assert (ended.count, len(ended.evaluations)) == count
        assert ended.get("Ticks") is None
        assert net.messenger.monitored == {}
        assert other.handle(Action="Ping").ok
        with pytest.raises(RefusedError, match="there is no process"):
            net.terminate("x" * 43)


def test_it_stays_so(tmp_path: Path) -> None:
    """In a folder, in a snapshot and in a fork; an anchor takes it back."""
    with Network() as net:
        process = net.spawn(code=CODE)
        with net.anchor():
            net.terminate(process.id)
        assert process.handle(Action="Ping").ok
        net.terminate(process.id)
        for same in (net.fork(), Network.restore(net.snapshot())):
            assert same.scheduler.terminated == {process.id}
            with pytest.raises(TerminatedError):
                same.process(process.id).handle(Action="Ping")
    with Network.open(tmp_path / "net") as net:
        process = net.spawn(code=CODE)
        net.terminate(process.id)
    with Network.open(tmp_path / "net") as net, pytest.raises(TerminatedError):
        net.process(process.id).handle(Action="Ping")


def test_a_parent_that_has_ended() -> None:
    """A child that it spawned before is there and goes on; the parent never hears of it."""
    with Network(auto=False) as net:
        parent = net.spawn(code='Handlers.add("Make", "Make", function() ao.spawn(ao.env.Module.Id, {}) end)')
        parent.handle(Action="Make")
        net.terminate(parent.id)
        net.run()
        [child] = [one for one in net.processes if one.id != parent.id]
        assert (child.count, parent.count) == (1, 2)
