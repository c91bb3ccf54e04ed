import json

import pytest


def test_costs_are_summed_up_by_table_and_by_day(shoplake, lake):
    tables = json.loads(shoplake("cost", "--price-per-gb", 0.02, "--config", lake, "--json").stdout)
    days = json.loads(shoplake("cost", "--by", "day", "--config", lake, "--json").stdout)
    wrong = shoplake("cost", "--by", "day", "--price-per-gb", 1, "--config", lake)

    events = next(each for each in tables if each["name"] == "silver.events")
    assert events["cpu_s"] > 0 and events["month_price"] > 0
    assert sum(each["cpu_s"] for each in days) == pytest.approx(sum(each["cpu_s"] for each in tables), abs=1e-6)
    assert wrong.exit_code == 2 and "--price-per-gb is for tables" in wrong.stderr
