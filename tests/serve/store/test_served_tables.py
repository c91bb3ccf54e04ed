from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.serve.store.served_tables import LOOK_UPS, has_personal, served_tables, visible_tables, without_personal
from tests.serve.small_lake import CUSTOMERS, SALES

SERVED = served_tables(Catalog.from_package(tables).values())


def test_all_of_gold_and_no_bronze_is_served():
    gold = {table.qualified_name for table in Catalog.from_package(tables).values() if table.layer == "gold"}

    assert gold <= set(SERVED)
    assert {name.split(".")[0] for name in SERVED} == {"gold", "silver", "ops"}


def test_each_look_up_is_a_table_with_a_key():
    assert [name for name in LOOK_UPS if not SERVED[name].key] == []


def test_personal_columns_are_left_out():
    assert [column.name for column in without_personal(CUSTOMERS).columns if column.personal] == []
    assert has_personal(CUSTOMERS)
    assert not has_personal(SALES)


def test_who_may_see_personal_columns_sees_the_table_as_declared():
    named = {CUSTOMERS.qualified_name: CUSTOMERS}

    assert visible_tables(named, with_personal=True) == named
    assert visible_tables(named, with_personal=False) == {CUSTOMERS.qualified_name: without_personal(CUSTOMERS)}
