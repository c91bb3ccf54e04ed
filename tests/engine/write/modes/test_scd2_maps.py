"""Versions of things that have maps, which engines neither compare nor group alike."""

from sample_histories import RECORD
from sample_tables import CHANGES, rows_of
from sample_writes import engine_with

from shoplake.declare import VALIDITY, Scd2, col, table

TAGS = (col("tags", "map<string,string>", "What is said of it"),)


@table(
    "silver",
    key=["feed", "thing", "valid_from"],
    write=Scd2("changed_at"),
    partition_by=["valid_to_month"],
    change_columns=(*CHANGES[:2], *TAGS, CHANGES[-1]),
    columns=(*CHANGES[:2], *TAGS, *VALIDITY),
)
def tagged(tagged_raw):
    """One row per version of what is said of a thing."""
    return tagged_raw


def test_versions_with_maps_are_rebuilt_month_by_month(spark, tmp_path):
    engine = engine_with(spark, tmp_path / "lake", tagged)
    for month in (1, 3):
        sql = f"SELECT 'shop' AS feed, 'a' AS thing, map('n', '{month}') AS tags, TIMESTAMP '2026-0{month}-05' AS at"
        engine.write(tagged, spark.sql(sql).withColumnRenamed("at", "changed_at").withColumn("_source", RECORD))

    assert [(dict(tags), is_current) for tags, is_current in rows_of(engine, tagged, "tags", "is_current")] == [
        ({"n": "1"}, False),
        ({"n": "3"}, True),
    ]
