"""A writer option that an engine ignores is refused; one that its capabilities list, it honours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.sql.functions import udf

from shoplake.engine.session.capabilities import writer
from shoplake.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from shoplake.engine.write.delta_engine import DeltaEngine


def write(engine: DeltaEngine, mode: str, days: list[int], *parts: str, **options: str) -> None:
    rows = engine.session.createDataFrame([(day, f"day {day}") for day in days], "day int, text string")
    writer(rows, engine.capabilities, mode, parts, **options).save(f"{engine.lake}/days")


def days(engine: DeltaEngine) -> list[int]:
    return sorted(row.day for row in engine.session.read.format("delta").load(f"{engine.lake}/days").collect())


@pytest.mark.parametrize("option", ["partitionOverwriteMode", "txnAppId", "replacewhere"])
def test_what_an_engine_ignores_is_refused_with_what_it_honours(engine, option):
    if option in engine.capabilities.options:
        pytest.skip("this engine honours it")
    with pytest.raises(
        UnsupportedFeatureError, match=f"'{engine.capabilities.name}' ignores.*'{option}'.*honours: .*replaceWhere"
    ):
        write(engine, "append", [1], **{option: "dynamic"})


@pytest.mark.slow
def test_replace_where_replaces_those_rows_alone(engine):
    write(engine, "append", [1, 2], "day")
    write(engine, "overwrite", [2, 2], "day", replaceWhere="day = 2")

    assert days(engine) == [1, 2, 2]


@pytest.mark.slow
def test_a_write_that_says_which_transaction_it_is_happens_once(engine):
    if "txnAppId" not in engine.capabilities.options:
        pytest.skip("this engine refuses it")
    for _ in range(2):
        write(engine, "append", [1], txnAppId="test", txnVersion="1")

    assert days(engine) == [1]


@pytest.mark.slow
def test_a_dynamic_overwrite_leaves_other_partitions(engine):
    if "partitionOverwriteMode" not in engine.capabilities.options:
        pytest.skip("this engine refuses it")
    write(engine, "append", [1, 2], "day")
    write(engine, "overwrite", [2, 2], "day", partitionOverwriteMode="dynamic")

    assert days(engine) == [1, 2, 2]


@pytest.mark.slow
def test_a_python_function_reads_a_parquet_file(engine, tmp_path):
    engine.session.range(200).selectExpr("cast(id AS string) AS text").write.parquet(str(tmp_path / "texts"))
    has_one = udf(lambda text: "1" in text, "boolean")

    assert engine.session.read.parquet(str(tmp_path / "texts")).where(has_one("text")).count() == 119
