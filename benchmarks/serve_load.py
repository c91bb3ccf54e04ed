"""Load on a server: a steady rate without coordinated omission, or as much as some clients get through."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[[bytes], bool]


@dataclass
class LoadResult:
    """Latencies in seconds, statuses, and answers that a check refused."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latencies in milliseconds."""
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int, headers: str) -> None:
        self._port, self._headers = port, headers

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def get(self, path: str, more: str = "") -> tuple[int, bytes, bytes]:
        """Return status, head and body of one answer."""
        self._writer.write(f"GET {path} HTTP/1.1\r\n{self._headers}{more}\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        body = await self._reader.readexactly(int(length or 0))
        return int(head[9:12]), head, body

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()


async def run_steady(
    clients: list[Client], paths: Iterator[str], rate: float, seconds: float, check: Check
) -> LoadResult:
    """Send `rate` requests a second; a latency counts from when its request was due."""
    result, free = LoadResult(seconds), asyncio.Queue[Client]()
    for client in clients:
        free.put_nowait(client)
    began, tasks = time.perf_counter(), []

    async def ask(due: float, path: str) -> None:
        client = await free.get()
        status, _, body = await client.get(path)
        result.latencies.append(time.perf_counter() - due)
        _count(result, status, body, check)
        free.put_nowait(client)

    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(due, next(paths))))
    await asyncio.gather(*tasks)
    return result


async def run_closed(
    clients: list[Client], paths: Iterator[str], seconds: float, check: Check, more: str = ""
) -> LoadResult:
    """Let each client send its next request when it has the answer to the last one."""
    result = LoadResult(seconds)
    until = time.perf_counter() + seconds

    async def ask(client: Client) -> None:
        while (began := time.perf_counter()) < until:
            status, _, body = await client.get(next(paths), more)
            result.latencies.append(time.perf_counter() - began)
            _count(result, status, body, check)

    await asyncio.gather(*(ask(client) for client in clients))
    return result


def is_whole(body: bytes) -> bool:
    """Whether an answer has rows of the version that it says it has."""
    if not body:
        return True
    answer = json.loads(body)
    data, version = answer["data"], answer["meta"]["version"]
    if isinstance(data, dict):
        return bool(data["units"] == (version if data["customer_id"] < "C0020000" else 1))
    return all(row["units_sold"] % version == 0 for row in data)


def alternate(first: Iterator[str], second: Iterator[str], every: int) -> Iterator[str]:
    """Yield from `first`, and each time after `every` - 1 of them one of `second`."""
    for number in itertools.count():
        yield next(second) if number % every == every - 1 else next(first)


def _count(result: LoadResult, status: int, body: bytes, check: Check) -> None:
    result.statuses[status] += 1
    result.refused += not check(body)
