"""Rate limits: a token bucket for each key, and one for the failures of each address."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

MAX_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Allowance(NamedTuple):
    """Whether a request may pass, how many more may at once, and in how many seconds the next one may."""

    is_allowed: bool
    remaining: int
    wait_s: int


class TokenBuckets:
    """Buckets by name of `burst` tokens, filled with `rate` tokens a second. The least recently used are forgotten."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str) -> Allowance:
        """Take one token, where there is one."""
        bucket = self._filled(name)
        is_allowed = bucket.tokens >= 1
        bucket.tokens -= is_allowed
        return Allowance(is_allowed, int(bucket.tokens), self._wait_s(bucket))

    def _wait_s(self, bucket: _Bucket) -> int:
        return 0 if bucket.tokens >= 1 else max(1, round((1 - bucket.tokens) / self.rate + 0.5))

    def _filled(self, name: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket(self.burst, now)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(name)
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.rate)
            bucket.at = now
        return bucket
