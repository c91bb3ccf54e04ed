import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.serve.conftest import small_generations

SALES = "/v1/tables/gold.sales_daily"


def test_rows_are_selected_filtered_and_sorted(site):
    query = "select=sales_date,net_sales&filter=net_sales:gte:20&order=sales_date:desc"
    answer = site.get(f"{SALES}?{query}", "analyst").json()

    assert answer["data"] == [
        {"sales_date": "2026-03-03", "net_sales": "30.00"},
        {"sales_date": "2026-03-02", "net_sales": "20.00"},
    ]
    assert (answer["truncated"], answer["next"]) == (False, None)


def test_pages_have_each_row_once(site):
    path, days = f"{SALES}?limit=2&select=sales_date", []
    while path:
        page = site.get(path, "analyst").json()
        days += [row["sales_date"] for row in page["data"]]
        path = page["next"]

    assert days == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_a_cursor_of_a_former_generation_is_gone_and_says_where_to_start(own_site):
    site = own_site()
    next = site.get(f"{SALES}?limit=2", "analyst").json()["next"]
    site.store.generation = small_generations("g2")[0]

    answer = site.get(next, "analyst")

    assert (answer.status_code, answer.json()["restart"]) == (410, f"{SALES}?limit=2")


def test_a_cursor_of_another_query_is_refused(site):
    next = site.get(f"{SALES}?limit=2", "analyst").json()["next"]

    assert site.get(f"{next}&filter=net_sales:gt:0", "analyst").status_code == 422


def test_csv_has_all_rows_with_formulas_neutralised(site):
    lines = site.get(f"{SALES}?format=csv&select=note", "analyst").text.splitlines()

    assert lines == ['"note"', "", '"\'=1+1"', '"naïve"']


@pytest.mark.parametrize(
    ("format", "read"),
    [
        ("parquet", lambda body: pq.read_table(io.BytesIO(body))),
        ("arrow", lambda body: pa.ipc.open_stream(body).read_all()),
    ],
)
def test_typed_formats_keep_decimals_and_dates(site, format, read):
    rows = read(site.get(f"{SALES}?format={format}&order=sales_date", "analyst").content)

    assert rows.schema.field("net_sales").type == pa.decimal128(18, 2)
    assert [day.day for day in rows["sales_date"].to_pylist()] == [1, 2, 3]


@pytest.mark.parametrize(
    "name", ["gold.nothing", "silver.customers", "ops.table_runs", "../../etc", "information_schema.tables"]
)
def test_only_tables_of_gold_are_read(site, name):
    assert site.get(f"/v1/tables/{name}", "admin").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["filter=sales_date:eq:yesterday", "select=email", "filter=email:eq:x", "order=email", "filter=net_sales:eq:1e99"],
)
def test_what_cannot_be_compared_or_seen_is_refused(site, query):
    assert site.get(f"/v1/tables/gold.customer_360?{query}", "analyst").status_code == 422
