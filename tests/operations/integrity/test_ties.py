from dataclasses import replace

import pytest
from deltalake import DeltaTable
from sample_tables import CATALOG, daily, totals

from shoplake import tables
from shoplake.declare import Tie
from shoplake.declare.catalog import Catalog
from shoplake.engine import referenced_tables
from shoplake.operations.integrity.ties import MAX_DIFFERENCES, tie_problems

DAILY = "SELECT feed, day, pieces FROM gold.daily"
MARKS = "SELECT feed, day, n AS pieces FROM silver.marks"
TIE = Tie("pieces are not those of the marks", DAILY, MARKS, keys=("feed", "day"), measures=("pieces",))
EVERY = Catalog.from_package(tables)
TIES = [(table, tie) for table in EVERY.values() for tie in table.ties]


def differences(lake, tie=TIE, catalog=CATALOG):
    declared = catalog.replaced(replace(daily, ties=(tie,)))
    return [(each.table, each.problem) for each in tie_problems(lake.engine, declared)]


def test_equal_totals_are_no_problem(filled):
    assert differences(filled) == []


def test_a_difference_names_the_tie_the_keys_and_the_amount(filled):
    DeltaTable(filled.engine.path(daily)).update({"pieces": "pieces + 1"}, predicate="day = '2026-03-02'")

    assert differences(filled) == [
        ("gold.daily", "pieces are not those of the marks: feed shop, day 2026-03-02: pieces differs by +1")
    ]


def test_rows_of_one_side_alone_are_differences(filled):
    DeltaTable(filled.engine.path(daily)).delete("day = '2026-03-02'")

    [(_, problem)] = differences(filled)

    assert problem.endswith("day 2026-03-02: pieces differs by -1")


def test_a_null_key_is_compared_and_a_null_amount_is_nothing(filled):
    left = "SELECT cast(NULL AS string) AS feed, cast(NULL AS int) AS pieces FROM gold.daily"
    right = "SELECT cast(NULL AS string) AS feed, 0 AS pieces FROM silver.marks"

    assert differences(filled, Tie("differ", left, right, keys=("feed",), measures=("pieces",))) == []


def test_a_hundredth_of_a_cent_is_a_difference(filled):
    left = "SELECT feed, 1.0001 AS amount FROM gold.totals"
    right = "SELECT feed, 1.0000 AS amount FROM gold.totals"

    [(_, problem)] = differences(filled, Tie("differ", left, right, keys=("feed",), measures=("amount",)))

    assert problem == "differ: feed shop: amount differs by +0.0001"


def test_many_differences_are_counted_and_the_first_are_listed(filled):
    left = "SELECT explode(sequence(1, 9)) AS n, 1 AS pieces FROM gold.totals"
    right = "SELECT 1 AS n, 1 AS pieces FROM gold.totals"

    *listed, (_, last) = differences(filled, Tie("differ", left, right, keys=("n",), measures=("pieces",)))

    assert [problem.split(":")[1] for _, problem in listed] == [f" n {n}" for n in range(2, 2 + MAX_DIFFERENCES)]
    assert last == "differ: 3 more differences"


def test_ties_with_tables_that_the_catalog_does_not_have_are_left_out(filled):
    few = Catalog([table for table in CATALOG.values() if table.name != totals.name])
    tie = replace(TIE, left="SELECT feed, day, pieces + 1 AS pieces FROM gold.daily, gold.totals")

    assert differences(filled, tie, few) == []


@pytest.mark.parametrize(("table", "tie"), TIES, ids=lambda each: getattr(each, "name", "").replace(" ", "_"))
def test_each_tie_compares_its_table_with_declared_ones(table, tie):
    known = [each.qualified_name for each in EVERY.values()]

    assert table.qualified_name in referenced_tables(tie.left, known) | referenced_tables(tie.right, known)
