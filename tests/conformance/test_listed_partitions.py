from datetime import date

from deltalake import write_deltalake
from pyarrow import table as arrow_table

from shoplake.engine.write.local_server.listed_files import read_listed_files

DAYS = [date(2026, 3, day) for day in (1, 2, 3)]


def test_rows_that_spark_reads_from_named_files_have_their_partition(on_spark, tmp_path):
    path = str(tmp_path / "table")
    write_deltalake(path, arrow_table({"n": range(len(DAYS)), "day": DAYS}), partition_by=["day"])

    rows = read_listed_files(on_spark, path)

    assert {(row.n, row.day) for row in rows.collect()} == set(enumerate(DAYS))
