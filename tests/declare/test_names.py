import pytest
from sample_tables import CATALOG, daily, marks

from shoplake.declare.names import find_table
from shoplake.errors import UnknownTableError

KNOWN = {table.qualified_name: table for table in (*CATALOG.ordered, marks.quarantine)}


@pytest.mark.parametrize("name", ["gold.daily", "daily"])
def test_a_table_is_found_with_and_without_its_layer(name):
    assert find_table(name, KNOWN) is daily


def test_companions_are_found_too():
    assert find_table("marks_quarantine", KNOWN) is marks.quarantine


@pytest.mark.parametrize(
    ("name", "near"), [("gold.dayly", "gold.daily"), ("dayly", "daily"), ("silver.daily", "gold.daily")]
)
def test_an_unknown_name_is_answered_with_the_nearest_of_its_form(name, near):
    with pytest.raises(UnknownTableError, match=f"^Unknown table '{name}'. Did you mean '{near}'?"):
        find_table(name, KNOWN)
