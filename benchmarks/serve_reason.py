"""Benchmark of the store's reason: the same look-up and the same sums from the store, from Delta files, and by Sail.

Run with: python benchmarks/serve_reason.py --customers 1000000 --save. All read one Delta table of customers and one of
daily sales, which the store is built of. Milliseconds of wall clock are medians; CPU is of this process alone.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.dataset as ds
from deltalake import DeltaTable, write_deltalake
from report import Finding, save_result
from serve_store import CUSTOMERS, DECLARED, SALES, make_rows, write_build

from shoplake.engine.session import sail
from shoplake.serve.answers.sales import SalesQuery, sales
from shoplake.serve.store.documents import DocumentReader
from shoplake.serve.store.reader import StoreReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SINCE, UNTIL = date(2024, 3, 1), date(2024, 12, 31)
WEEKS = f"""
    SELECT date_trunc('week', sales_date) AS week, sum(net_sales) AS net_sales, sum(orders) AS orders FROM {{}}
    WHERE feed = 'shop' AND currency = 'GBP' AND sales_date BETWEEN DATE '{SINCE}' AND DATE '{UNTIL}' GROUP BY 1
"""
ONE = "SELECT * FROM {} WHERE feed = 'shop' AND customer_id = '{}'"


@dataclass(frozen=True)
class Figure:
    """Medians of one system, in milliseconds."""

    name: str
    look_up: float
    look_up_cpu: float
    sums: float
    sums_cpu: float


class Lookups:
    """Random look-ups and one sum, timed for each system."""

    def __init__(self, folder: Path, customers: int, times: int) -> None:
        self._folder, self._customers, self._times = folder, customers, times
        self._random = random.Random(5)
        self.paths = {name: str(folder / name) for name in (CUSTOMERS, SALES)}

    def write(self) -> None:
        """Write the Delta tables, and the store."""
        for name, rows in make_rows(self._customers, 1).items():
            if name in self.paths:
                write_deltalake(self.paths[name], rows)
        write_build(self._folder / "store", self._customers)

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of each system."""
        store = StoreReader(self._folder / "store", DECLARED.values()).current(with_personal=True)
        documents = DocumentReader(self._folder / "store", 1)
        assert store is not None
        query = SalesQuery(feed="shop", currency="GBP", grain="week", since=SINCE, until=UNTIL)
        yield self._measure(
            "store", lambda key: documents.read(CUSTOMERS, [("shop", key)])[0], lambda: sales(store, query)
        )
        yield self._measure("deltalake, PyArrow dataset", self._by_dataset, self._sums_of_files)
        yield self._measure("DuckDB over the Delta files", self._by_duckdb, self._sums_of_files)
        spark = sail.session()
        customers, days = (f"delta.`{self.paths[name]}`" for name in (CUSTOMERS, SALES))
        yield self._measure(
            "Sail, Spark Connect",
            lambda key: spark.sql(ONE.format(customers, key)).collect(),
            lambda: spark.sql(WEEKS.format(days)).collect(),
        )

    def _by_dataset(self, key: str) -> object:
        is_one = (ds.field("feed") == "shop") & (ds.field("customer_id") == key)
        return DeltaTable(self.paths[CUSTOMERS]).to_pyarrow_dataset().to_table(filter=is_one).to_pylist()

    def _by_duckdb(self, key: str) -> object:
        return duckdb.execute(ONE.format(self._files(CUSTOMERS), key)).fetchall()

    def _sums_of_files(self) -> object:
        return duckdb.execute(WEEKS.format(self._files(SALES))).fetchall()

    def _files(self, name: str) -> str:
        """Return the files of the newest version as DuckDB reads them; the log is read at each question."""
        return f"read_parquet({DeltaTable(self.paths[name]).file_uris()!r})"

    def _measure(self, name: str, look_up: Callable[[str], object], sums: Callable[[], object]) -> Figure:
        def ask() -> object:
            return look_up(f"C{self._random.randrange(self._customers):07d}")

        figure = Figure(name, *self._medians(ask), *self._medians(sums))
        print(figure, flush=True)
        return figure

    def _medians(self, ask: Callable[[], object]) -> tuple[float, float]:
        """Return the medians of wall clock and CPU, after two warm-ups."""
        found = []
        for number in range(self._times + 2):
            began, cpu = time.perf_counter(), time.process_time()
            assert ask()
            if number > 1:
                found.append((time.perf_counter() - began, time.process_time() - cpu))
        wall, cpu_s = (statistics.median(each) * 1000 for each in zip(*found, strict=True))
        return wall, cpu_s


def main() -> None:
    """Measure, print, and save with --save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--save", action="store_true", help="save the figures for docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lookups = Lookups(Path(folder), options.customers, options.times)
        lookups.write()
        figures = list(lookups.figures())
    if not options.save:
        return
    finding = Finding(
        question=f"Why is there a store? {options.customers:,} customers",
        columns=("read from", "look-up ms", "CPU ms", "sums by week ms", "CPU ms"),
        rows=[_cells(each) for each in figures],
        aim="a look-up is at least a hundred times as fast as without a store",
        says="Medians of one caller. The store makes look-ups fast; sums of some hundred days are fast without it.",
    )
    print(save_result("serve-reason", finding, {"figures": [vars(each) for each in figures]}, ("deltalake", "pysail")))


def _cells(figure: Figure) -> list[str]:
    numbers = (figure.look_up, figure.look_up_cpu, figure.sums, figure.sums_cpu)
    return [figure.name, *(f"{each:.3f}" for each in numbers)]


if __name__ == "__main__":
    main()
