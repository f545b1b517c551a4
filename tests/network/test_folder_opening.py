"""`Network.open`: new or there already, the order of processes, what is monitored, and what was interrupted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, LoadError, Network
from ao_runtime.network import waves

COUNT = 'Got = 0 Handlers.add("One", "One", function(msg) Got = Got + 1 end)'
FAN = (
    'Handlers.add("Fan", "Fan", function(msg) for i = 1, 60 do Send({ Target = msg.Tags.To, Action = "One" }) end end)'
)


def test_new_or_not(tmp_path: Path) -> None:
    """`create` insists on one of both, and nothing is made or changed where it is not so."""
    folder = tmp_path / "town"
    with pytest.raises(InputError, match="holds no network"):
        Network.open(folder, create=False)
    assert not folder.exists()
    Network.open(folder, create=True, seed="x").close()
    with pytest.raises(InputError, match="holds a network already"):
        Network.open(folder, create=True)
    with Network.open(folder, create=False) as net:
        assert net.seed == "x"


def test_the_order_of_processes(tmp_path: Path) -> None:
    """It is that in which they came, whichever of them were read since."""
    folder, names = tmp_path / "town", [f"p{number}" for number in range(5)]
    with Network.open(folder) as net:
        for name in names:
            net.spawn(code=COUNT, name=name)
    for which in ("p3", "p0", "p4"):
        with Network.open(folder) as net:
            net.process(which).handle(Action="One")
            assert [process.name for process in net.processes] == names
    (folder / "network.db").unlink()
    with Network.open(folder) as net:
        assert [process.name for process in net.processes] == names
        net.spawn(code=COUNT, name="p5")
        assert [process.name for process in net.processes] == [*names, "p5"]


def test_code_that_fails(tmp_path: Path) -> None:
    """There is no such process, and no journal of it."""
    folder = tmp_path / "town"
    with Network.open(folder) as net:
        with pytest.raises(LoadError):
            net.spawn(code="error('no')", name="bad")
        assert net.processes == []
    assert [*(folder / "processes").iterdir()] == []
    with Network.open(folder) as net:
        assert net.processes == []


def test_monitored_without_an_index(tmp_path: Path) -> None:
    """What is monitored is known after a kill as well, and no tick is delivered twice."""
    folder = tmp_path / "town"
    code = 'Handlers.add("Tick", "Tick", function(msg) Send({ Target = Owner, Action = "Tock" }) end)'
    with Network.open(folder) as net:
        tags = [("Cron-Interval", "1-minute"), ("Cron-Tag-Action", "Tick")]
        net.spawn(code=code, owner="alice", name="clock", tags=tags).monitor()
        net.clock.advance("2m")
        assert len(net.mail("alice")) == 2
    (folder / "network.db").unlink()
    with Network.open(folder) as net:
        assert [net.label(id) for id in net.messenger.monitored] == ["clock"]
        assert (len(net.mail("alice")), net.pending) == (2, [])
        net.clock.advance("1m")
        assert len(net.mail("alice")) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, InputError])
def test_an_index_of_what_is_sure(tmp_path: Path, error: type[Exception]) -> None:
    """After an exception that is not ours the journals are believed, not what is in memory."""
    folder = tmp_path / "town"
    with pytest.raises(error), Network.open(folder):
        raise error("in between")
    assert (folder / "network.db").exists() is (error is InputError)


def test_an_interrupted_wave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being evaluated is finished; all else is on its way still, and is delivered once."""
    times = []

    def wait(jobs: Any) -> Any:
        times.append(len(jobs))
        if len(times) == 1:
            raise KeyboardInterrupt
        return real(jobs)

    real = waves.wait
    monkeypatch.setattr(waves, "wait", wait)
    with Network.open(tmp_path / "town") as net:
        net._waves._threads = ThreadPoolExecutor(1)  # type: ignore[union-attr]
        counters = [net.spawn(code=COUNT + FAN, name=f"p{number}") for number in range(4)]
        net.auto = False
        for counter in counters:
            counters[0].handle(Action="Fan", To=counter)
        with pytest.raises(KeyboardInterrupt):
            net.run()
        assert times == [4, 4]
        got = sum(counter.get("Got") for counter in counters)
        assert 0 < got <= 240
        assert len(net.pending) == 240 - got
        net.run()
        assert [counter.get("Got") for counter in counters] == [60, 60, 60, 60]
