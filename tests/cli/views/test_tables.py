import json


def test_tables_and_show_need_no_lake(shoplake, tmp_path):
    config = tmp_path / "shoplake.toml"
    shoplake("init", "--config", config)
    listed = json.loads(shoplake("tables", "--config", config, "--json").stdout)
    assert {each["rows"] for each in listed} == {None}
    assert "none yet" in shoplake("show", "sales_daily", "--config", config).stdout


def test_tables_says_the_rows_of_each(shoplake, lake, truth):
    listed = json.loads(shoplake("tables", "--config", lake, "--json").stdout)
    rows = {f"{each['layer']}.{each['name']}": each["rows"] for each in listed}
    assert rows["silver.events"] == truth["events"]
    assert rows["silver.events_quarantine"] == sum(truth["quarantined"]["events"].values())


def test_show_says_what_a_table_declares(shoplake, lake):
    shown = shoplake("show", "silver.events", "--config", lake).stdout
    for said in ("feed, event_id", "the earliest by event_at", "event_name IN ('page_view'", "events_raw", "UTC"):
        assert said in shown


def test_show_of_an_unknown_table_says_what_was_meant(shoplake, lake):
    result = shoplake("show", "gold.sale_daily", "--config", lake)
    assert result.exit_code == 1
    assert "Did you mean 'gold.sales_daily'?" in result.stderr
