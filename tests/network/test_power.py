"""A network in a folder when the power fails: all that was acknowledged is there, whatever the system had not written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Network
from ao_runtime.network import keeping
from ao_runtime.store import Log, log, store

from .passing import CODE

COUNTING = (
    'Handlers.add("Add", "Add", function(m) Sum = (Sum or 0) + m.Data; ao.send({ Target = Other, Data = "x" }) end)'
)


class Disk:
    """What is on the disk of a folder: files as they were when they were waited for, and nothing else."""

    def __init__(self, folder: Path, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._image = folder, image
        self._sync, self._sync_file = store.sync, log._sync_file
        (image / "processes").mkdir(parents=True)
        for module in (store, log, keeping):
            monkeypatch.setattr(module, "sync", self.sync)
        monkeypatch.setattr(log, "_sync_file", self.sync_file)

    def sync(self, file: Path) -> None:
        """A journal is waited for."""
        self._sync(file)
        for end in ("", "-wal"):
            kept = self._image / "processes" / f"{file.name}{end}"
            kept.unlink(missing_ok=True)
            if Path(f"{file}{end}").exists():
                shutil.copyfile(f"{file}{end}", kept)

    def sync_file(self, descriptor: int) -> None:
        """The log is waited for."""
        self._sync_file(descriptor)
        size = os.fstat(descriptor).st_size
        (self._image / "network.log").write_bytes(os.pread(descriptor, size, 0))

    def failed(self) -> Path:
        """The power has failed: the folder as it is found."""
        found = shutil.copytree(self._image, self._image.with_name(f"{self._image.name}-found"))
        shutil.copyfile(self._folder / "network.json", found / "network.json")
        shutil.copytree(self._folder / "stored", found / "stored")
        return found


def told(network: Network) -> dict[str, Any]:
    """All that there is of a network's processes."""
    return {
        process.name: [(one.number, one.item and one.item.id, one.result and one.result.to_dict()) for one in found]
        for process in network.processes
        if (found := process.evaluations)
    }


def add(network: Network) -> None:
    """Three processes, of which two send to each other."""
    first = network.spawn(code=COUNTING, owner="owner", name="first")
    other = network.spawn(code=CODE, owner="owner", name="other")
    first.eval(f'Other = "{other.id}"')
    for number in range(30):
        first.handle(Action="Add", Data=str(number))
        if number == 20:
            network.spawn(code=CODE, owner="owner", name="late")


@pytest.mark.parametrize("size", [16 << 20, 30_000, 5_000], ids=["whole", "begun anew", "begun anew often"])
def test_the_power_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Every message is there, in its order and with its result, once; the journals alone lacked most of them."""
    monkeypatch.setattr(keeping, "Log", partial(Log, size=size))
    disk = Disk(tmp_path / "net", tmp_path / "image", monkeypatch)
    with Network.open(tmp_path / "net") as network:
        add(network)
        image = disk.failed()
        before = told(network)
    monkeypatch.undo()
    with Network.open(shutil.copytree(image, tmp_path / "copy"), write=False) as alone:
        journals = sum(map(len, told(alone).values()))
    with Network.open(image) as network:
        assert told(network) == before
        assert network.pending == []
        assert network.process("first").get("Sum") == sum(range(30))
        assert network.verify().same
    assert not (image / "network.log").exists()
    everything = sum(map(len, before.values()))
    assert journals < everything
    if size > 1 << 20:
        assert journals == 0


def test_it_fails_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was brought back is on the disk before the log begins anew: a failure after that loses nothing either."""
    disk = Disk(tmp_path / "net", tmp_path / "image", monkeypatch)
    with Network.open(tmp_path / "net") as network:
        add(network)
        image = disk.failed()
        before = told(network)
    monkeypatch.undo()
    again = Disk(image, tmp_path / "second", monkeypatch)
    with Network.open(image) as network:
        network.process("first").handle(Action="Add", Data="100")
        second = again.failed()
        after = told(network)
    monkeypatch.undo()
    assert after["first"][: len(before["first"])] == before["first"]
    with Network.open(second) as network:
        assert told(network) == after


@pytest.mark.parametrize("end", [lambda data: data[:-5], lambda data: data + b"\x00" * 5000, lambda data: data[:10]])
def test_the_end_of_the_log_is_torn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Callable[[bytes], bytes]
) -> None:
    """What was being written when it failed, and was acknowledged to nobody, may be there or not; the rest is in order."""
    disk = Disk(tmp_path / "net", tmp_path / "image", monkeypatch)
    with Network.open(tmp_path / "net") as network:
        add(network)
        image = disk.failed()
        before = told(network)
    monkeypatch.undo()
    (image / "network.log").write_bytes(end((image / "network.log").read_bytes()))
    with Network.open(image) as network:
        found = told(network)
        for name, evaluations in found.items():
            assert evaluations[: len(before[name])] == before[name][: len(evaluations)]
        assert network.verify().same
