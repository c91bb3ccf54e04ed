import duckdb
import pytest

from shoplake.declare import Metric, MetricView, Replace, col, table
from shoplake.declare.catalog import Catalog
from shoplake.declare.metric import find_metrics
from shoplake.errors import DeclarationError

MARKS = "(VALUES ('a', 4, 1, true), ('b', 2, NULL, false), ('or', 1, 0, false)) AS marks (who, points, tries, is_bot)"
POINTS = Metric("points", "Points", "All points.", "sum(points)", "points", "up")
COLUMNS = [
    col("feed", "string", "Shop"),
    col("day", "date", "Day"),
    col("points", "bigint", "Points", unit="points"),
    col("is_bot", "boolean", "Whether a bot's"),
]


def marks(view, name="marks"):
    def build():
        """One row per mark."""

    build.__name__ = name
    return table("gold", write=Replace(), columns=COLUMNS, metrics=view)(build)


def measured(value, per="", unit="points", where="", name=str):
    metric = Metric("points", "Points", "All points.", value, unit, "up", per=per)
    return duckdb.sql(f"SELECT {metric.sql(name, where)} FROM {MARKS}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("value", "per", "expected"),
    [
        ("sum(points)", "", 7),
        ("sum(points) - sum(tries)", "", 6),
        ("count(*)", "", 3),
        ("count_if(points > 1)", "", 2),
        ("count_if(tries > 1)", "", 0),
        ("sum(points) - sum(tries)", "count(*)", 2),
        ("sum(points)", "count_if(points > 9)", None),
    ],
)
def test_a_metric_is_sums_and_counts_or_a_ratio_of_them(value, per, expected):
    assert measured(value, per) == expected


def test_a_share_is_no_whole_number():
    assert measured("count_if(points > 1)", "count(*)", "share") == pytest.approx(2 / 3)


def test_rows_that_do_not_count_are_left_out_of_every_aggregate():
    found = [measured(value, where="NOT is_bot") for value in ("sum(points)", "count(*)", "count_if(points > 1)")]

    assert found == [3, 2, 1]


def test_a_column_can_be_spelled_with_its_table_and_a_text_stays():
    spelled = measured("count_if(who = 'or' OR who = 'a')", where="NOT is_bot", name=lambda name: f"marks.{name}")

    assert spelled == 1


@pytest.mark.parametrize("value", ["max(points)", "sum(points) / 2", "points", "sum(points)) FROM x --"])
def test_another_expression_is_refused(value):
    with pytest.raises(DeclarationError, match=r"'points' is '.*Write it with sum"):
        measured(value)


def test_it_can_be_computed_of_columns_that_are_added_up():
    ratio = Metric("rate", "Rate", "Points per try.", "sum(points) - sum(discounts)", "points", "up", per="sum(tries)")

    assert (
        ratio.of_sums(lambda name: f"{name}_before") == "(points_before - discounts_before) / nullif(tries_before, 0)"
    )


def test_a_count_of_rows_is_none_of_sums():
    with pytest.raises(DeclarationError, match="counts rows"):
        Metric("rows", "Rows", "All rows.", "count(*)", "rows", "up").of_sums()


@pytest.mark.parametrize(
    "view", [MetricView("dya", (POINTS,), ("feed",)), MetricView("day", (POINTS,), (), where="is_bto")]
)
def test_an_unknown_column_is_named_with_the_nearest(view):
    with pytest.raises(DeclarationError, match=r"has no column '.*Did you mean '(day|is_bot)'"):
        Catalog([marks(view)])


def test_a_metric_has_one_definition_in_all_tables():
    other = Metric("points", "Points", "All points.", "count(*)", "points", "up")
    tables = [marks(MetricView("day", (POINTS,), ())), marks(MetricView("day", (other,), ()), "others")]

    with pytest.raises(DeclarationError, match=r"'points' is defined in two ways, in gold.marks and in gold.others"):
        Catalog(tables)


def test_it_is_found_once_at_the_table_of_the_fewest_dimensions():
    split, whole = marks(MetricView("day", (POINTS,), ("feed",)), "split"), marks(MetricView("day", (POINTS,), ()))

    assert find_metrics([split, whole]) == [(POINTS, whole)]


def test_two_metrics_of_one_name_in_a_table_are_refused():
    with pytest.raises(DeclarationError, match="declares a metric twice"):
        Catalog([marks(MetricView("day", (POINTS, POINTS), ()))])
