"""What a process commits of rows that a local Spark server computed is what the server would have committed."""

from __future__ import annotations

import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F
from sample_tables import totals

from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.local_server.fetched_rows import FETCH_BELOW_ROWS, commit_rows, stage_rows
from shoplake.errors import CommitError

from .conftest import CAPABILITIES

ROWS = """
    SELECT day, attributes, amount, at, ratio, n, named_struct('codes', array('a', NULL), 'bytes', X'00FF') AS place
    FROM VALUES
        (DATE'2026-03-01', map('size', 'M', 'shade', NULL), 1.10BD, TIMESTAMP'2026-03-01 23:59:59.999999Z', 0.1D, 1),
        (DATE'2026-03-02', NULL, -0.01BD, TIMESTAMP'1969-12-31 00:00:00Z', DOUBLE('NaN'), 2),
        (DATE'2026-03-02', map('Ü', 'é\\n'), 0.00BD, TIMESTAMP'0001-01-01 00:00:00Z', DOUBLE('-Infinity'), 4),
        (NULL, map(), NULL, NULL, NULL, 3)
    AS rows(day, attributes, amount, at, ratio, n)
"""


@pytest.fixture
def tables(on_spark, tmp_path):
    """Two tables of the same columns, without rows, by day."""
    paths = [str(tmp_path / name) for name in ("by-server", "by-process")]
    for path in paths:
        on_spark.sql(ROWS).where("n < 0").write.format("delta").partitionBy("day").save(path)
    return paths


def rows_of(session, path):
    """Return all rows as text, by `n`: no number equals NaN."""
    return [str(row) for row in session.read.format("delta").load(path).orderBy("n").collect()]


def test_rows_of_all_types_are_those_that_the_server_writes(on_spark, tables):
    by_server, by_process = tables
    on_spark.sql(ROWS).write.format("delta").mode("append").partitionBy("day").save(by_server)

    commit_rows(by_process, on_spark.sql(ROWS), "append")

    assert rows_of(on_spark, by_process) == rows_of(on_spark, by_server)
    assert len(rows_of(on_spark, by_process)) == 4
    server, process = DeltaTable(by_server), DeltaTable(by_process)
    assert process.schema() == server.schema()
    assert {file.split("/")[0] for file in process.file_uris()} == {file.split("/")[0] for file in server.file_uris()}


@pytest.mark.parametrize("where", [None, "day IN ('2026-03-02')", "day = '2026-03-02'"])
def test_an_overwrite_replaces_the_rows_that_the_server_would_replace(on_spark, tables, where):
    new = on_spark.sql(ROWS).where("n = 2").withColumn("n", F.lit(9))
    for path in tables:
        on_spark.sql(ROWS).write.format("delta").mode("append").partitionBy("day").save(path)
    by_server, by_process = tables
    options = {} if where is None else {"replaceWhere": where}
    new.write.format("delta").mode("overwrite").options(**options).save(by_server)

    commit_rows(by_process, new, "overwrite", where)

    assert rows_of(on_spark, by_process) == rows_of(on_spark, by_server)


def test_staged_rows_of_all_types_are_those_that_were_computed(on_spark, tmp_path):
    rows = on_spark.sql(ROWS)

    schema = stage_rows(str(tmp_path / "staged"), rows)

    assert schema == rows.schema
    staged = on_spark.read.schema(schema).parquet(str(tmp_path / "staged"))
    assert [str(row) for row in staged.orderBy("n").collect()] == [str(row) for row in rows.orderBy("n").collect()]


def test_an_overwrite_without_rows_leaves_none(on_spark, tables):
    _, path = tables
    commit_rows(path, on_spark.sql(ROWS), "append")

    commit_rows(path, on_spark.sql(ROWS).where("n < 0"), "overwrite")

    assert rows_of(on_spark, path) == []


def test_a_table_keeps_its_rows_where_new_ones_have_other_columns_or_lack_a_needed_value(on_spark, tables):
    _, path = tables
    commit_rows(path, on_spark.sql(ROWS), "append")
    needed = f"{path}-needed"
    on_spark.sql(f"CREATE TABLE delta.`{needed}` (n INT NOT NULL) USING delta")

    with pytest.raises(CommitError, match="has the columns"):
        commit_rows(path, on_spark.sql(ROWS).drop("amount"), "overwrite")
    with pytest.raises(CommitError, match="not of its columns"):
        commit_rows(path, on_spark.sql(ROWS).withColumn("n", F.lit("many")), "overwrite")
    with pytest.raises(CommitError, match="not of its columns"):
        commit_rows(needed, on_spark.sql("SELECT CAST(NULL AS INT) AS n"), "append")

    assert len(rows_of(on_spark, path)) == 4
    assert rows_of(on_spark, needed) == []


@pytest.mark.parametrize(("count", "is_few"), [(1, True), (FETCH_BELOW_ROWS, False)])
def test_a_process_commits_few_rows_and_leaves_many_to_its_server(on_spark, tmp_path, count, is_few):
    engine = DeltaEngine(on_spark, str(tmp_path), CAPABILITIES["spark"])
    engine.create_if_missing(totals)
    schema = ", ".join(f"{column.name} {column.type}" for column in totals.columns)

    engine.expect_rows(count)
    engine.write(totals, on_spark.createDataFrame([(None,) * len(totals.columns)], schema))
    engine.expect_rows(1)

    [commit] = DeltaTable(engine.path(totals)).history(1)
    assert engine.row_count(totals) == 1
    assert ("Apache-Spark" in commit.get("engineInfo", "")) is not is_few
