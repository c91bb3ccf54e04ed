import json
from datetime import date

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from sample_tables import MARKS, marks, marks_raw

from shoplake.declare import QUARANTINE_COLUMNS, Append, col, table
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.commit_diff import diff_commits
from shoplake.errors import IncompatibleLakeError

PAIRS = "array<struct<id:string,price:decimal(18,4),at:timestamp>>"
KINDS = ("string", "int", "bigint", "double", "boolean", "date", "timestamp", "decimal(18,2)", "array<string>", PAIRS)
KINDS += ("map<string,decimal(18,4)>", "struct<id:string,sums:array<map<string,decimal(5,2)>>>")


@table("gold", write=Append(), columns=[col(f"c{n}", kind, "Some") for n, kind in enumerate(KINDS)])
def every(marks):
    """One row of every type.

    And a second paragraph.
    """
    return marks


@pytest.fixture
def at(tmp_path):
    return str(tmp_path / "t")


def put(at, *values, by="day"):
    rows = pa.table({by: [day for day, _ in values], "n": pa.array([n for _, n in values], pa.int64())})
    write_deltalake(at, rows, partition_by=[by], mode="append")


def content(at):
    return sorted(DeltaTable(at).to_pyarrow_table().to_pylist(), key=str)


def test_a_table_is_made_without_rows_and_stays_as_it_is_when_made_again(at):
    delta_log.create_if_missing(marks, at)
    delta_log.create_if_missing(marks, at)

    made = DeltaTable(at)
    assert (made.version(), delta_log.row_count(at), made.metadata().partition_columns) == (0, 0, ["day"])


def test_a_table_with_rows_is_left_alone(at):
    delta_log.create_if_missing(marks, at)
    write_deltalake(at, pa.table({"feed": ["shop"]}), mode="append", schema_mode="merge")

    delta_log.create_if_missing(marks, at)

    assert (delta_log.table_version(at), delta_log.row_count(at)) == (1, 1)


def test_a_table_that_lacks_a_column_is_named_with_what_to_do(at):
    put(at, ("a", 1))

    with pytest.raises(IncompatibleLakeError, match=r"silver\.marks lacks feed, .* run --full-refresh$"):
        delta_log.create_if_missing(marks, at)


def test_the_log_tells_what_a_table_and_its_columns_mean(at):
    delta_log.create_if_missing(marks, at)

    made = DeltaTable(at)
    comments = {field.name: field.metadata["comment"] for field in made.schema().fields}
    assert comments == {column.name: column.meaning for column in MARKS}
    assert (made.metadata().name, made.metadata().description) == (
        "marks",
        "One row per mark: the first of its id within 7 days.",
    )


def test_every_declared_type_has_one_in_the_log_and_one_in_arrow(at, spark):
    delta_log.create_if_missing(every, at)

    assert tuple(kind for _, kind in spark.read.format("delta").load(at).dtypes) == KINDS
    assert delta_log.arrow_schema(every).names == [column.name for column in every.columns]
    write_deltalake(at, delta_log.arrow_schema(every).empty_table(), mode="append")


def test_arrows_types_are_those_declared():
    assert delta_log.arrow_schema(every).types == [
        *(pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()),
        *(pa.timestamp("us", "UTC"), pa.decimal128(18, 2), pa.list_(pa.string())),
        pa.list_(pa.struct({"id": pa.string(), "price": pa.decimal128(18, 4), "at": pa.timestamp("us", "UTC")})),
        pa.map_(pa.string(), pa.decimal128(18, 4)),
        pa.struct({"id": pa.string(), "sums": pa.list_(pa.map_(pa.string(), pa.decimal128(5, 2)))}),
    ]


def test_there_is_a_table_only_where_one_was_made(at):
    assert not delta_log.table_exists(at)

    delta_log.create_if_missing(marks, at)

    assert delta_log.table_exists(at)


def test_rows_are_counted_over_all_files(at):
    put(at, ("a", 1), ("b", 2))
    put(at, ("a", 3))

    assert (delta_log.row_count(at), delta_log.table_version(at)) == (3, 1)


def test_the_rows_of_some_batches_are_deleted_and_no_others(at):
    put(at, ("b1", 1), ("b2", 2), ("b3", 3), by="batch_id")

    delta_log.delete_batches(at, ["b1", "b3", "b9"])

    assert content(at) == [{"batch_id": "b2", "n": 2}]


def test_where_a_batch_has_no_rows_nothing_is_committed(at):
    put(at, ("b1", 1), by="batch_id")

    delta_log.delete_batches(at, ["b2"])
    delta_log.delete_batches(at, [])

    assert delta_log.table_version(at) == 0


