import re

import pytest
from reliability.lakes import with_read

from shoplake.declare import Feed, FeedKind, Table
from shoplake.declare.catalog import Catalog
from shoplake.engine.write.schema.schema_check import check_schema
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.tables.silver.orders.order_lines import order_lines
from tools.docs.sources import ROOT

SALES = "receipt,sold_at,article,pieces,price\n1,2026-03-01 09:30:00,pear,2,0.60\n1,2026-03-01 09:30:00,tea,1,4\n"
SALE = {"feed": "shop", "order_id": "1", "order_date": "2026-03-01", "kind": "sale", "line_class": "goods"}


@pytest.fixture(scope="module")
def stall(tmp_path_factory):
    return stall_with("order_lines", tmp_path_factory.mktemp("stall"))


def stall_with(table, folder):
    """A lake of the example's kind with a table and those that it reads, after a run."""
    (folder / "landing").mkdir()
    (folder / "landing/2026-03-01.csv").write_text(f"{SALES}2,2026-03-01 10:00:00,pear,two,0.60\n")
    kind = example("docs/how-to/add-a-feed-kind.md", FeedKind)
    feed = Feed("stall", kind, str(folder / "landing"), "Europe/London", "GBP")
    lake = Lake(Settings(str(folder / "lake"), (feed,)))
    lake.catalog = Catalog(with_read(lake.catalog, (table,)))
    lake.run()
    return lake


@pytest.mark.slow
def test_the_example_feed_kind_fills_the_sales_of_the_day(tmp_path):
    [day] = stall_with("sales_daily", tmp_path).table("gold.sales_daily").collect()

    assert (day.orders, day.units_sold, str(day.net_sales), str(day.sales_date)) == (1, 3, "5.20", "2026-03-01")


def test_the_example_feed_kind_quarantines_a_line_with_every_reason(stall):
    [record] = stall.table("silver.order_lines_quarantine").collect()

    assert (record.line, record.reasons) == (4, ["pieces_fits_type", "quantity_present"])


def test_the_example_table_of_the_contributing_page_returns_what_it_declares(some):
    table = example("CONTRIBUTING.md", Table)
    piece = SALE | {"quantity": 1, "amount": 9.99}

    rows = table(some(order_lines, piece | {"country": "IE"}, piece | {"country": "GB"}))

    check_schema(table, rows.schema)
    assert {row.country: str(row.net_sales) for row in rows.collect()} == {"IE": "9.99", "GB": "9.99"}


def test_the_example_table_of_the_readme_is_a_table_of_its_declared_columns(some):
    table = example("README.md", Table)
    piece = SALE | {"quantity": 1, "amount": 9.99, "country": "IE"}

    rows = table(some(order_lines, piece, piece | {"order_id": "2"}))

    check_schema(table, rows.schema)
    assert [(row.country, row.orders, str(row.net_sales)) for row in rows.collect()] == [("IE", 2, "19.98")]


def example(page, kind):
    """The value of that type in the first Python example of a page that has one."""
    for source in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL):
        if "@table" in source or "FeedKind(" in source:
            names = {"__name__": "example"}
            exec(compile(source, page, "exec"), names)
            return next(value for value in names.values() if isinstance(value, kind))
    raise AssertionError(f"{page} has no example of a {kind.__name__}")
