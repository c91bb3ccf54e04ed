from shoplake.serve.answers.query.build import build_answer, describe


def test_an_answer_has_version_time_definition_and_units_of_its_table(generation):
    meta = build_answer(generation, "gold.sales_daily", "SELECT orders, net_sales FROM gold.sales_daily").meta

    assert (meta.version, meta.as_of) == (3, generation.as_of)
    assert meta.definition == "One row per feed, day and currency: sales, discounts and returns."
    assert meta.units == {"orders": "orders", "net_sales": "currency"}


def test_compared_columns_have_the_unit_of_what_they_compare(generation):
    rows = generation.query("SELECT 1 AS orders_before, 0.5 AS orders_change")

    assert describe(generation, "gold.sales_daily", rows).units == {
        "orders_before": "orders",
        "orders_change": "share of the value before",
    }


def test_as_many_rows_as_the_limit_are_not_truncated(generation):
    answer = build_answer(generation, "gold.carts", "SELECT unnest([1, 2])", limit=2)

    assert (answer.rows.num_rows, answer.is_truncated) == (2, False)