def test_nothing_is_forgotten_of_a_table_without_rows(at):
    aside = table("silver", write=Append(), partition_by=["batch_id"], columns=QUARANTINE_COLUMNS)(every.build)
    delta_log.create_if_missing(aside, at)

    delta_log.delete_batches(at, ["b1"])

    assert delta_log.table_version(at) == 0


@pytest.mark.parametrize("days", [["a"], ["a b", "x"], [date(2026, 3, 1)], [None, "x"]], ids=str)
def test_many_small_files_are_put_together_and_their_rows_stay(at, days):
    for n in range(5):
        put(at, *[(day, n) for day in days])
    before, version = content(at), delta_log.table_version(at)

    delta_log.compact(at, ["day"], max_files=3)

    assert content(at) == before
    assert len(DeltaTable(at).file_uris()) == len(days)
    assert diff_commits(at, version, delta_log.table_version(at)).files == ()


def test_few_files_in_a_partition_stay_as_they_are(at):
    for n in range(4):
        put(at, ("many", n))
    put(at, ("few", 1))
    put(at, ("few", 2))

    delta_log.compact(at, ["day"], max_files=3)

    folders = [uri.split("/")[-2] for uri in DeltaTable(at).file_uris()]
    assert sorted(folders) == ["day=few", "day=few", "day=many"]


def test_large_files_are_not_counted_as_small_ones(at):
    for n in range(3):
        put(at, ("a", n))

    delta_log.compact(at, ["day"], max_files=1, small_file_bytes=1)

    assert delta_log.table_version(at) == 2


def test_a_table_without_partitions_is_put_together_whole(at):
    for n in range(5):
        write_deltalake(at, pa.table({"n": [n]}), mode="append")

    delta_log.compact(at, [], max_files=3)

    assert len(DeltaTable(at).file_uris()) == 1
    assert [row["n"] for row in content(at)] == [0, 1, 2, 3, 4]


def test_the_values_of_a_partition_column_are_reported_as_text_without_none(at):
    put(at, (date(2026, 3, 1), 1), (date(2026, 3, 2), 2), (None, 3))

    assert delta_log.partition_values(at, "day") == {"2026-03-01", "2026-03-02"}


def test_nulls_are_counted_by_column_over_all_files(at):
    put(at, ("a", 1), ("a", None))
    put(at, ("b", None))

    assert delta_log.null_counts(at)["n"] == 2


def test_nulls_that_the_log_does_not_count_are_not_known(at, tmp_path):
    put(at, ("a", None))
    put(at, ("b", None))
    commit = tmp_path / "t" / "_delta_log" / f"{1:020d}.json"
    actions = [json.loads(line) for line in commit.read_text().splitlines()]
    for action in actions:
        if "add" in action:
            action["add"]["stats"] = json.dumps({"numRecords": 1})
    commit.write_text("\n".join(map(json.dumps, actions)))

    assert delta_log.null_counts(at)["n"] is None


def test_files_that_are_gone_again_are_not_among_a_tables_files(at):
    put(at, ("2026-03-03", 1), ("2026-03-04", 2))
    DeltaTable(at).delete("day = '2026-03-03'")

    (left,) = delta_log.file_paths(at)

    assert left.startswith("day=2026-03-04/")
    assert f"{at}/{left}" in DeltaTable(at).file_uris()


def test_files_put_together_are_among_a_tables_files(at):
    for n in range(5):
        put(at, ("2026-03-03", n))
    DeltaTable(at).optimize.compact()

    assert {f"{at}/{file}" for file in delta_log.file_paths(at)} == set(DeltaTable(at).file_uris())


def test_files_of_an_earlier_version_are_there_until_they_are_vacuumed(at):
    put(at, ("a", 1))
    old = [f"{at}/{file}" for file in delta_log.file_paths(at)]
    DeltaTable(at).delete()
    assert delta_log.files_exist(at, old) and delta_log.files_exist(at, [])

    DeltaTable(at).vacuum(0, dry_run=False, enforce_retention_duration=False)

    assert not delta_log.files_exist(at, old)


def test_the_rows_of_one_batch_are_counted(at):
    delta_log.create_if_missing(marks_raw, at)
    for batch, count in (("b1", 2), ("b2", 3)):
        rows = pa.Table.from_pylist([{"batch_id": batch}] * count, schema=delta_log.arrow_schema(marks_raw))
        write_deltalake(at, rows, mode="append")

    assert [delta_log.row_count(at, batch) for batch in ("b1", "b2", "b3", None)] == [2, 3, 0, 5]
