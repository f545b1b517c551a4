"""What the benchmarks share: times that stand a noisy machine, and one way of printing them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def best(run: Callable[[], object], seconds: float = 1.0) -> float:
    """Seconds for one call of `run`: the best of many short rounds.

    A round is so short (2 ms) that some of them are not interrupted, even where others are busy on the machine.
    """
    start = time.perf_counter()
    run()
    number = max(1, int(0.002 / max(time.perf_counter() - start, 1e-7)))
    times: list[float] = []
    end = time.perf_counter() + seconds
    gc.disable()
    try:
        while time.perf_counter() < end or len(times) < 3:
            start = time.perf_counter()
            for _ in range(number):
                run()
            times.append((time.perf_counter() - start) / number)
    finally:
        gc.enable()
    return min(times)


def row(name: str, value: str, ratio: str = "") -> None:
    """Print one line of figures."""
    print(f"{name:<58} {value:>12} {ratio:>14}")


def micro(seconds: float) -> str:
    """Seconds as microseconds."""
    return f"{seconds * 1e6:.2f} µs"
