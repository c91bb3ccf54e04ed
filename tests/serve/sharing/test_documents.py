import json

import pytest

from shoplake.serve.api.problem import ProblemError
from shoplake.serve.sharing.documents import file_lines, header_lines, ndjson, page, table_item
from shoplake.serve.sharing.shared_tables import DataFile, SharedTable

FILES = tuple(DataFile(f"f{number}", 10, 5, {"day": None}) for number in range(3))
TABLE = SharedTable("gold.sales_daily", 3, "id", "{}", ("day",), "One row per day.", FILES)


def test_pages_follow_each_other_until_all_items_were_there():
    items = [{"name": str(number)} for number in range(3)]

    first = page(items, 2, None)
    last = page(items, 2, first["nextPageToken"])

    assert first["items"] + last["items"] == items and "nextPageToken" not in last
    assert page(items, None, None) == {"items": items}


def test_a_token_that_is_no_number_is_a_problem():
    with pytest.raises(ProblemError) as problem:
        page([], None, "-1")
    assert problem.value.status == 422


def test_a_limit_leaves_out_files_that_it_does_not_need():
    files = list(file_lines(TABLE, 6, 100, lambda file: f"url/{file.path}"))

    assert [line["file"]["url"] for line in files] == ["url/f0", "url/f1"]
    assert files[0]["file"]["expirationTimestamp"] == 100_000
    assert json.loads(files[0]["file"]["stats"]) == {"numRecords": 5}


def test_the_first_lines_are_protocol_and_metadata():
    protocol, metadata = map(json.loads, ndjson(header_lines(TABLE)).splitlines())

    assert protocol == {"protocol": {"minReaderVersion": 1}}
    assert metadata["metaData"]["partitionColumns"] == ["day"] and metadata["metaData"]["numFiles"] == 3


def test_an_item_names_share_schema_and_table():
    assert table_item("gold.sales_daily") == {"share": "shoplake", "schema": "gold", "name": "sales_daily"}
