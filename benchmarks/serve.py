"""Benchmark of the server: latency at a steady rate, also while the store is refreshed, and throughput of 32 clients.

Run with: python benchmarks/serve.py --customers 1000000 --save. The load comes from the same machine and is warmed up;
the load average and the CPU time of the workers for each request are beside each figure, which is the best of three.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from report import Finding, save_result
from serve_load import Client, LoadResult, alternate, is_whole, run_closed, run_steady
from serve_store import DAYS, write_build

from shoplake.serve.keys.key_store import open_keys
from shoplake.settings.serve_settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

PORT = 8397
RATE, CLIENTS, ROUNDS, WARM_UP_S = 300, 32, 3, 5
LOOK_UP, PLAIN_LOOK_UP, HELLO = "look-ups", "plainest FastAPI: look-ups", "plainest FastAPI: a fixed answer"
PEER = Path(__file__).with_name("serve_peer.py")
SETTINGS = """
[serve]
requests_per_second = 1000000
refresh_interval_s = 1000000
[feeds.shop]
kind = "zenith"
path = "landing"
timezone = "Europe/London"
currency = "GBP"
"""


def main() -> None:
    """Measure, and print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--save", action="store_true", help="save the figures for docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "shoplake.toml"
        config.write_text(SETTINGS)
        settings = ServeSettings(folder=str(Path(folder).resolve() / ".shoplake"))
        store = settings.store_folder(str(Path(folder).resolve() / "lake"))
        write_build(store, options.customers)
        _, secret = open_keys(settings).create("admin")
        command = [
            str(Path(sys.executable).with_name("shoplake")),
            "serve",
            "--config",
            str(config),
            "--port",
            str(PORT),
        ]
        with _running(command, f"{PORT}/readyz") as server:
            measurement = Measurement(server, store, secret, options)
            asyncio.run(measurement.run())
        with _running([sys.executable, str(PEER), str(store), str(PORT)], f"{PORT}/hello") as peer:
            asyncio.run(measurement.run_peer(peer))
    if options.save:
        _save(measurement, options)


def _save(measurement: Measurement, options: argparse.Namespace) -> None:
    finding = Finding(
        question=f"How fast does the server answer? {options.customers:,} customers",
        columns=("load", "answers a second", "p50 ms", "p99 ms", "CPU µs an answer", "errors", "load average"),
        rows=[each.cells() for each in measurement.figures],
        aim="at 300 a second p50 at most 2 ms and p99 at most 10 ms, three times that while the store is refreshed; "
        "32 clients: 5,000 look-ups at 150 µs, 2,000 cached and 500 uncached sales, 8,000 times 304; 250 MB a worker",
        says=f"One worker, whose memory is {measurement.memory_mb:.0f} MB; the load generator runs on the same cores. "
        f"A look-up costs {measurement.ratio(PLAIN_LOOK_UP):.2f} times the CPU of that in the plainest FastAPI "
        f"application, which has no keys, limits and audit, and {measurement.ratio(HELLO):.2f} times that of its "
        "fixed answer. "
        "Where the load average is above the number of cores, times are those of a busy machine and CPU is the figure.",
    )
    figures = {"figures": [vars(each) for each in measurement.figures], "memory_mb": measurement.memory_mb}
    print(save_result("serve", finding, figures, ("shoplake", "fastapi", "granian", "duckdb")))


@dataclass(frozen=True)
class Figure:
    """The best round of one load. `refused` answers were of no single generation; times in ms, CPU in µs."""

    name: str
    rate: float
    p50: float
    p99: float
    cpu: float
    errors: int
    refused: int
    load: float

    def cells(self) -> list[str]:
        """Return the cells of a row."""
        numbers = (f"{self.rate:,.0f}", f"{self.p50:.2f}", f"{self.p99:.2f}", f"{self.cpu:.0f}")
        return [self.name, *numbers, f"{self.errors + self.refused}", f"{self.load:.1f}"]


