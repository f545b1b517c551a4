"""Servers for tests: `ao-run serve` as a process of its own on free ports; and items as clients sign them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any

import httpx

from ao_runtime import Wallet
from ao_runtime.items import DataItem
from ao_runtime.network import AOS
from tests.cli.running import COMMAND, ROOT

__all__ = ["ALICE", "BOB", "Served", "eventually"]

ALICE = Wallet.from_ed25519(b"a" * 32)
BOB = Wallet.from_ed25519(b"b" * 32)
SECONDS = 60


class Served:
    """A running server."""

    def __init__(self, *arguments: str, port: int = 0) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *arguments], stdout=subprocess.PIPE, stderr=self._log, cwd=ROOT
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(SECONDS)
            raise AssertionError(f"the server has ended: {self.log}")
        self.ready: dict[str, Any] = json.loads(line)
        self.urls: dict[str, str] = self.ready["urls"]
        # A router has none.
        addresses = self.ready.get("addresses", {})
        self.scheduler: str = addresses.get("scheduler", "")
        self.messenger: str = addresses.get("messenger", "")
        self.http = httpx.Client(timeout=SECONDS, trust_env=False)

    @property
    def log(self) -> str:
        """What it said on stderr."""
        self._log.seek(0)
        return self._log.read().decode()

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.http.close()
        self.process.send_signal(sign)
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """Stop it if it runs."""
        if self.process.poll() is None:
            self.stop()
        self.http.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()

    # ── what clients ask ───────────────────────────────────────────────────────────────────────────────────────

    def process_item(self, code: str = "", wallet: Wallet = ALICE, tags: Any = (), **more: str) -> DataItem:
        """A process as a client signs it; its code is evaluated at its boot."""
        own = {"Data-Protocol": "ao", "Type": "Process", "Module": AOS, "Scheduler": self.scheduler}
        own |= {"Authority": self.messenger, "On-Boot": "Data", "Variant": "ao.TN.1", **more}
        return DataItem.create(code or " ", tags=[*own.items(), *tags], anchor=os.urandom(32), wallet=wallet)

    def send(self, item: DataItem) -> httpx.Response:
        """An item to the mu."""
        return self.http.post(
            self.urls["mu"], content=bytes(item), headers={"Content-Type": "application/octet-stream"}
        )

    def put(self, item: DataItem | bytes, **query: str) -> httpx.Response:
        """An item, or an assignment by its query, to the su."""
        return self.http.post(self.urls["su"], content=bytes(item), params=query or None)

    def started(self, code: str = "", **more: Any) -> str:
        """A new process, brought to the su; its id."""
        item = self.process_item(code, **more)
        answer = self.put(item)
        assert answer.status_code == 200, answer.text
        return item.id

    def spawn(self, code: str = "", **more: Any) -> str:
        """A new process; its id."""
        item = self.process_item(code, **more)
        answer = self.send(item)
        assert answer.status_code == 202, answer.text
        return item.id

    def message(self, process: str, action: str, data: str | bytes = " ", **tags: str) -> str:
        """A message; its id."""
        item = message(process, data, Action=action, **tags)
        answer = self.send(item)
        assert answer.status_code == 202, answer.text
        return item.id

    def get(self, unit: str, path: str, **query: Any) -> httpx.Response:
        """Ask a unit."""
        return self.http.get(self.urls[unit] + path, params=query or None)

    def result(self, process: str, message: str) -> dict[str, Any]:
        """The result of a message."""
        found = self.get("cu", f"/result/{message}", **{"process-id": process}).json()
        assert isinstance(found, dict)
        return found

    def eval(self, process: str, code: str) -> Any:
        """What Lua code answers."""
        return self.result(process, self.message(process, "Eval", code))["Output"]["data"]

    def graphql(self, query: str, **variables: Any) -> httpx.Response:
        """A query of the gateway."""
        return self.http.post(self.urls["gateway"] + "/graphql", json={"query": query, "variables": variables})


def message(process: str, data: str | bytes = " ", wallet: Wallet = ALICE, **tags: str) -> DataItem:
    """A message as a client signs it, with an anchor of its own."""
    own = {"Data-Protocol": "ao", "Type": "Message", "Variant": "ao.TN.1", **tags}
    return DataItem.create(data, target=process, tags=own, anchor=os.urandom(32), wallet=wallet)


def eventually(wanted: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
