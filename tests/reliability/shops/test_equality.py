"""However a shop's files are split into runs, in whatever order and with whatever repeated, the tables are the same."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ..lakes import ANSWERS, content, difference, lake_at, rows, totals, with_all_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..conftest import Shop

QUIET: dict[str, Any] = {
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}
"""Without shrinking: every step of it would build lakes for minutes, and a seed says it all."""
ONE = settings(max_examples=1, derandomize=True, **QUIET)
MANY = settings(max_examples=30, **QUIET)
SEEDS = st.integers(1, 2**32)
QUARANTINES = [table for table in ANSWERS if table.endswith("_quarantine")]
CERTAIN = [table for table in ANSWERS if table not in QUARANTINES]
COUNTED = ("silver/events", "silver/order_lines", "silver/payments")

Arrival = tuple[Path, str]
"""A file, and the name under which it arrives."""


def build(
    folder: Path, arrivals: list[Arrival], *, seed: int, runs: int, kind: str = "zenith", tables: Iterable[str] = ()
) -> Path:
    """A lake that ingested the files run by run: dealt out at random, the older not before the newer."""
    landing, lake = folder / "landing", folder / "lake"
    shuffled = random.Random(seed).sample(arrivals, len(arrivals))
    for number in range(runs):
        for file, name in shuffled[number::runs]:
            target = landing / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        lake_at(lake, landing, kind, tables=tables).run()
    return lake


def arrivals(shop: Shop) -> list[Arrival]:
    return [(file, str(file.relative_to(shop.landing))) for file in shop.files]


def repeats(shop: Shop, seed: int) -> list[Arrival]:
    """Some of the files under another name; copies may come first."""
    files = random.Random(seed).sample(shop.files, 7)
    return [(file, f"{file.parent.name}/again-{file.name}") for file in files]


def check_splits(shop: Shop, seed: int, runs: int) -> None:
    with TemporaryDirectory() as folder:
        lake = build(Path(folder), arrivals(shop), seed=seed, runs=runs, tables=shop.tables)

        assert difference(content(lake, shop.answers()), shop.answers()) == {}
        assert {name: totals(lake, name) for name in COUNTED} == {name: totals(shop.lake, name) for name in COUNTED}


def check_repeats(shop: Shop, seed: int, runs: int) -> None:
    with TemporaryDirectory() as folder:
        lake = build(Path(folder), arrivals(shop) + repeats(shop, seed), seed=seed, runs=runs, tables=shop.tables)

        assert difference(content(lake, CERTAIN), {name: shop.content[name] for name in CERTAIN}) == {}
        for table in QUARANTINES:
            assert set(rows(lake, table, WHERE)) == set(rows(shop.lake, table, WHERE))


WHERE = ("batch_id", "quarantined_at", "file", "line")


@pytest.mark.slow
@ONE
@given(seed=SEEDS, runs=st.just(2))
def test_files_in_any_order_and_any_number_of_runs_give_the_tables_of_one_run(shop: Shop, seed, runs):
    check_splits(shop, seed, runs)


@with_all_tables
@ONE
@given(seed=SEEDS, runs=st.just(2))
def test_files_that_arrive_again_under_another_name_change_no_row(shop: Shop, seed, runs):
    check_repeats(shop, seed, runs)


@with_all_tables
@MANY
@given(seed=SEEDS, runs=st.integers(2, 9))
def test_a_great_many_orders_and_splits_give_the_tables_of_one_run(shop: Shop, seed, runs):
    check_splits(shop, seed, runs)


@with_all_tables
@MANY
@given(seed=SEEDS, runs=st.integers(2, 6))
def test_a_great_many_repeats_change_no_row(shop: Shop, seed, runs):
    check_repeats(shop, seed, runs)
