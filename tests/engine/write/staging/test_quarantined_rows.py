import json

from sample_tables import mark, marks, records

from shoplake.engine.write.staging.quarantined_rows import quarantine_cells
from shoplake.transforms.expectations import evaluate_expectations


def test_a_row_has_its_record_its_key_and_each_reason_once(spark):
    rows = marks(records(spark, mark("b", n=0)))
    evaluated = evaluate_expectations(rows, marks.expectations, rows.columns)

    [row] = evaluated.select(*quarantine_cells(marks, marks.quarantine)).collect()

    assert [*row.asDict()] == [column.name for column in marks.quarantine.columns]
    assert row.reasons == ["n_positive"]
    assert json.loads(row.raw)["n"] == 0
    assert "b" in json.loads(row.record_key).values()
