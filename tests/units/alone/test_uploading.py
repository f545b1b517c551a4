"""How what waits goes up: in bundles that are small, and one by one where somebody refuses."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from ao_runtime.items import Bundle, Wallet
from ao_runtime.units.alone.others import Others
from ao_runtime.units.alone.uploading import Upload, Uploading

from ..serving import message
from .gateways import Gateway, gateway

ID = "i" * 42 + "A"
UNIT = Wallet.from_ed25519(b"u" * 32)


def place(number: int, *sizes: int) -> Upload:
    """A place whose items have data of those sizes."""
    return Upload(number, tuple(bytes(message(ID, f"{number}.{at}".ljust(size))) for at, size in enumerate(sizes)))


def upload(url: str, places: list[Upload], seconds: float = 10.0) -> list[int]:
    """Upload until all of it is done, for so long at most; the numbers of what is."""
    waiting = {one.number: one for one in places}

    async def run() -> None:
        done = asyncio.Event()

        async def rest(after: int) -> list[Upload]:
            return [one for number, one in waiting.items() if number > after]

        async def forget(numbers: list[int]) -> None:
            for number in numbers:
                del waiting[number]
            if not waiting:
                done.set()

        async with Others({"uploader": url}, retries=0) as others:
            task = asyncio.get_running_loop().create_task(Uploading(others, UNIT, rest, forget).run())
            await asyncio.wait(
                [task, asyncio.ensure_future(done.wait())], timeout=seconds, return_when="FIRST_COMPLETED"
            )
            task.cancel()

    asyncio.run(run())
    return [one.number for one in places if one.number not in waiting]


def posts(found: Gateway) -> int:
    """How many requests there were."""
    return found.asked.count(("POST", "/tx"))


def test_bundles_are_small() -> None:
    """Less than 100 KiB, but for a place that is larger: a place is never divided. An item alone is itself."""
    with gateway() as found:
        alone = place(0, 1)
        assert upload(found.url, [alone]) == [0]
        assert ([bytes(one) for one in found.uploaded], found.bundles) == ([*alone.items], [])
        places = [place(number, 500, 700) for number in range(1, 100)]
        places[50:50] = [place(1000, 200_000, 10), place(1001, 10, 10)]
        assert upload(found.url, places) == [one.number for one in places]
        assert Counter(bytes(one) for one in found.uploaded[1:]) == Counter(
            item for one in places for item in one.items
        )
        assert sum(one.size > 100 << 10 for one in found.bundles) == 1
        assert len(found.bundles) < 10
        for one in found.bundles:
            assert (one.address, Bundle.inside(one).verify(), len(Bundle.inside(one)) % 2) == (UNIT.address, True, 0)


def test_the_same_bundle_again() -> None:
    """What was acknowledged to nobody goes up again as the same item."""
    with gateway() as found:
        places = [place(number, 10, 10) for number in range(3)]
        for _ in range(2):
            upload(found.url, places)
        assert len({one.id for one in found.bundles}) == 1


@pytest.mark.parametrize("status", [400, 402, 413, 500])
def test_one_that_is_refused(status: int) -> None:
    """The others of its bundle go up each as it is; it is not tried over and over."""
    with gateway() as found:
        found.status = lambda item: status if item.data.strip() == b"2.1" else 200
        places = [place(number, 10, 10) for number in range(5)]
        assert upload(found.url, places, 2.0) == [0, 1, 3, 4]
        assert len(found.bundles) == 4
        assert posts(found) <= 8


@pytest.mark.parametrize("status", [429, 503])
def test_an_uploader_that_is_busy(status: int) -> None:
    """It is not asked once more for each of them."""
    with gateway() as found:
        found.status = lambda item: status
        assert upload(found.url, [place(number, 10, 10) for number in range(40)], 0.9) == []
        assert posts(found) == 1


def test_an_item_that_is_none() -> None:
    """A folder that was damaged keeps back nothing else."""
    with gateway() as found:
        places = [place(0, 10, 10), Upload(1, (b"x" * 500, b"y")), place(2, 10, 10)]
        assert upload(found.url, places, 2.0) == [0, 2]
