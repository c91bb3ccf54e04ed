from dataclasses import replace

import pytest
from sample_tables import marks, marks_raw, prices, prices_raw, totals

from shoplake.declare import extend
from shoplake.declare.catalog import Catalog
from shoplake.declare.retention import days_kept, retention_column, retention_days
from shoplake.errors import DeclarationError


def test_a_retention_is_a_number_of_days_by_the_day_that_partitions_the_table():
    kept = replace(marks, keeps="400 days")

    assert (retention_days(kept), retention_days(marks), retention_days(replace(marks, keeps="1 day"))) == (
        400,
        None,
        1,
    )
    assert retention_column(kept).name == "day" and retention_column(marks_raw).name == "ingested_at"


@pytest.mark.parametrize("keeps", ["400", "1 year", "0 days", "-1 days"])
def test_anything_but_a_number_of_days_is_refused(keeps):
    with pytest.raises(DeclarationError, match=f"silver.marks: keeps = '{keeps}' is no number of days"):
        Catalog([marks_raw, replace(marks, keeps=keeps)])


@pytest.mark.parametrize("table", [prices, totals], ids=["by month", "not partitioned"])
def test_a_table_whose_rows_have_no_day_keeps_them(table):
    with pytest.raises(DeclarationError, match="is not partitioned by a day"):
        retention_days(replace(table, keeps="400 days"))


def test_a_project_sets_the_retention_of_a_declared_table():
    catalog = Catalog([marks_raw, prices_raw, marks]).extended((), [extend("silver.marks", keeps="400 days")])

    assert retention_days(catalog["marks"]) == 400


def test_a_bronze_table_keeps_its_rows_as_long_as_the_longest_of_the_tables_made_from_it():
    catalog = Catalog([marks_raw, prices_raw, replace(marks, keeps="400 days"), prices])

    assert days_kept(catalog, catalog["marks"]) == days_kept(catalog, catalog["marks_raw"]) == 400
    assert days_kept(catalog, catalog["prices_raw"]) is None
