from dataclasses import replace

import pytest
from deltalake import DeltaTable
from sample_tables import daily, marks_raw

from shoplake.declare import col
from shoplake.engine.storage import delta_log
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.schema import schema_change

NOTE = col("note", "string", "A note")


@pytest.fixture
def at(tmp_path):
    delta_log.create_if_missing(daily, str(tmp_path / "t"))
    return str(tmp_path / "t")


def test_a_table_as_declared_has_no_difference(at):
    difference = schema_change.schema_difference(daily, at)

    assert difference == ((), (), (), False) and not difference.needs_overwrite


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"columns": (*daily.columns, NOTE)}, (("note",), (), (), False)),
        ({"columns": daily.columns[:-1]}, ((), ("things",), (), False)),
        ({"columns": (*daily.columns[:-1], replace(daily.columns[-1], type="int"))}, ((), (), ("things",), False)),
        ({"partition_by": ()}, ((), (), (), True)),
    ],
    ids=["added", "dropped", "retyped", "partitions"],
)
def test_each_difference_is_named(at, change, difference):
    assert schema_change.schema_difference(replace(daily, **change), at) == difference


def test_columns_that_the_log_lacks_are_added_with_their_comment(at):
    more = replace(daily, columns=(*daily.columns, NOTE))

    schema_change.add_columns(more, at)

    assert DeltaTable(at).schema().fields[-1].metadata == {"comment": "A note"}
    assert schema_change.schema_difference(more, at) == ((), (), (), False)


def test_comments_and_the_description_follow_the_declaration(at):
    commented = replace(
        daily, columns=(*daily.columns[:-1], replace(daily.columns[-1], doc="Else")), _doc="One row.", _name="t"
    )

    schema_change.update_comments(commented, at)
    version = DeltaTable(at).version()
    schema_change.update_comments(commented, at)

    assert DeltaTable(at).schema().fields[-1].metadata == {"comment": "Else (1)"}
    assert (DeltaTable(at).metadata().description, DeltaTable(at).version()) == ("One row.", version)


def test_stored_columns_are_those_of_the_log_in_declared_order(at):
    less = replace(daily, columns=(daily.columns[1], replace(daily.columns[0], type="int"), *daily.columns[2:3]))

    found = schema_change.stored_columns(less, at)

    assert [(name, type) for name, type, _ in found] == [
        ("day", "date"),
        ("feed", "string"),
        ("pieces", "bigint"),
        ("things", "bigint"),
    ]


def test_a_renamed_bronze_column_is_read_under_both_its_names(spark, tmp_path, some):
    engine = DeltaEngine(spark, str(tmp_path))
    engine.create_if_missing(marks_raw)
    columns = tuple(replace(c, name="heading", was="header") if c.name == "header" else c for c in marks_raw.columns)
    renamed = replace(marks_raw, columns=columns, _name="marks_raw", _doc="One row.")
    engine.location(marks_raw).append(some(marks_raw, {"line": 1, "header": "old", "batch_id": "b1"}), ["batch_id"])
    schema_change.add_columns(renamed, engine.path(renamed))
    engine.location(renamed).append(some(renamed, {"line": 2, "heading": "new", "batch_id": "b2"}), ["batch_id"])

    rows = engine.read(renamed)

    assert rows.columns == [column.name for column in columns]
    assert {row.line: row.heading for row in rows.collect()} == {1: "old", 2: "new"}
    assert schema_change.schema_difference(renamed, engine.path(renamed)).dropped == ()


def test_a_write_of_all_rows_may_change_the_schema_only_where_it_is_allowed(spark, tmp_path, some):
    engine = DeltaEngine(spark, str(tmp_path))
    engine.create_if_missing(daily)
    less = replace(daily, columns=daily.columns[:3], partition_by=(), _name="daily", _doc="One row.")
    rows = some(less, {"feed": "shop", "pieces": 1})

    engine.allow_schema_change(less)
    engine.location(less).overwrite(rows)

    assert schema_change.schema_difference(less, engine.path(less)) == ((), (), (), False)
