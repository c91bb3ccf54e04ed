import pytest
from peer import table_ratios

compare_tables = table_ratios.compare_tables
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


def test_the_fit_of_value_models_is_left_out_of_the_comparison():
    fit = table_ratios.FITTED_IN_PYTHON
    ours = {"tables": [{"table": fit, "duration_s": 0.25}, *OURS["tables"]]}
    theirs = {"steps": {fit: 80.0} | THEIRS["steps"], "cpu_steps": {fit: 81.0}, "rows": {fit: 1} | THEIRS["rows"]}

    rows = compare_tables(runs(("shoplake", ours), ("duckdb", theirs)))

    assert [row.table for row in rows] == ["gold.a"]
    assert table_ratios.fit_seconds("shoplake", ours) == (0.25, 0.25)
    assert table_ratios.fit_seconds("duckdb", theirs) == (80.0, 81.0)
