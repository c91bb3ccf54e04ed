from shoplake.operations.quality_report.table_sections import costs, lineage, runs, tables


def test_each_table_has_its_rows_and_the_hours_behind_the_last_run(content):
    html = tables(content)

    assert "silver.marks" in html and ">0.0<" in html and "<svg" in html


def test_runs_and_costs_have_bars_of_work(content):
    assert 'width="90.0"' in runs(content) and 'width="90.0"' in costs(content)


def test_inputs_of_a_table_lead_to_their_own_rows(content):
    html = lineage(content)

    assert '<a href="#t-bronze.marks_raw">' in html and 'id="t-bronze.marks_raw"' in html
