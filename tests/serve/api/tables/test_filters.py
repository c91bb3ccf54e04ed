import pytest

from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.tables.filters import select_rows
from tests.serve.conftest import small_generations
from tests.serve.small_lake import SALES


@pytest.fixture(scope="module")
def days():
    """Returns the days that a selection keeps."""
    generation = small_generations()[0]

    def days(*filters, order=None):
        selection = select_rows(SALES, "sales_date", filters, order)
        return [row["sales_date"].day for row in generation.query(selection.sql, selection.values).to_pylist()]

    return days


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("sales_date:eq:2026-03-02", [2]),
        ("sales_date:ne:2026-03-02", [1, 3]),
        ("net_sales:gte:20.00", [2, 3]),
        ("net_sales:lt:20", [1]),
        ("net_sales:gt:19.999", [2, 3]),
        ("net_sales:eq:20.001", []),
        ("net_sales:in:10.004,20", [2]),
        ("sales_date:in:2026-03-01,2026-03-03", [1, 3]),
        ("note:null:true", [1]),
        ("note:null:false", [2, 3]),
        ("note:eq:' OR 1=1 --", []),
        ("note:eq:a:b", []),
        (" note :null:true", [1]),
    ],
)
def test_a_filter_keeps_the_rows_for_which_it_holds(days, filter, expected):
    assert days(filter) == expected


def test_filters_hold_together(days):
    assert days("net_sales:gt:10", "note:ne:naïve") == [2]


def test_rows_are_sorted_by_order_and_then_by_key(days):
    assert days() == [1, 2, 3]
    assert days(order="net_sales:desc") == [3, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        ({"select": "net_sale"}, "has no column 'net_sale'. Did you mean 'net_sales'"),
        ({"select": '*, "x"'}, "has no column"),
        ({"filters": ["net_sales"]}, "is not column:operator:value"),
        ({"filters": ["net_sales:like:1"]}, "Operators are eq"),
        ({"filters": ["note:null:maybe"]}, "needs true or false"),
        ({"filters": ["1=1;--:eq:1"]}, "has no column"),
        ({"filters": [f"note:in:{',' * 1000}"]}, "at most 1000"),
        ({"order": "net_sales:up"}, "is not column, column:asc or column:desc"),
        ({"order": "(SELECT 1)"}, "has no column"),
    ],
)
def test_what_is_wrong_is_named(arguments, detail):
    with pytest.raises(ProblemError) as raised:
        select_rows(SALES, **arguments)

    assert raised.value.status == 422
    assert detail in raised.value.detail
