from __future__ import annotations

import pytest
from operations.observe.exposition import parse
from sample_shop import drop_marks, lake_landing, sample_shop
from sample_tables import marks, marks_raw

from shoplake.errors import TableNotFoundError


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of two tables with two valid marks and a quarantined one."""
    made = sample_shop(tmp_path_factory.mktemp("observed"), (marks_raw, marks))
    drop_marks(made, 0, "2026-03-01", "2026-03-02")
    (lake_landing(made) / "marks/1.json").write_text('{"id": "canary@example.com", "n": -1}\n')
    made.run()
    return made


def test_metrics_have_rows_sizes_and_open_records_and_no_value_of_a_record(lake):
    text = lake.metrics()
    samples = parse(text)

    of_marks = {
        (name, dict(labels).get("result")): n
        for (name, labels), n in samples.items()
        if ("table", "silver.marks") in labels
    }
    assert of_marks["shoplake_table_rows", None] == 2 and of_marks["shoplake_quarantine_open", None] == 1
    assert (of_marks["shoplake_rows", "read"], of_marks["shoplake_rows", "quarantined"]) == (3, 1)
    assert of_marks["shoplake_files", None] == 2 and of_marks["shoplake_bytes", None] > 0
    assert "canary" not in text


def test_a_lake_that_was_never_written_has_no_metrics(tmp_path):
    with pytest.raises(TableNotFoundError, match="Create it: shoplake run"):
        sample_shop(tmp_path, (marks_raw, marks)).metrics()
