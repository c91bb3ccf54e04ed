from dataclasses import replace

import pytest
from sample_documents import receipts, receipts_raw

from shoplake.declare import ReplaceDocuments
from shoplake.declare.catalog import Catalog
from shoplake.errors import DeclarationError


def without(name):
    return replace(receipts, columns=tuple(each for each in receipts.columns if each.name != name))


def test_a_document_is_of_a_feed_and_its_records_are_known_by_it():
    assert receipts.write.document_key == ("feed", "id")
    assert receipts.write.record_key(receipts) == ("id",)
    assert receipts.write.unique_columns(receipts) == receipts.key


def test_a_table_is_rebuilt_by_partition_only_where_inputs_provide_partitions():
    by_day = replace(receipts, write=ReplaceDocuments(("id",), input_partitions={"events": "event_date"}))

    assert (receipts.partition_column, by_day.partition_column) == (None, "day")
    assert by_day.write.input_range(by_day, "events") == ("event_date", "event_date")


@pytest.mark.parametrize("name", ["updated_at", "payload_hash", "batch_id", "source_file", "version_line"])
def test_a_table_without_the_columns_of_a_version_is_refused_by_name(name):
    with pytest.raises(DeclarationError, match=f"silver.receipts replaces documents and needs the column '{name}'"):
        Catalog([receipts_raw, without(name)])


def test_a_document_that_is_not_part_of_the_key_is_refused():
    with pytest.raises(DeclarationError, match="replaces documents by 'id': make it a required column of the key"):
        Catalog([receipts_raw, replace(receipts, key=("feed", "line"))])


def test_the_description_names_document_and_order():
    described = ReplaceDocuments(("order_id", "document_id")).describe()

    assert "each document (`order_id`, `document_id`)" in described
    assert "by `updated_at` or else by arrival" in described
