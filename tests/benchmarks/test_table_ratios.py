import pytest
from peer import duckdb_job  # noqa: F401  # puts the folder of the benchmarks on the path
from table_ratios import compare_tables

OURS = {"tables": [{"table": "gold.a", "duration_s": 2.0}, {"table": "gold.only_here", "duration_s": 9.0}]}
THEIRS = {
    "steps": {"gold.helper": 0.5, "gold.a": 0.5, "gold.a_quarantine": 0.25, "gold.b": 1.0},
    "rows": {"gold.a": 1, "gold.a_quarantine": 0, "gold.b": 1},
}


def runs(*systems):
    return [{"system": system, "report": report} for system, report in systems]


def test_a_step_that_prepares_a_table_is_part_of_it():
    [row] = compare_tables(runs(("shoplake", OURS), ("duckdb", THEIRS)))

    assert (row.table, row.shoplake_s, row.duckdb_s, row.ratio) == ("gold.a", 2.0, 1.0, pytest.approx(2.0))


def test_the_best_round_of_each_table_counts():
    faster = {"tables": [{"table": "gold.a", "duration_s": 1.5}]}

    [row] = compare_tables(runs(("shoplake", OURS), ("shoplake", faster), ("duckdb", THEIRS)))

    assert row.ratio == pytest.approx(1.5)


def test_without_the_other_system_there_is_no_ratio():
    assert compare_tables(runs(("shoplake", OURS))) == []
