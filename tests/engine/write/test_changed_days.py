from dataclasses import replace
from datetime import date

import pytest
from sample_tables import DAY, totals, visits

from shoplake.declare import col
from shoplake.engine.write import table_reader

LISTING = replace(
    totals,
    layer="silver",
    columns=(visits.columns[1], DAY, col("days", "array<date>", "Days that the row matters to")),
    partition_by=("day",),
)
DAY_OF = {1: 1, 2: 1, 5: 2, 6: 2}
"""The day of each row, by the number of the only day that it matters to."""


def rows(*numbers):
    return [
        {"who": str(number), "day": f"2026-03-0{DAY_OF[number]}", "days": [date(2026, 3, number)]} for number in numbers
    ]


@pytest.mark.parametrize(("many", "days"), [(2, {2, 6}), (1, {1, 2, 5, 6})], ids=["few", "many"])
def test_of_many_partitions_the_days_of_all_rows_in_changed_files_are_reported(engine, some, monkeypatch, many, days):
    monkeypatch.setattr(table_reader, "MANY_PARTITIONS", many)
    engine.create_if_missing(LISTING)
    engine.location(LISTING).overwrite(some(LISTING, *rows(1, 2, 5, 6)), ["day"])
    since = engine.version(LISTING)
    engine.location(LISTING).overwrite(some(LISTING, *rows(1, 5)), ["day"])

    dates = engine.changed_dates(LISTING, engine.commit_diff(LISTING, since), "days", "days")

    assert {each.start.day for each in dates} == days
