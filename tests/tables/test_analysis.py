"""Functions of tables know their columns from the declarations: none asks the engine for them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from reliability.lakes import catalog

import shoplake
from shoplake.columns.schema import struct_type
from shoplake.declare import Feed
from shoplake.declare.kinds.mapped_columns import unmapped_by_mapper
from shoplake.feeds import KINDS
from shoplake.transforms.scd2 import build_scd2

SOURCE = Path(shoplake.__file__).parent
ASKED = {"columns", "schema", "dtypes", "printSchema"}
DECLARED = {*catalog(), "table", "facts_table", "features_table", "pa"}
"""What is no DataFrame: declared tables, and pyarrow."""
EXCEPTIONS = {"feeds/conform.py": "a project's own kind declares no columns: they are analysed once, before a run"}
FEEDS = tuple(Feed(name, kind, "landing", "Europe/London", "GBP") for name, kind in KINDS.items())


def asked_columns():
    """Where functions of tables ask a DataFrame for columns or types, by file."""
    files = [file for room in ("tables", "feeds", "transforms") for file in (SOURCE / room).rglob("*.py")]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ASKED and ast.unparse(node.value) not in DECLARED:
                yield file.relative_to(SOURCE).as_posix(), ast.unparse(node)


@pytest.fixture
def no_rows(spark):
    """No rows with the declared columns of a table."""

    def make(table):
        return spark.createDataFrame([], struct_type(", ".join(f"{each.name} {each.type}" for each in table.columns)))

    return make


@pytest.fixture
def calls(spark, monkeypatch):
    """The calls that ask the engine to analyse something."""
    seen = []
    analyze = spark.client._analyze
    monkeypatch.setattr(
        spark.client, "_analyze", lambda *given, **named: seen.append(given) or analyze(*given, **named)
    )
    return seen


def test_no_function_of_tables_feeds_or_transforms_names_the_columns_of_a_dataframe():
    found = dict(asked_columns())

    assert {file: found[file] for file in found if file not in EXCEPTIONS} == {}
    assert found.keys() == EXCEPTIONS.keys()


@pytest.mark.parametrize("name", [table.name for table in catalog().ordered if table.inputs])
def test_a_tables_function_asks_the_engine_nothing(name, no_rows, calls):
    table = catalog()[name]
    parameters = {"feeds": FEEDS} if "feeds" in table.parameters else {}

    rows = table(*[no_rows(catalog()[each]) for each in table.inputs], **parameters)
    if table.change_columns:
        build_scd2(rows, table.key[:-1], table.write, {each.name: each.type for each in table.change_columns})

    assert calls == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_mapping_leaves_null_the_columns_that_it_declares(kind, no_rows, spark):
    feed = Feed("shop", KINDS[kind], "landing", "Europe/London", "GBP")
    for name, mappers in KINDS[kind].mappings.items():
        declared = {column.name for column in catalog()[name].output_columns}
        for source, mapper in mappers.items():
            raw = no_rows(catalog()[source]).selectExpr("*", "CAST(null AS decimal(18,4)) AS list_price")
            left = declared - set(mapper(raw, feed).columns) - COMPUTED.get(name, set())
            assert left == unmapped_by_mapper[mapper], (name, source)


COMPUTED = {"categories": {"root_id", "depth", "path", "problem"}}
"""Columns that a table's function computes itself."""
