import re

from shoplake import tables
from shoplake.declare.catalog import Catalog

MASKED = re.compile(r"ALTER TABLE (\w+) ALTER COLUMN (\w+) SET MASK mask_personal")


def test_exactly_the_personal_columns_are_masked(statements):
    declared = [each for table in Catalog.from_package(tables).ordered for each in (table, *table.companion_tables)]
    personal = {(table.name, column.name) for table in declared for column in table.columns if column.personal}

    masked = {MASKED.fullmatch(each).groups() for each in statements("masks") if "SET MASK" in each}
    assert masked == personal | {("last_buyers", "buyer")}


def test_members_of_the_group_see_the_value_and_nobody_else(statements):
    functions = [each for each in statements("masks") if each.startswith("CREATE")]

    assert len(functions) == 3
    assert all("is_account_group_member('personal_data_readers') THEN value" in each for each in functions)
