import pytest

from shoplake.feeds import KINDS
from shoplake.reference.table_pages import kind_list, reference_pages, subject_list, table_index, table_page
from tools.docs.sources import OPS_TABLES


def test_a_tables_page_lists_each_column_and_each_rule(catalog):
    page, table = table_page(catalog, "order_lines"), catalog["order_lines"]

    assert all(f"| `{column.name}` | `{column.type}` |" in page for column in table.columns)
    assert all(f"| `{rule.name}` |" in page for rule in table.expectations)


def test_a_tables_page_links_its_inputs_and_its_readers(catalog):
    page = table_page(catalog, "events")

    assert "| reads | [bronze.events_raw](bronze.events_raw.md) |" in page
    assert "[gold.funnel_daily](gold.funnel_daily.md)" in page.split("| read by |")[1].split("\n")[0]


@pytest.mark.parametrize("name", ["events_raw", "events", "sessions", "customers", "sales_daily"])
def test_a_tables_page_states_its_write_mode(catalog, name):
    assert f"| write mode | {catalog[name].write.describe()} |" in table_page(catalog, name)


def test_the_index_links_every_table(catalog):
    index = table_index(catalog)

    assert all(f"(tables/{table.qualified_name}.md)" in index for table in catalog.values())


def test_the_list_of_subjects_links_each_gold_table_once(catalog):
    subjects = subject_list(catalog, "gold", folder="pages")

    gold = [table.qualified_name for table in catalog.values() if table.layer == "gold"]
    assert all(subjects.count(f"(pages/{name}.md)") == 1 for name in gold)
    assert "| sales | [order_values](pages/gold.order_values.md), " in subjects


def test_every_ops_table_has_a_page(catalog):
    pages = reference_pages(catalog, OPS_TABLES)

    assert {f"tables/ops.{table.name}.md" for table in OPS_TABLES} <= set(pages)


def test_the_list_of_kinds_has_each_kind_with_its_files():
    kinds = kind_list(KINDS)

    assert all(f"| `{name}` |" in kinds for name in KINDS)
    assert all(f"`{stream.pattern}`" in kinds for kind in KINDS.values() for stream in kind.streams)
    assert all(f"]({kind.home})" in kinds for kind in KINDS.values() if kind.home)
