"""A run of one more day makes no more analyses, executions and commits than it did: they are what a small run costs."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable
from pyspark.sql.connect.client.core import SparkConnectClient

from shoplake.simulate import generate

from .lakes import ANSWERS, lake_at, raw_files

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

METHODS = {"_analyze": "analyses", "_execute": "executions", "_execute_and_fetch_as_iterator": "executions"}
ONE_MORE_DAY = {"analyses": 35, "executions": 120, "commits": 40}
NOTHING_NEW = {"analyses": 0, "executions": 0, "commits": 0}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of all tables to which one more day has been added, after three."""
    landing, later = tmp_path_factory.mktemp("landing"), tmp_path_factory.mktemp("later")
    generate(later, events=800, customers=60, products=30, days=4, seed=6)
    last = max(file.stem[-10:] for file in (later / "events").iterdir())
    for file in raw_files(later):
        if last not in file.name:
            _move(file, later, landing)
    made = lake_at(tmp_path_factory.mktemp("lake") / "lake", landing)
    made.run()
    for file in raw_files(later):
        _move(file, later, landing)
    return made


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The calls of the engine since then."""
    counts = Counter[str]()
    for method, name in METHODS.items():
        monkeypatch.setattr(SparkConnectClient, method, _counting(getattr(SparkConnectClient, method), name, counts))
    return counts


@pytest.mark.slow
def test_one_more_day_and_then_nothing_new_make_few_calls(lake: Lake, calls: Counter[str]):
    for most in (ONE_MORE_DAY, NOTHING_NEW):
        before = _commits(lake)
        calls.clear()
        lake.run()
        made = {**calls, "commits": _commits(lake) - before}
        assert {name: count for name, count in made.items() if count > most[name]} == {}, made


def _move(file: Path, folder: Path, into: Path) -> None:
    target = into / file.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(file, target)


def _counting(method: Any, name: str, counts: Counter[str]) -> Any:
    def call(*args: Any, **more: Any) -> Any:
        counts[name] += 1
        return method(*args, **more)

    return call


def _commits(lake: Lake) -> int:
    """How many commits the silver and gold tables have."""
    return sum(DeltaTable(f"{lake.settings.lake}/{path}").version() for path in ANSWERS)