class Measurement:
    """All figures over one server."""

    def __init__(self, pid: int, store: Path, secret: str, options: argparse.Namespace) -> None:
        self._workers, self._store, self._options = _children(pid), store, options
        self._headers = f"Host: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
        self._random, self.figures, self.memory_mb = random.Random(7), list[Figure](), 0.0

    async def run(self) -> None:
        """Measure each figure in rounds and print the best."""
        clients = [Client(PORT, self._headers) for _ in range(CLIENTS)]
        await asyncio.gather(*(client.open() for client in clients))
        seconds, mixed = self._options.seconds, alternate(self._look_ups(), self._sales(), 5)
        await run_steady(clients, mixed, RATE, WARM_UP_S, None)
        await self._best("steady 300/s, 80 % look-ups", lambda: run_steady(clients, mixed, RATE, seconds, is_whole))
        await self._best("the same while refreshing", lambda: self._refreshing(clients, mixed))
        await self._best(LOOK_UP, lambda: run_closed(clients, self._look_ups(), seconds))
        cached = itertools.repeat("/v1/sales?grain=week&feed=shop&since=2024-03-01&until=2024-05-31")
        _, head, _ = await clients[0].get(next(cached))
        await self._best("sales, cached", lambda: run_closed(clients, cached, seconds))
        await self._best("sales, not cached", lambda: run_closed(clients, self._sales(), seconds))
        etag = head.partition(b"etag: ")[2].split(b"\r\n", 1)[0].decode()
        more = f"If-None-Match: {etag}\r\n"
        await self._best("not modified", lambda: run_closed(clients, cached, seconds, more))
        self.memory_mb = max(map(_memory_mb, self._workers))
        print(f"memory of a worker: {self.memory_mb:.0f} MB")
        for client in clients:
            client.close()

    async def run_peer(self, pid: int) -> None:
        """Measure the peer with the same clients."""
        self._workers, seconds = _children(pid), self._options.seconds
        clients = [Client(PORT, "Host: 127.0.0.1\r\n") for _ in range(CLIENTS)]
        await asyncio.gather(*(client.open() for client in clients))
        plain = (path.replace("/v1", "").replace("/360", "") for path in self._look_ups())
        await run_closed(clients, plain, WARM_UP_S)
        await self._best(PLAIN_LOOK_UP, lambda: run_closed(clients, plain, seconds))
        await self._best(HELLO, lambda: run_closed(clients, itertools.repeat("/hello"), seconds))
        for client in clients:
            client.close()

    def ratio(self, name: str) -> float:
        """Return how many times the CPU of another figure a look-up costs."""
        cpu = {each.name: each.cpu for each in self.figures}
        return cpu[LOOK_UP] / cpu[name]

    async def _best(self, name: str, measure: Callable[[], Awaitable[LoadResult]]) -> None:
        found = []
        for _ in range(self._options.rounds):
            before = sum(map(_cpu_seconds, self._workers))
            result = await measure()
            cpu = (sum(map(_cpu_seconds, self._workers)) - before) / len(result.latencies) * 1e6
            errors = sum(count for status, count in result.statuses.items() if status >= 400)
            times = (result.percentile(50), result.percentile(99))
            found.append(Figure(name, result.rate, *times, cpu, errors, result.refused, os.getloadavg()[0]))
        best = min(found, key=lambda each: (each.p99, each.cpu))
        errors, refused = sum(each.errors for each in found), sum(each.refused for each in found)
        self.figures.append(replace(best, errors=errors, refused=refused))
        print(self.figures[-1], flush=True)

    async def _refreshing(self, clients: list[Client], paths: Iterator[str]) -> LoadResult:
        """Measure at a steady rate while another process builds again and again."""
        build = get_context("spawn").Process(target=_refresh, args=(self._store, self._options.customers))
        build.start()
        try:
            return await run_steady(clients, paths, RATE, self._options.seconds, is_whole)
        finally:
            build.terminate()
            build.join()

    def _look_ups(self) -> Iterator[str]:
        while True:
            yield f"/v1/customers/C{self._random.randrange(self._options.customers):07d}/360?feed=shop"

    def _sales(self) -> Iterator[str]:
        while True:
            first, last = sorted(self._random.sample(range(DAYS), 2))
            days = [(date(2024, 1, 1) + timedelta(number)).isoformat() for number in (first, last)]
            yield f"/v1/sales?grain=week&feed=shop&since={days[0]}&until={days[1]}"


def _refresh(store: Path, customers: int) -> None:
    os.nice(19)
    while True:
        write_build(store, customers)


@contextmanager
def _running(command: Sequence[str], ready: str) -> Iterator[int]:
    """Run a server, and yield its process id once it answers at a port and path."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(ready)
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_ready(address: str) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{address}", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server is not ready after 180 s.")


def _children(pid: int) -> list[int]:
    """Return the workers of a server: its child processes that listen."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in found}
    return [child for child, command in commands.items() if b"spawn_main" in command]


def _cpu_seconds(pid: int) -> float:
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
