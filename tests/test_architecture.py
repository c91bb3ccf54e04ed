"""The rules of the code, checked for every table and module, whoever adds it."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from shoplake import tables
from shoplake.declare import Append, Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.write.schema.schema_check import check_schema
from shoplake.feeds import KINDS
from shoplake.transforms.expectations import is_satisfied

ROOT = Path(__file__).parents[1]
SOURCE, TESTS = ROOT / "src" / "shoplake", ROOT / "tests"
CATALOG = Catalog.from_package(tables)
EVERY = [pytest.param(table, id=table.qualified_name) for table in CATALOG.values()]
BUILT = [each for each in EVERY if each.values[0].layer != "bronze"]
FEEDS = tuple(Feed(name, kind, "landing", "Europe/London", "GBP") for name, kind in KINDS.items())
PURE = sorted(
    path for package in ("tables", "feeds", "columns", "transforms") for path in (SOURCE / package).rglob("*.py")
)
FORBIDDEN = {"collect", "toPandas", "toArrow", "cache", "persist", "checkpoint", "foreach", "rdd", "sparkContext"}
FORBIDDEN |= {"toLocalIterator", "foreachPartition", "mapPartitions", "unpersist", "_jvm", "_jdf", "_jsparkSession"}
FORBIDDEN |= {"SparkContext", "RDD", "toJSON", "getActiveSession", "newSession"}
FORBIDDEN |= {"SparkSession", "sparkSession", "udf", "pandas_udf", "current_timestamp", "current_date", "now", "rand"}
MONEY = re.compile(r"price|amount|cost|revenue|sales|gross|net|discount|return|shipping|monetary|order_value")


@pytest.mark.parametrize("table", EVERY)
def test_a_table_lies_in_a_file_of_its_name_in_the_folder_of_its_layer(table):
    path = Path(sys.modules[table.build.__module__].__file__)

    assert path.name == f"{table.name}.py"
    assert path.is_relative_to(SOURCE / "tables" / table.layer)


def test_a_file_holds_one_table():
    files = {path.stem for path in (SOURCE / "tables").rglob("*.py") if path.stem != "__init__"}

    assert files == set(CATALOG)


@pytest.mark.parametrize("table", EVERY)
def test_the_first_sentence_says_what_one_row_is(table):
    assert re.match(r"One row per \w", table.doc)


@pytest.mark.parametrize("table", EVERY)
def test_the_first_column_is_the_feed_and_it_is_part_of_every_key(table):
    assert table.columns[0].name == "feed"
    assert not table.key or table.key[0] == "feed"


@pytest.mark.parametrize("table", EVERY)
def test_money_is_a_decimal_and_never_a_double(table):
    money = [each for each in table.columns if MONEY.search(each.name) or "currency" in (each.unit or "")]
    doubles = {each.name for each in table.columns if each.type in ("double", "float")}

    assert {each.type for each in money if "currency" in (each.unit or "")} <= {"decimal(18,2)", "decimal(18,4)"}
    assert doubles.isdisjoint({each.name for each in money if not each.name.endswith("_rate")})


@pytest.mark.parametrize("table", EVERY)
def test_a_columns_name_says_whether_it_is_a_time_a_day_or_a_yes(table):
    times = {each.name for each in table.columns if each.type == "timestamp"} - {"valid_from", "valid_to"}
    days = {each.name for each in table.columns if each.type == "date"}
    flags = {each.name for each in table.columns if each.type == "boolean"}

    assert {name for name in times if not name.endswith("_at")} == set()
    assert {name for name in days if not name.endswith(("_date", "_on", "_month"))} == set()
    assert {name for name in flags if not name.startswith(("is_", "has_"))} - {"available"} == set()


@pytest.mark.parametrize("table", EVERY)
def test_each_rule_can_be_asked_of_the_tables_columns(table, spark):
    empty = spark.createDataFrame([], ", ".join(f"{each.name} {each.type}" for each in table.output_columns))

    asked = empty.select(*[is_satisfied(rule).alias(rule.name) for rule in table.expectations])

    assert asked.columns == [rule.name for rule in table.expectations]
    assert {field.dataType.simpleString() for field in asked.schema} <= {"boolean"}
    assert len(set(asked.columns)) == len(asked.columns)


@pytest.mark.parametrize("table", EVERY)
def test_no_rule_ends_a_pattern_with_a_dollar_which_lets_a_line_end_pass_on_spark(table):
    assert [
        rule.name for rule in table.expectations if "RLIKE" in rule.condition.upper() and "$'" in rule.condition
    ] == []


@pytest.mark.sample
@pytest.mark.parametrize("table", BUILT)
def test_its_function_returns_what_it_declares_though_nothing_comes_in(table, some):
    parameters_value = {"feeds": FEEDS} if "feeds" in table.parameters else {}

    rows = table(*[some(CATALOG[name]) for name in table.inputs], **parameters_value)

    check_schema(table, rows.schema)
    assert rows.collect() == []


@pytest.mark.parametrize("table", [each for each in EVERY if each.values[0].layer == "bronze"])
def test_bronze_keeps_what_arrived_and_is_only_ever_appended_to(table):
    assert {"feed", "raw", "file", "line", "batch_id", "ingested_at"} <= {each.name for each in table.columns}
    assert table.write == Append()


def test_every_stream_of_every_kind_goes_into_a_bronze_table():
    into = {stream.into for kind in KINDS.values() for stream in kind.streams}

    assert into == {table.name for table in CATALOG.values() if table.layer == "bronze"}


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_tables_feeds_and_columns_take_no_rows_out_and_touch_no_session_and_no_clock(path):
    found = [f"line {line}: {name}" for line, name in names_in(path.read_text()) if name in FORBIDDEN]

    assert found == [], f"{path.relative_to(ROOT)} must run on Sail, Spark and serverless Databricks: {found}"


def names_in(text):
    """Every name that a module uses, with its line: as attribute, as variable, or imported."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute | ast.Name):
            yield node.lineno, node.attr if isinstance(node, ast.Attribute) else node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, part) for alias in node.names for part in alias.name.split("."))


