import re
from pathlib import Path

import click
import pytest

from shoplake import tables
from shoplake.declare import Feed, FeedKind, Table
from shoplake.declare.catalog import Catalog
from shoplake.deploy import docs
from shoplake.engine.write.schema_check import check_schema
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.tables.silver.order_lines import order_lines

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)")
SALES = "receipt,sold_at,article,pieces,price\n1,2026-03-01 09:30:00,pear,2,0.60\n1,2026-03-01 09:30:00,tea,1,4\n"


@pytest.fixture(scope="module")
def catalog():
    return Catalog.from_package(tables)


@pytest.fixture(scope="module")
def pages():
    return docs.written(ROOT)


def test_every_generated_page_says_what_the_declarations_say(pages):
    stale = [path for path, text in pages.items() if not path.is_file() or path.read_text() != text]

    assert not stale, f"run `make docs`: {', '.join(map(str, stale))}"


def test_no_page_is_left_of_a_table_that_is_gone(pages):
    assert docs.orphans(ROOT, pages) == []


def test_a_page_that_no_table_has_is_an_orphan(tmp_path):
    left, kept = tmp_path / docs.PAGES / "gold.gone.md", tmp_path / docs.PAGES / "gold.here.md"
    left.parent.mkdir(parents=True)
    for path in (left, kept):
        path.touch()

    assert docs.orphans(tmp_path, [kept]) == [left]


def test_the_readme_has_every_generated_block():
    assert set(re.findall(r"<!-- generated: (\w+) -->", (ROOT / "README.md").read_text())) == {"flow", "erd", "gold"}


def test_a_block_is_written_again_and_the_rest_of_the_page_stays():
    page = "before\n<!-- generated: flow -->\nold\n<!-- end -->\nafter\n"

    assert docs.refreshed(page, {"flow": "new"}) == page.replace("old", "new")


def test_a_tables_page_names_each_column_and_each_rule(catalog):
    page, table = docs.table_page(catalog, "order_lines"), catalog["order_lines"]

    assert all(f"| `{column.name}` | `{column.type}` |" in page for column in table.columns)
    assert all(f"| `{rule.name}` |" in page for rule in table.expectations)


def test_a_tables_page_links_what_it_reads_and_what_reads_it(catalog):
    page = docs.table_page(catalog, "events")

    assert "| reads | [bronze.events_raw](bronze.events_raw.md) |" in page
    assert "[gold.funnel_daily](gold.funnel_daily.md)" in page.split("| read by |")[1].split("\n")[0]


def test_every_table_is_in_the_index(catalog):
    index = docs.table_index(catalog)

    assert all(f"(tables/{table.qualified_name}.md)" in index for table in catalog.values())


def test_the_flow_draws_every_read(catalog):
    drawn = docs.flow(catalog, KINDS)

    assert all(f"    {source} --> {table.name}\n" in drawn for table in catalog.values() for source in table.inputs)


def test_the_picture_of_the_tables_joins_them_by_the_ids_of_silver(catalog):
    drawn = docs.erd(catalog)

    assert "customers |o--o{ order_lines : customer_id" in drawn
    assert "customers |o--o| customer_segments : customer_id" in drawn
    assert "order_lines }o--o{ payments : order_id" in drawn


def test_the_trackers_session_id_is_not_taken_for_that_of_a_visit(catalog):
    assert "sessions |o" not in docs.erd(catalog)


def test_the_page_of_the_commands_has_each_commands_help():
    shop = click.Group("shop", help="A shop.", commands=[click.Command("open", help="Open the door.")])

    page = docs.cli_page(shop, "shop")

    assert "## shop\n" in page
    assert "## shop open\n\n```text\nUsage: shop open [OPTIONS]\n\n  Open the door." in page


def test_every_link_between_the_pages_leads_somewhere():
    readers = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} → {link}"
        for page in readers
        for link in LINK.findall(page.read_text())
        if not (page.parent / link).exists()
    ]

    assert broken == []


def test_a_decision_fits_on_a_page():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [path.name for path in decisions if len(path.read_text().splitlines()) > 40] == []


def test_the_example_kind_of_the_feeds_page_runs(tmp_path):
    landing = tmp_path / "stall"
    landing.mkdir()
    (landing / "2026-03-01.csv").write_text(f"{SALES}2,2026-03-01 10:00:00,pear,two,0.60\n")
    kind = example("src/shoplake/feeds/README.md", FeedKind)
    feed = Feed("stall", kind, str(landing), "Europe/London", "GBP")
    lake = Lake(Settings(str(tmp_path / "lake"), (feed,)))

    lake.run()

    [day] = lake.table("gold.sales_daily").collect()
    assert (day.orders, day.units_sold, str(day.net_sales), str(day.sales_date)) == (1, 3, "5.20", "2026-03-01")
    [aside] = lake.table("silver.order_lines_quarantine").collect()
    assert (aside.line, aside.reasons) == (4, ["pieces_fits_type", "quantity_present", "quantity_fits_kind"])


def test_the_example_table_of_the_contributing_page_returns_what_it_declares(some):
    table = example("CONTRIBUTING.md", Table)
    sale = {"feed": "shop", "order_id": "1", "order_date": "2026-03-01", "kind": "sale", "line_class": "goods"}
    piece = {"quantity": 1, "amount": 9.99}

    rows = table(some(order_lines, sale | piece | {"country": "IE"}, sale | piece | {"country": "GB"}))

    check_schema(table, rows.schema)
    assert {row.country: str(row.net_sales) for row in rows.collect()} == {"IE": "9.99", "GB": "9.99"}


def example(page, kind):
    """The value of that type in the page's first Python example."""
    source = re.search(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    names = {"__name__": "example"}
    exec(compile(source[1], page, "exec"), names)
    return next(value for value in names.values() if isinstance(value, kind))
