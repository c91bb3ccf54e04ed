import pytest
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import mark, marks, price, prices

from shoplake.declare.catalog import Catalog
from shoplake.errors import KeyNotFoundError
from shoplake.operations.quarantine.records import (
    RecordFilter,
    UnknownReasonError,
    check_selection,
    find_records,
    select_records,
    summarise,
)


@pytest.fixture(scope="module")
def sample(spark, tmp_path_factory):
    made = SampleLake(spark, tmp_path_factory.mktemp("records"))
    made.drop("marks/1", mark("a"), mark("b", n=0), mark("c", n="x"))
    made.run()
    made.drop("marks/2", mark("b", n=3))
    made.drop("prices/1", price("pen", "cheap", "2026-03-01T09:00:00Z"))
    made.run()
    return made


def keys(sample, selection):
    return [row["record_key"] for row in select_records(sample.engine, marks, selection)]


def test_records_are_selected_by_reason_and_state(sample):
    assert keys(sample, RecordFilter()) == ['{"id":"c"}']
    assert keys(sample, RecordFilter(state=None)) == ['{"id":"b"}', '{"id":"c"}']
    assert keys(sample, RecordFilter("n_positive", "superseded")) == ['{"id":"b"}']
    assert keys(sample, RecordFilter("n_fits_type", "superseded")) == []


def test_open_records_are_counted_by_table_and_reason(sample):
    rows = summarise(sample.engine, sample.catalog.ordered, RecordFilter())

    counts = {(row["table"], row["reason"]): row["records"] for row in rows}
    assert counts["silver.marks", "n_fits_type"] == 1
    assert counts["silver.prices", "price_fits_type"] == 1


def test_a_record_is_found_in_every_table_that_has_it(sample):
    [row] = select_records(sample.engine, marks, RecordFilter())
    found = find_records(sample.engine, sample.catalog.ordered, [row["record_id"]])

    assert {table.name for table in found} == {"marks", "latest"}
    assert prices not in found


def test_a_record_of_several_bad_rows_is_one_with_the_reasons_of_all(spark, tmp_path):
    lake = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    lake.drop("receipts/1", receipt("x", 1, 0, 0, "many"))
    lake.run()

    [record] = select_records(lake.engine, receipts, RecordFilter())

    assert record["reasons"] == ["n_present", "n_positive"] or record["reasons"] == ["n_positive", "n_present"]


def test_an_unknown_record_is_an_error_that_names_some_that_there_are(sample):
    [row] = select_records(sample.engine, marks, RecordFilter())

    with pytest.raises(KeyNotFoundError, match=f"no record_id '0123456789abcdef'. .*{row['record_id']}"):
        find_records(sample.engine, sample.catalog.ordered, ["0123456789abcdef"])
    assert find_records(sample.engine, sample.catalog.ordered, ["0123456789abcdef"], gone=["0123456789abcdef"]) == {}


def test_no_ids_find_no_records(sample):
    assert find_records(sample.engine, sample.catalog.ordered, []) == {}


def test_a_misspelled_reason_is_an_error_and_a_rule_without_records_is_none(sample):
    check_selection(sample.engine, marks, RecordFilter("n_fits_type"))
    check_selection(sample.engine, marks, RecordFilter("id_present"))
    check_selection(sample.engine, marks, RecordFilter("who_fits_type"))

    with pytest.raises(UnknownReasonError, match=r"silver.marks has no record .* for 'n_positiv'. .*'n_positive'"):
        check_selection(sample.engine, marks, RecordFilter("n_positiv"))


def test_an_id_of_no_record_of_the_table_is_an_error(sample):
    with pytest.raises(KeyNotFoundError, match="no record_id 'x'"):
        check_selection(sample.engine, marks, RecordFilter(ids=("x",)))
