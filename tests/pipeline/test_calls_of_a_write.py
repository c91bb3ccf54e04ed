"""What a write of each mode asks of the engine: a small run costs that, and on Spark each call a tenth of a second."""

from __future__ import annotations

from collections import Counter
from threading import local
from typing import Any, NamedTuple

import pytest
from pyspark.sql.connect.client.core import SparkConnectClient
from sample_lake import SampleLake
from sample_tables import CATALOG, copies, mark, price

from shoplake.declare.catalog import Catalog

METHODS = {"_analyze": "analyses", "_execute": "executions", "_execute_and_fetch_as_iterator": "executions"}


class Calls(NamedTuple):
    """Analyses, executions and commits of one table in a run."""

    analyses: int = 0
    executions: int = 0
    commits: int = 0


COLD = {
    "planning": Calls(),
    "bronze.marks_raw": Calls(1, 1, 1),
    "bronze.prices_raw": Calls(1, 1, 1),
    "silver.marks": Calls(1, 4, 1),
    "silver.latest": Calls(1, 4, 1),
    "silver.prices": Calls(4, 5, 1),
    "silver.copies": Calls(1, 1, 1),
    "silver.visits": Calls(1, 1, 1),
    "gold.daily": Calls(1, 1, 1),
    "gold.totals": Calls(1, 1, 1),
}
"""The most calls of a run of two files into an empty lake: what a table's function returns is analysed once."""
WARM = {
    "planning": Calls(),
    "bronze.marks_raw": Calls(1, 1, 1),
    "silver.marks": Calls(1, 5, 1),
    "silver.latest": Calls(1, 5, 1),
    "silver.copies": Calls(0, 1, 1),
    "silver.visits": Calls(1, 5, 1),
    "gold.daily": Calls(0, 1, 1),
    "gold.totals": Calls(0, 1, 1),
}
"""The most calls of a run of one more file."""


class CountingListener:
    """Counts the calls of the engine by the table that the calling thread is at; before a table begins, by none."""

    def __init__(self) -> None:
        self.counts = Counter[tuple[str, str]]()
        self._at = local()

    def started(self, table: str) -> None:
        self._at.table = table

    def finished(self, step: Any) -> None:
        self._at.table = "planning"

    def count(self, call: str) -> None:
        self.counts[getattr(self._at, "table", "planning"), call] += 1


@pytest.fixture(scope="module")
def runs(spark, tmp_path_factory):
    """The calls of each table in a run of two files, and in one of one more file of marks."""
    sample = SampleLake(spark, tmp_path_factory.mktemp("calls"), catalog=Catalog([*CATALOG.ordered, copies]))
    sample.drop("marks/a", mark("a"), mark("b", "2026-03-02T09:00:00Z", n=2), mark("bad", n=-1))
    sample.drop("prices/a", price("ring", "9.00", "2026-03-01T00:00:00Z"))
    cold = calls_of_a_run(sample)
    sample.drop("marks/b", mark("c", "2026-03-02T09:10:00Z"), mark("d", "2026-03-02T10:00:00Z"), mark("c", n=-1))
    return {"cold": cold, "warm": calls_of_a_run(sample)}


def calls_of_a_run(sample: SampleLake) -> dict[str, Calls]:
    """The calls of the tables that a run writes, and those of its planning."""
    listener = CountingListener()
    before = sample.versions() if sample.engine.location(copies).exists() else {}
    with pytest.MonkeyPatch.context() as patch:
        for method, call in METHODS.items():
            patch.setattr(SparkConnectClient, method, counting(getattr(SparkConnectClient, method), call, listener))
        sample.run(listener)
    after = {sample.catalog[name].qualified_name: version for name, version in sample.versions().items()}
    commits = {name: version - before.get(name.partition(".")[2], 0) for name, version in after.items()}
    names = {name for name, count in commits.items() if count} | {"planning"}
    return {
        name: Calls(listener.counts[name, "analyses"], listener.counts[name, "executions"], commits.get(name, 0))
        for name in names
    }


def counting(method: Any, call: str, listener: CountingListener) -> Any:
    def counted(*args: Any, **more: Any) -> Any:
        listener.count(call)
        return method(*args, **more)

    return counted


@pytest.mark.parametrize(("run", "most"), [("cold", COLD), ("warm", WARM)])
def test_a_write_makes_no_more_calls_than_its_mode_needs(runs, run, most):
    assert runs[run].keys() == most.keys()
    over = {
        name: calls
        for name, calls in runs[run].items()
        if any(count > bound for count, bound in zip(calls, most[name], strict=True))
    }
    assert over == {}
