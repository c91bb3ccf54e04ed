"""Load on a server: a steady rate without coordinated omission, or as much as some clients get through."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[[bytes], bool]
    Answer = tuple[int, bytes, bytes]


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

    def count(self, latency: float, answer: Answer, check: Check | None) -> None:
        """Count one answer."""
        self.latencies.append(latency)
        self.statuses[answer[0]] += 1
        self.refused += check is not None and not check(answer[2])


class Client(asyncio.Protocol):
    """One kept-alive connection, with one request at a time. `on_answer` gets status, head and body."""

    def __init__(self, port: int, headers: str) -> None:
        self._port, self._headers = port, headers
        self._buffer, self.on_answer = b"", cast("Callable[[Answer], None]", None)

    async def open(self) -> None:
        """Connect."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)

    def ask(self, path: str, more: str = "") -> None:
        """Send a request."""
        self._transport.write(f"GET {path} HTTP/1.1\r\n{self._headers}{more}\r\n".encode())

    async def get(self, path: str, more: str = "") -> Answer:
        """Return status, head and body of one answer."""
        answer = asyncio.get_running_loop().create_future()
        self.on_answer = answer.set_result
        self.ask(path, more)
        return cast("Answer", await answer)

    def data_received(self, data: bytes) -> None:
        """Give out an answer once it is whole."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if len(body) >= int(length or 0):
            self._buffer = b""
            self.on_answer((int(head[9:12]), head, body))

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()


async def run_steady(
    clients: list[Client], paths: Iterator[str], rate: float, seconds: float, check: Check | None
) -> LoadResult:
    """Send `rate` requests a second; a latency counts from when its request was due."""
    result, free = LoadResult(seconds), asyncio.Queue[Client]()
    for client in clients:
        free.put_nowait(client)
    began, tasks = time.perf_counter(), []

    async def ask(due: float, path: str) -> None:
        client = await free.get()
        answer = await client.get(path)
        result.count(time.perf_counter() - due, answer, check)
        free.put_nowait(client)

    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(due, next(paths))))
    await asyncio.gather(*tasks)
    return result


async def run_closed(clients: list[Client], paths: Iterator[str], seconds: float, more: str = "") -> LoadResult:
    """Let each client send its next request when it has the answer to the last one."""
    result, ended = LoadResult(seconds), [asyncio.get_running_loop().create_future() for _ in clients]
    until = time.perf_counter() + seconds

    def start(client: Client, end: asyncio.Future[None]) -> None:
        began = time.perf_counter()

        def answered(answer: Answer) -> None:
            nonlocal began
            now = time.perf_counter()
            result.count(now - began, answer, None)
            if now < until:
                began = now
                client.ask(next(paths), more)
            else:
                end.set_result(None)

        client.on_answer = answered
        client.ask(next(paths), more)

    for client, end in zip(clients, ended, strict=True):
        start(client, end)
    await asyncio.gather(*ended)
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
