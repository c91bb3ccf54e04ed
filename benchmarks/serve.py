"""Benchmark of the server: latency at a steady rate, also while the store is refreshed, and throughput of 32 clients.

Run with: python benchmarks/serve.py --customers 1000000. The load comes from the same machine; the load average and the
CPU time of the workers for each request are printed beside.
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
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from serve_load import Client, LoadResult, alternate, is_whole, run_closed, run_steady
from serve_store import write_build

from shoplake.serve.keys.key_store import open_keys
from shoplake.settings.serve_settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 8397
RATE, CLIENTS, ROUNDS = 300, 32, 3
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
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "shoplake.toml"
        config.write_text(SETTINGS)
        store = Path(folder) / ".shoplake" / "store"
        write_build(store, options.customers)
        _, secret = open_keys(ServeSettings(folder=str(store.parent))).create("admin")
        server = subprocess.Popen(
            [Path(sys.executable).with_name("shoplake"), "serve", "--config", str(config), "--port", str(PORT)],
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_until_ready()
            asyncio.run(Measurement(server.pid, store, secret, options).run())
        finally:
            server.terminate()
            server.wait(30)


class Measurement:
    """All figures over one server."""

    def __init__(self, pid: int, store: Path, secret: str, options: argparse.Namespace) -> None:
        self._workers, self._store, self._options = _children(pid), store, options
        self._headers = f"Host: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
        self._random = random.Random(7)

    async def run(self) -> None:
        """Measure each figure in rounds and print the best."""
        clients = [Client(PORT, self._headers) for _ in range(CLIENTS)]
        await asyncio.gather(*(client.open() for client in clients))
        seconds = self._options.seconds
        mixed = alternate(self._look_ups(), self._sales(), 5)
        await self._best("steady, 80 % look-ups", lambda: run_steady(clients, mixed, RATE, seconds, is_whole))
        await self._best("steady, refreshing", lambda: self._refreshing(clients, mixed))
        await self._best("look-ups", lambda: run_closed(clients, self._look_ups(), seconds, _any))
        cached = itertools.repeat("/v1/sales?grain=week&feed=shop&since=2024-03-01&until=2024-05-31")
        await clients[0].get(next(cached))
        await self._best("sales, cached", lambda: run_closed(clients, cached, seconds, _any))
        await self._best("sales, not cached", lambda: run_closed(clients, self._sales(unique=True), seconds, _any))
        _, head, _ = await clients[0].get(next(cached))
        etag = head.partition(b"etag: ")[2].split(b"\r\n", 1)[0].decode()
        more = f"If-None-Match: {etag}\r\n"
        await self._best("not modified", lambda: run_closed(clients, cached, seconds, _any, more))
        print(f"memory of a worker: {max(map(_memory_mb, self._workers)):.0f} MB")
        for client in clients:
            client.close()

    async def _best(self, name: str, measure: object) -> None:
        found = []
        for _ in range(self._options.rounds):
            before = sum(map(_cpu_seconds, self._workers))
            result: LoadResult = await measure()  # type: ignore[operator]
            cpu = (sum(map(_cpu_seconds, self._workers)) - before) / len(result.latencies) * 1e6
            found.append((result.percentile(99), cpu, result))
        p99, cpu, result = min(found, key=lambda each: each[0])
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(result.statuses.items()))
        print(
            f"{name}: {result.rate:.0f}/s, p50 {result.percentile(50):.2f} ms, p99 {p99:.2f} ms, "
            f"CPU {cpu:.0f} µs a request, {statuses}; mixed answers: {sum(each.refused for *_, each in found)}; "
            f"load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )

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

    def _sales(self, unique: bool = False) -> Iterator[str]:
        for number in itertools.count():
            start = f"2024-{self._random.randint(1, 9):02d}-{self._random.randint(1, 28):02d}"
            more = f"&n={number}" if unique else ""
            yield f"/v1/sales?grain=week&feed=shop&since={start}&until=2024-12-31{more}"


def _refresh(store: Path, customers: int) -> None:
    os.nice(19)
    while True:
        write_build(store, customers)


def _any(_: bytes) -> bool:
    return True


def _wait_until_ready() -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5).close()
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
