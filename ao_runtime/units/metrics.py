"""What a server counts, as Prometheus reads it. No label ever holds an id: there would be no end of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from threading import Lock

__all__ = ["Metrics"]

#: Upper bounds of the buckets, in seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Requests by unit, route, method and status, and how long they took."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[tuple[str, str, str, int]] = Counter()
        #: By the least bound that holds.
        self._slow: Counter[tuple[str, float]] = Counter()
        self._seconds: Counter[str] = Counter()

    def count(self, unit: str, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        with self._lock:
            self._requests[unit, route, method, status] += 1
            self._seconds[unit] += seconds  # type: ignore[assignment]
            at = bisect_left(_BUCKETS, seconds)
            if at < len(_BUCKETS):
                self._slow[unit, _BUCKETS[at]] += 1

    def text(self, gauges: dict[str, tuple[str, float]]) -> str:
        """All of it in Prometheus's text format; `gauges` are a description and a value for each name."""
        lines = ["# HELP ao_requests_total Requests that were answered.", "# TYPE ao_requests_total counter"]
        with self._lock:
            requests, slow, seconds = sorted(self._requests.items()), Counter(self._slow), Counter(self._seconds)
        totals: Counter[str] = Counter()
        for (unit, route, method, status), number in requests:
            totals[unit] += number
            labels = f'unit="{unit}",route="{route}",method="{method}",status="{status}"'
            lines.append(f"ao_requests_total{{{labels}}} {number}")
        lines.append("# HELP ao_request_seconds How long requests took.")
        lines.append("# TYPE ao_request_seconds histogram")
        for unit, number in sorted(totals.items()):
            within = 0
            for bound in _BUCKETS:
                within += slow[unit, bound]
                lines.append(f'ao_request_seconds_bucket{{unit="{unit}",le="{bound}"}} {within}')
            lines.append(f'ao_request_seconds_bucket{{unit="{unit}",le="+Inf"}} {number}')
            lines.append(f'ao_request_seconds_sum{{unit="{unit}"}} {float(seconds[unit]):.6f}')
            lines.append(f'ao_request_seconds_count{{unit="{unit}"}} {number}')
        for name, (told, value) in gauges.items():
            lines += [f"# HELP {name} {told}", f"# TYPE {name} gauge", f"{name} {value:.15g}"]
        return "\n".join(lines) + "\n"
