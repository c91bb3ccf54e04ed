from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sample_tables import CATALOG, daily, totals

from shoplake.declare import KeyFinder, RebuildKeys
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.modes.rebuild_keys import PRUNE_ABOVE_PARTITIONS, changed_keys
from shoplake.engine.write.row_diff import MAX_PARTITIONS_PER_QUERY
from shoplake.engine.write.table_plan import DateRange, FullRefresh, InputRange, Keys, Partitions

KEYS = RebuildKeys(("feed",), {"marks": ("feed",)}, {"totals": KeyFinder(("feed",), lambda rows: rows, ())})
FIRST = date(2026, 3, 1)
YEAR = DateRange(FIRST, FIRST + timedelta(days=364))


def chosen(*changed, before=1, diff=True, days=0, dates=YEAR, touched=None, prune=99, table=daily, catalog=CATALOG):
    """The keys to recompute, where some inputs changed and the table has rows of so many days."""
    reader = SimpleNamespace(
        partitions=lambda table, column: {str(FIRST + timedelta(days=number)) for number in range(days)},
    )
    inputs = SimpleNamespace(
        reader=reader,
        catalog=catalog,
        table=table,
        has_many_changes=lambda name, since: not diff,
        changed_dates=lambda of: dates,
        changed_partitions=lambda ranges: touched,
    )
    ranges = [InputRange(name, Offset(version=before), Offset(version=9)) for name in changed]
    return changed_keys(KEYS, inputs, ranges, prune)


def test_the_keys_of_each_changed_input_are_recomputed_from_its_version_on():
    assert chosen("marks", "totals", before=3) == Keys((("marks", 3), ("totals", 3)))


@pytest.mark.parametrize("given", [{"before": None}, {"diff": False}])
def test_where_changes_are_unknown_or_many_so_are_the_keys(given):
    assert chosen("marks", **given) is None


def test_an_input_without_keys_has_all_of_them_changed():
    assert chosen("marks", "prices") is None


@pytest.mark.parametrize(
    ("given", "is_whole"),
    [
        ({}, True),
        ({"days": PRUNE_ABOVE_PARTITIONS}, False),
        ({"days": PRUNE_ABOVE_PARTITIONS + 1}, True),
        ({"days": 20, "dates": DateRange(FIRST, FIRST + timedelta(days=9))}, True),
        ({"days": 20, "dates": DateRange(FIRST, FIRST + timedelta(days=8))}, False),
        ({"dates": None}, False),
        ({"dates": DateRange(date.max, date.min)}, False),
        ({"dates": DateRange(FIRST, FIRST)}, False),
        ({"table": totals}, False),
        ({"catalog": {**CATALOG, "totals": replace(totals, partition_by=("feed",))}}, False),
    ],
)
def test_a_lookup_that_changed_for_many_days_has_partitions_rebuilt(given, is_whole):
    assert (chosen("totals", **{"days": MAX_PARTITIONS_PER_QUERY + 1} | given) is None) == is_whole


ONE = Partitions(frozenset({str(FIRST)}))


@pytest.mark.parametrize(
    ("changed", "given", "partitions"),
    [
        (("marks",), {}, ONE.values),
        (("marks",), {"touched": FullRefresh()}, None),
        (("marks",), {"days": 2}, None),
        (("marks", "totals"), {}, None),
        (("marks",), {"table": totals}, None),
        (("marks",), {"table": replace(daily, partition_by=("feed", "day"))}, None),
    ],
    ids=["many partitions", "unknown", "few partitions", "an input without days", "no partitions", "other partitions"],
)
def test_only_partitions_that_the_inputs_matter_to_are_read(changed, given, partitions):
    found = chosen(*changed, **{"touched": ONE, "days": 3, "prune": 2} | given)

    assert found.partitions == partitions
