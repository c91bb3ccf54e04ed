from datetime import UTC, datetime

from shoplake.serve.export.manifest import ExportedTable, Manifest
from shoplake.serve.store.finished_run import FinishedRun

from .small_lake import CUSTOMERS

AT = datetime(2026, 3, 2, tzinfo=UTC)
TABLE = ExportedTable("silver.customers", 4, 7, CUSTOMERS.doc, CUSTOMERS.columns[:1], ("email",), is_truncated=True)
MANIFEST = Manifest(FinishedRun("run1", AT, {}), AT, [TABLE])


def test_a_row_per_table_says_version_rows_run_and_what_is_left_out():
    [row] = MANIFEST.tables_table().to_pylist()

    assert row["table_name"] == "silver.customers" and (row["version"], row["row_count"]) == (4, 7)
    assert row["is_truncated"] is True and row["columns_left_out"] == "email"
    assert (row["run_id"], row["run_started_at"], row["exported_at"]) == ("run1", AT, AT)
    assert row["definition"] == "One row per customer."


def test_a_row_per_column_defines_it():
    assert MANIFEST.columns_table().to_pylist() == [
        {
            "table_name": "silver.customers",
            "column_name": "customer_id",
            "type": "string",
            "unit": None,
            "definition": "The customer",
        }
    ]
