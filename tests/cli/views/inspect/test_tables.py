import json

from shoplake.cli.views.inspect.tables import join_lines


def test_tables_and_describe_need_no_lake(shoplake, tmp_path):
    config = tmp_path / "shoplake.toml"
    shoplake("init", "--config", config)
    listed = json.loads(shoplake("tables", "--config", config, "--json").stdout)
    assert {each["rows"] for each in listed} == {None}
    assert "not built yet" in shoplake("describe", "sales_daily", "--config", config).stdout


def test_tables_lists_the_rows_of_each(shoplake, lake, ground_truth):
    listed = json.loads(shoplake("tables", "--config", lake, "--json").stdout)
    rows = {f"{each['layer']}.{each['name']}": each["rows"] for each in listed}
    assert rows["silver.events"] == ground_truth["events"]
    assert rows["silver.events_quarantine"] == sum(ground_truth["quarantined"]["events"].values())


def test_describe_shows_the_declaration_of_a_table(shoplake, lake):
    output = shoplake("describe", "silver.events", "--config", lake).stdout
    for text in ("feed, event_id", "the first by `event_at`", "event_name IN ('page_view'", "events_raw", "UTC"):
        assert text in output


def test_the_condition_of_a_rule_ends_its_line(shoplake, lake):
    output = shoplake("describe", "silver.events", "--config", lake).stdout
    assert "event_id_present\n    event_id IS NOT NULL\n" in output


def test_describe_of_an_unknown_table_names_the_nearest(shoplake, lake):
    result = shoplake("describe", "gold.sale_daily", "--config", lake)
    assert result.exit_code == 1
    assert "Did you mean 'gold.sales_daily'?" in result.stderr


def test_lines_of_a_paragraph_are_joined_for_the_terminal_to_wrap_and_lists_stay():
    assert join_lines("One row\nper day.\n\n- a\n- b") == "One row per day.\n\n- a\n- b"
