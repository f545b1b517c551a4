"""Messengers that are alone, for tests: within the test, among strangers, and quick to try again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from ao_runtime import Wallet
from ao_runtime.units.access import Access
from ao_runtime.units.alone import carrying, ticks
from ao_runtime.units.alone.carried import SCHEMA
from ao_runtime.units.alone.database import Database
from ao_runtime.units.alone.messaging import AloneMessaging

from .strangers import Strangers

__all__ = ["count", "idle", "impatient", "messenger", "until"]

WALLET = Wallet.from_ed25519(b"m" * 32)


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts and looks follow each other at once."""
    monkeypatch.setattr(carrying, "_SOON", 0.005)
    monkeypatch.setattr(carrying, "_LATE", 0.02)
    monkeypatch.setattr(ticks, "_POLL", 0.02)


@asynccontextmanager
async def messenger(units: Strangers, file: Path | None = None) -> AsyncIterator[AloneMessaging]:
    """One that runs."""
    database = Database(file, SCHEMA)
    messaging = AloneMessaging(database, WALLET, units.urls, Access(), frozenset())
    task = asyncio.create_task(messaging.run())
    try:
        yield messaging
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        messaging.close()
        database.close()


def count(messaging: AloneMessaging, name: str) -> int:
    """What it counts: pending, delivered, lost."""
    return int(messaging.gauges[f"ao_{name}"][1])


async def until(wanted: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it never came to be"
        await asyncio.sleep(0.005)


async def idle(messaging: AloneMessaging, lost: int = 0) -> None:
    """Nothing is on its way any more, and so much is lost."""
    await until(lambda: count(messaging, "pending") == 0)
    assert count(messaging, "lost") == lost
