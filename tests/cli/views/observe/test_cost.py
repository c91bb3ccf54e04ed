import io

from rich.console import Console

from shoplake.cli.views.observe.cost import CostView
from shoplake.operations.observe.cost_report import Cost


def rendered(view) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    view.render(console)
    return console.file.getvalue().splitlines()


def test_a_table_is_a_line_with_its_price_where_one_is_given():
    lines = rendered(CostView([Cost("silver.events", 1_200, 9.5, 4.25, 2_000_000, 500_000, 0.0123)], "table"))

    assert lines[0].split()[-1] == "price/month"
    assert lines[1].split() == ["silver.events", "1,200", "4.25", "9.50", "2.0", "0.5", "0.0123"]
    assert lines[2] == "1 table: 4.25 CPU seconds, 2.0 MB, 0.0123 a month."


def test_a_small_sum_has_the_unit_that_all_sizes_have():
    view = CostView([Cost("silver.events", 2, 1.0, 0.5, 2_500)], "table")

    assert rendered(view)[2] == "1 table: 0.50 CPU seconds, 2.5 kB."


def test_without_a_price_there_is_no_column_for_it():
    view = CostView([Cost("2026-03-01", 2, 1.0, 0.5, 10)], "day")

    assert "price" not in rendered(view)[0] and rendered(view)[2] == "1 day: 0.50 CPU seconds."
    assert view.to_json()[0]["month_price"] is None