@pytest.mark.parametrize("call", ["rows.rdd.map(f)", "rows.cache()", "from pyspark import SparkContext", "x._jvm.y"])
def test_a_call_that_is_not_for_every_engine_is_found(call):
    assert {name for _, name in names_in(f"def f(rows):\n    {call}")} & FORBIDDEN


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_sql_text_asks_the_clock(path):
    assert not re.search(r"(current_(timestamp|date)|\bnow|\brand)\s*\(", path.read_text())


def test_packages_import_only_what_lies_below_them():
    command = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_each_source_module_has_a_test_of_the_same_name():
    modules = [path for path in SOURCE.rglob("*.py") if not path.name.startswith("_") and path.read_text().strip()]
    tested = {path.name.removeprefix("test_") for path in TESTS.rglob("test_*.py")}

    assert sorted(str(path.relative_to(SOURCE)) for path in modules if path.name not in tested) == []


def test_each_table_has_a_test_where_it_lies():
    files = {path.relative_to(SOURCE) for path in (SOURCE / "tables").rglob("*.py") if path.stem != "__init__"}

    assert {path for path in files if not (TESTS / path.with_name(f"test_{path.name}")).is_file()} == set()


def test_no_file_is_over_250_lines_and_no_function_over_40():
    files = [path for package in (SOURCE, TESTS) for path in package.rglob("*.py")]
    functions = [
        (path.name, node.name)
        for path in SOURCE.rglob("*.py")
        if len(path.read_text().splitlines()) > 40
        for node in statements(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and length(node) > 40
    ]

    assert [path.name for path in files if len(path.read_text().splitlines()) > 250] == []
    assert functions == []


def test_no_folder_has_more_than_13_modules():
    modules = Counter(path.parent for path in SOURCE.rglob("*.py"))

    assert {str(folder.relative_to(SOURCE)): count for folder, count in modules.items() if count > 13} == {}


def statements(node):
    """All statements within a node, and no expressions, of which there are many more."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child
            yield from statements(child)


def length(function):
    """Its lines without those of its docstring."""
    doc = ast.get_docstring(function, clean=False)
    return function.end_lineno - function.lineno + 1 - (doc.count("\n") + 1 if doc else 0)


def test_the_catalogue_loads_without_a_session():
    text = "import sys; from shoplake import tables; from shoplake.declare.catalog import Catalog"
    text += "; Catalog.from_package(tables)"

    done = subprocess.run(
        [sys.executable, "-c", f"{text}; print('pysail' in sys.modules, 'deltalake' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["False", "False"]


def test_a_lake_opens_without_the_parser_of_sql():
    code = "import sys, shoplake.lake; print('sqlglot' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False"]
