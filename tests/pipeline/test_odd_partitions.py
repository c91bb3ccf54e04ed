"""Tables with partitions of null, texts and times, and keys of null: runs leave the rows of a full refresh."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from sample_lake import SampleLake
from sample_tables import FEED, MARKS, PAUSE, mark, marks_raw, visits

from shoplake.columns.raw_record import VERSION_COLUMNS, json_record, parse_as, type_errors, with_version
from shoplake.declare import RebuildKeys, Replace, ReplaceDocuments, SessionWindow, Upsert, col, table
from shoplake.declare.catalog import Catalog
from shoplake.pipeline.memory import chunking

COLUMNS = (*MARKS, col("ingested_at", "timestamp", "When it arrived", unit="UTC"), *VERSION_COLUMNS)
BY = {column.name: column for column in COLUMNS}
WINDOW = SessionWindow("who", "at", "day", "started_at", "ended_at", "day", PAUSE, filter="n < 9")


def read(raw):
    """The marks, each on the day that it names."""
    at, n, day = parse_as("at", "timestamp"), parse_as("n", "int"), parse_as("day", "date")
    unknown = ("payload_hash", "batch_id", "ingested_at", *[column.name for column in VERSION_COLUMNS])
    cells = {"at": at, "n": n, "day": day} | {name: F.lit(None).cast(BY[name].type) for name in unknown}
    rows = json_record(raw, "id string, at string, day string, who string, n string")
    names = [cells[name].alias(name) if name in cells else F.col(name) for name in BY]
    return with_version(rows.select(*names, "_source", type_errors(at="timestamp", n="int", day="date")))


def silver(name, **declared):
    """A silver table of the marks."""
    declared = {"write": Upsert("at")} | declared

    def rows(marks_raw):
        """One row per id."""
        return read(marks_raw)

    made = table("silver", key=["feed", "id"], incremental="marks_raw", columns=COLUMNS, **declared)(rows)
    return replace(made, _name=name)


def gold(name, source, by, write=None):
    """A table of the number of marks by a column, made of one of the silver tables."""

    def rows(marks):
        return (
            marks.groupBy("feed", by)
            .agg(F.count("*").alias("marks"), F.max("id").alias("newest"))
            .select("feed", by, "marks", "newest")
        )

    def of_plain(plain):
        """One row per value."""
        return rows(plain)

    def of_texts(texts):
        """One row per value."""
        return rows(texts)

    def of_times(times):
        """One row per value."""
        return rows(times)

    build = {"plain": of_plain, "texts": of_texts, "times": of_times}[source]
    columns = [FEED, replace(BY[by], required=False), col("marks", "bigint", "Marks", unit="marks"), BY["id"]]
    columns[-1] = replace(columns[-1], name="newest", required=False)
    made = table("gold", key=["feed", by], write=write or Replace(by), partition_by=[by], columns=columns)(build)
    return replace(made, _name=name)


@table(
    "gold",
    key=["feed", "id"],
    write=Replace("day", one_to_one_with="plain"),
    partition_by=["day"],
    columns=[FEED, BY["id"], BY["day"], BY["n"]],
)
def copied(plain):
    """One row per mark."""
    return plain.select("feed", "id", "day", "n")


def by_who(plain):
    """One row per who."""
    return plain.groupBy("feed", "who").agg(F.count("*").alias("marks")).select("feed", "who", "marks")


KEYED = Replace(rebuild_keys=RebuildKeys(("feed", "who"), {"plain": ("feed", "who")}))
WHO = [FEED, BY["who"], col("marks", "bigint", "Marks", unit="marks")]
PEOPLE = table("gold", key=["feed", "who"], write=KEYED, columns=WHO)(by_who)
DOCUMENT = ReplaceDocuments(("id",), order_by="at")
TABLES = [
    silver("plain"),
    silver("texts", partition_by=["who"]),
    silver("times", partition_by=["at"]),
    silver("dated", write=DOCUMENT, partition_by=["day"]),
    silver("named", write=DOCUMENT, partition_by=["who"]),
    gold("days", "plain", "day"),
    gold("people", "texts", "who"),
    gold("compared", "plain", "who", Replace("who", compare_partitions=True)),
    gold("moments", "times", "at"),
    replace(
        visits, write=WINDOW, incremental=("plain",), build=lambda plain: visits.build(plain), _name="stays", _doc="."
    ),
    replace(PEOPLE, _name="keyed"),
    copied,
]
FILES = (
    [
        mark("a", who="o'b") | {"day": "2026-03-01"},
        mark("b", who=None, n=2),
        mark("c", who="é/=%") | {"day": "2026-03-02"},
    ],
    [mark("d", who=None, at="2026-03-01T09:10:00Z"), mark("e", who="o'b", n=9, at="2026-03-01T09:20:00Z")],
    [
        mark("b", "2026-03-01T10:00:00Z", who="o'b", n=4) | {"day": "2026-03-02"},
        mark("a", "2026-03-02T09:00:00Z", who="x"),
    ],
)
NAMES = [each.name for each in TABLES]


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """A lake of three runs, and the rows that its tables had then."""
    made = SampleLake(spark, tmp_path_factory.mktemp("odd"), catalog=Catalog([marks_raw, *TABLES]))
    for number, output in enumerate(FILES):
        made.drop(f"marks/{number}", *output)
        made.run()
    return made, {name: made.rows(made.catalog[name]) for name in NAMES}


@pytest.fixture(scope="module")
def rebuilt(lake):
    """The rows of the tables after a full refresh."""
    made, _ = lake
    made.run(full_refresh=True)
    return {name: made.rows(made.catalog[name]) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_runs_leave_the_rows_of_a_full_refresh(lake, rebuilt, name):
    assert lake[1][name] == rebuilt[name]


def counts(rows):
    return {str(key): marks for _, key, marks, *_ in rows}


def test_rows_without_a_day_are_counted(lake):
    assert counts(lake[1]["days"]) == {"2026-03-02": 2, "None": 3}


def test_rows_in_partitions_of_texts_and_of_times_are_counted(lake):
    by_who = {"None": 1, "o'b": 2, "x": 1, "é/=%": 1}

    assert counts(lake[1]["people"]) == counts(lake[1]["compared"]) == by_who
    assert sorted(counts(lake[1]["moments"]).values()) == [1, 1, 1, 1, 1]


def test_marks_without_a_key_or_a_day_are_in_no_row_that_is_found_by_it(lake):
    assert counts(lake[1]["keyed"]) == {"o'b": 2, "x": 1, "é/=%": 1}
    assert sorted(row[1] for row in lake[1]["stays"]) == ["o'b", "é/=%"]


def test_rows_without_a_day_are_in_a_full_refresh_that_is_built_in_parts(lake, monkeypatch):
    made, _ = lake
    monkeypatch.setattr(chunking, "BYTES_PER_ROW_BY_PARTITION", 1 << 40)
    of_days = replace(made.catalog["days"], build=lambda dated: dated, write=Replace("day"))

    assert chunking.memory_chunks(made.engine, made.catalog, of_days, 1 << 40) == [chunking.FullRefresh()]
