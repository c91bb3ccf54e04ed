"""A local Spark server reads the files that a log names, and finds in them what it finds by the log."""

from __future__ import annotations

from shoplake.engine.write.local_server.listed_files import read_listed_files

ROWS = """
    SELECT day, attributes, amount, at, n FROM VALUES
        (DATE'2026-03-01', map('size', 'M', 'shade', NULL), 1.10BD, TIMESTAMP'2026-03-01 23:59:59.999999Z', 1),
        (DATE'2026-03-02', NULL, -0.01BD, TIMESTAMP'1969-12-31 00:00:00Z', 2),
        (NULL, map(), NULL, NULL, 3)
    AS rows(day, attributes, amount, at, n)
"""


def test_files_have_the_rows_that_the_log_has_also_those_without_a_partition(on_spark, tmp_path):
    path = str(tmp_path / "table")
    on_spark.sql(ROWS).write.format("delta").partitionBy("day").save(path)
    by_log = on_spark.read.format("delta").load(path)

    listed = read_listed_files(on_spark, path)

    assert listed.schema == by_log.schema
    assert listed.orderBy("n").collect() == by_log.orderBy("n").collect()
    assert [row.n for row in listed.where("day IS NULL").collect()] == [3]
    assert [row.n for row in listed.where("day = DATE'2026-03-02'").collect()] == [2]


def test_a_table_without_files_has_the_columns_that_its_log_has(on_spark, tmp_path):
    path = str(tmp_path / "table")
    on_spark.sql(ROWS).where("n < 0").write.format("delta").partitionBy("day").save(path)

    assert read_listed_files(on_spark, path).schema.names == ["day", "attributes", "amount", "at", "n"]
    assert read_listed_files(on_spark, path).collect() == []
