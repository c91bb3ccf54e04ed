"""Counts and durations of requests in the text format of Prometheus."""

import os
from bisect import bisect_left
from collections import defaultdict

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The requests of one worker, by route and status."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, int], int] = defaultdict(int)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the template of its path, empty where there is none."""
        self._requests[route, status] += 1
        self._buckets[route][bisect_left(BUCKETS_S, seconds)] += 1
        self._seconds[route] += seconds

    def render(self, generation_age_s: float | None = None) -> str:
        """Return all metrics as text."""
        worker = f'worker="{os.getpid()}"'
        lines = ["# TYPE shoplake_http_requests_total counter"]
        for (route, status), count in sorted(self._requests.items()):
            lines.append(f'shoplake_http_requests_total{{{worker},route="{route}",status="{status}"}} {count}')
        lines.append("# TYPE shoplake_http_request_duration_seconds histogram")
        for route, counts in sorted(self._buckets.items()):
            lines += self._histogram(f'{worker},route="{route}"', counts, self._seconds[route])
        if generation_age_s is not None:
            lines.append("# TYPE shoplake_generation_age_seconds gauge")
            lines.append(f"shoplake_generation_age_seconds{{{worker}}} {generation_age_s:.0f}")
        return "\n".join(lines) + "\n"

    def _histogram(self, labels: str, counts: list[int], seconds: float) -> list[str]:
        name, total, lines = "shoplake_http_request_duration_seconds", 0, []
        for limit, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{{labels},le="{limit}"}} {total}')
        return [*lines, f"{name}_sum{{{labels}}} {seconds:.6f}", f"{name}_count{{{labels}}} {total}"]
