"""A Python function of a table that fails: on both engines its own error, and the table as it was."""

import pytest
from pyspark.sql import functions as F
from sample_tables import rows_of, totals

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
