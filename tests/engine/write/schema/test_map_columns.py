from shoplake.declare import col, stored_table
from shoplake.engine.storage.delta_log import create_if_missing
from shoplake.engine.write.schema.map_columns import (
    decode_maps,
    distinct_rows,
    encode_maps,
    encoded_type,
    has_maps,
    row_hash,
    with_stored_types,
)

COLUMNS = (col("id", "int", "Id"), col("m", "map<string,string>", "Map"))
TABLE = stored_table("maps", "One row per map.", "silver", COLUMNS, partition_by=("id",))


def test_a_map_is_a_text_and_a_map_again(spark):
    rows = spark.createDataFrame([(1, {"a": '1"'}), (2, {}), (3, None)], "id int, m map<string,string>")

    texts = encode_maps(rows, COLUMNS)

    assert [row.m for row in texts.orderBy("id").collect()] == ['{"a":"1\\""}', "{}", None]
    assert decode_maps(texts, COLUMNS).orderBy("id").collect() == rows.orderBy("id").collect()


def test_a_map_has_the_type_of_a_text_once_it_is_encoded():
    assert [encoded_type(column) for column in COLUMNS] == ["int", "string"]


def test_rows_without_maps_stay_as_they_are():
    rows = object()

    assert encode_maps(rows, COLUMNS[:1]) is rows is decode_maps(rows, COLUMNS[:1])


def test_rows_with_equal_maps_have_one_hash_and_are_distinct_once(spark):
    rows = spark.createDataFrame([(1, {"a": "1"}), (1, {"a": "1"}), (1, {"a": "2"})], "id int, m map<string,string>")

    hashes = [row[0] for row in rows.select(row_hash(COLUMNS)).collect()]

    assert hashes[0] == hashes[1] != hashes[2]
    assert sorted(row.m["a"] for row in distinct_rows(rows, iter(COLUMNS)).collect()) == ["1", "2"]


def test_some_columns_have_maps():
    assert [has_maps(each) for each in (COLUMNS, COLUMNS[:1])] == [True, False]


def test_rows_with_maps_replace_some_partitions_of_a_table(spark, tmp_path):
    path = str(tmp_path / "table")
    select = "SELECT {} AS id, CAST(IF({} > 1, map('a', '1'), NULL) AS map<string,string>) AS m"
    create_if_missing(TABLE, path)
    stored = spark.read.format("delta").load(path)
    for number in (1, 2):
        rows = with_stored_types(spark.sql(select.format(number, number)), stored)
        where = f"id = {number}"
        rows.write.format("delta").mode("overwrite").option("replaceWhere", where).partitionBy("id").save(path)

    assert {row.id: row.m for row in stored.collect()} == {1: None, 2: {"a": "1"}}
