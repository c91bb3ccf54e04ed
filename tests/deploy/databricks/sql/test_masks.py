import re

from shoplake import tables
from shoplake.declare.catalog import Catalog

MASKED = re.compile(r"ALTER TABLE (\w+) ALTER COLUMN (\w+) SET MASK mask_personal")
READ_BACK = {
    *("spend_raw", "categories_raw", "customer_changes_raw", "customers_raw", "events_raw", "exchange_rates_raw"),
    *("orders_raw", "refunds_raw", "product_changes_raw", "products_raw"),
    *("customers", "customers_changelog"),
}
"""Tables with personal columns that runs read at earlier versions."""


def test_personal_columns_are_masked_where_no_run_reads_them_back(statements):
    declared = [each for table in Catalog.from_package(tables).ordered for each in (table, *table.companion_tables)]
    personal = {(table.name, column.name) for table in declared for column in table.columns if column.personal}

    masked = {MASKED.fullmatch(each).groups() for each in statements("masks") if "SET MASK" in each}
    assert masked == {each for each in personal if each[0] not in READ_BACK} | {("last_buyers", "buyer")}


def test_the_file_names_the_tables_that_have_no_mask(bundle):
    head = (bundle / "sql/masks.sql").read_text().partition("\n\n")[0]

    assert set(head.partition("out: ")[2].rstrip(".").split(", ")) == READ_BACK


def test_members_of_the_group_see_the_value_and_nobody_else(statements):
    functions = [each for each in statements("masks") if each.startswith("CREATE")]

    assert len(functions) == 2
    assert all("is_account_group_member('personal_data_readers') THEN value" in each for each in functions)
