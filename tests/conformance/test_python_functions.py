"""A Python function of a table that fails: on both engines its own error, and the table as it was."""

from dataclasses import replace

import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F
from pyspark.sql.types import StringType
from sample_tables import rows_of, totals

from shoplake.declare import col
from shoplake.errors import CommitError


def test_a_function_that_fails_says_its_error_and_line_and_leaves_the_table(engine, session):
    def risky(name):
        if name == "b":
            raise ValueError(f"no such thing: {name}")
        return name

    engine.create_if_missing(totals)
    rows = session.createDataFrame([("a", 1)], totals.ddl)
    engine.write(totals, rows)
    failing = session.createDataFrame([("a", 2), ("b", 3)], totals.ddl)

    with pytest.raises(CommitError, match=r"ValueError: no such thing: b \(test_python_functions\.py, line \d+\)\. "):
        engine.write(totals, failing.withColumn("feed", F.udf(risky, "string", useArrow=False)("feed")))

    assert rows_of(engine, totals, "feed", "pieces") == [("a", 1)]


def test_texts_of_python_functions_are_read_by_every_reader_after_a_change_of_columns(engine, session):
    engine.create_if_missing(totals)
    columns = (*totals.columns, col("label", "string", "A label"), col("tags", "array<string>", "Tags"))
    more = replace(totals, columns=columns, _name=totals.name, _doc=totals.doc)
    label, tags = F.udf(str.upper, "string"), F.udf(list, "array<string>")
    rows = session.createDataFrame([("ab", 1)], totals.ddl).withColumns({"label": label("feed"), "tags": tags("feed")})

    engine.allow_schema_change(more)
    engine.write(more, rows.withColumn("feed", F.col("feed").cast(StringType())))

    stored = DeltaTable(engine.location(more).path).to_pyarrow_table().select(["feed", "label", "tags"])
    assert stored.to_pylist() == [{"feed": "ab", "label": "AB", "tags": ["a", "b"]}]
