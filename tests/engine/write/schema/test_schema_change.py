from dataclasses import replace
from types import SimpleNamespace

import pytest
from deltalake import DeltaTable, Field, Schema
from sample_tables import daily, marks_raw

from shoplake.declare import col
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.catalog import catalog_tables
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.schema import schema_change
from shoplake.engine.write.schema.schema_change import SchemaDifference

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
    assert [meaning for *_, meaning in found] == [daily.columns[1].meaning, "", daily.columns[2].meaning, ""]


def test_a_column_that_is_not_declared_as_such_may_be_null_once_comments_are_updated(tmp_path, some):
    at = str(tmp_path / "t")
    fields = [Field(each.name, each.type, nullable=each.name != "things") for each in delta_log.delta_fields(daily)]
    DeltaTable.create(at, Schema(fields))

    schema_change.update_comments(daily, at)

    assert [field.nullable for field in DeltaTable(at).schema().fields] == [True] * 4


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


@pytest.mark.parametrize("table", [marks_raw, replace(daily, columns=(replace(NOTE, was="remark"),))])
def test_rows_that_have_no_former_names_are_read_as_they_are(table):
    rows = object()

    assert schema_change.with_former_names(rows, table) is rows


def test_a_write_of_all_rows_may_change_the_schema_only_where_it_is_allowed(spark, tmp_path, some):
    engine = DeltaEngine(spark, str(tmp_path))
    engine.create_if_missing(daily)
    less = replace(daily, columns=daily.columns[:3], partition_by=(), _name="daily", _doc="One row.")
    rows = some(less, {"feed": "shop", "pieces": 1})

    engine.allow_schema_change(less)
    engine.location(less).overwrite(rows)

    assert schema_change.schema_difference(less, engine.path(less)) == ((), (), (), False)


NAMED = CatalogAddress("main.gold.daily", None)


@pytest.fixture
def catalog(monkeypatch):
    """A catalog that has a table as declared but for one column too many, one too few, one of another type."""
    stored = [("feed", "string", ""), ("things", "int", ""), ("day", "date", ""), ("old", "string", "")]
    log = SimpleNamespace(columns=lambda: stored, partition_columns=lambda: ["day"])
    monkeypatch.setattr(schema_change, "CatalogLog", lambda at: log)


def test_the_difference_of_a_named_table_is_that_of_its_catalog(catalog):
    found = schema_change.schema_difference(daily, NAMED)

    assert found == (("pieces",), ("old",), ("things",), False)
    assert schema_change.schema_difference(replace(daily, partition_by=()), NAMED).is_repartitioned


def test_the_stored_columns_of_a_named_table_have_the_declared_meaning_where_they_are_the_same(catalog):
    meanings = {column.name: column.meaning for column in daily.columns}

    assert schema_change.stored_columns(daily, NAMED) == (
        ("feed", "string", meanings["feed"]),
        ("day", "date", meanings["day"]),
        ("things", "int", ""),
        ("old", "string", ""),
    )


def test_columns_and_comments_of_a_named_table_are_changed_by_its_catalog(catalog, monkeypatch):
    asked = []
    for name in ("add_columns", "update_comments"):
        monkeypatch.setattr(catalog_tables, name, lambda table, at, *rest, name=name: asked.append((name, at, *rest)))

    schema_change.add_columns(daily, NAMED)
    schema_change.update_comments(daily, NAMED)

    assert asked == [("add_columns", NAMED, ("pieces",)), ("update_comments", NAMED)]


def test_each_kind_of_difference_but_an_added_column_needs_an_overwrite():
    kinds = [(("a",), (), (), False), ((), ("a",), (), False), ((), (), ("a",), False), ((), (), (), True)]

    assert [SchemaDifference(*kind).needs_overwrite for kind in kinds] == [False, True, True, True]
