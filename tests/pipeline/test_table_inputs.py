from dataclasses import replace
from datetime import date

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, DAYS, copies, daily, mark, marks, visits

from shoplake.declare import Replace
from shoplake.declare.catalog import Catalog
from shoplake.engine.ingest.file_ingestion import FileIngestion
from shoplake.engine.storage import table_log
from shoplake.engine.write import table_reader
from shoplake.engine.write.table_plan import AllRows, Batches, DateRange, FullRefresh, Partitions, Rows, Sessions
from shoplake.pipeline.table_inputs import TableInputs


@pytest.fixture(scope="module")
def sample(spark, tmp_path_factory):
    """A lake of three batches with a mark on a day each."""
    made = SampleLake(spark, tmp_path_factory.mktemp("sample"), catalog=Catalog([*CATALOG.values(), copies]))
    for number, day in enumerate(DAYS):
        made.drop(f"marks/{number}", mark(f"e{number}", f"{day}T09:00:00Z"))
        made.run()
    return made


@pytest.fixture
def inputs(sample):
    """The inputs of a table."""
    files = FileIngestion(sample.state, sample.settings, "r", sample.state.next_run_time()).registry

    def of(table, **more):
        return TableInputs(sample.engine, sample.catalog, table, files, sample.settings.feeds, **more)

    return of


def ids(rows):
    return sorted(row.id for row in rows.select("id").collect())


def test_batches_are_built_one_by_one(inputs):
    found = inputs(marks).rows(Batches(("b000000001", "b000000003")))

    assert [ids(rows) for rows in found] == [["e0"], ["e2"]]


@pytest.mark.parametrize("action", [FullRefresh(), AllRows(), DateRange(date(2026, 3, 1))])
def test_all_rows_are_built_of_all_rows(inputs, action):
    assert [ids(rows) for rows in inputs(marks).rows(action)] == [["e0", "e1", "e2"]]


def test_partitions_are_built_of_the_same_partitions(inputs):
    (rows,) = inputs(daily).rows(Partitions(frozenset(DAYS[1:])))

    assert sorted(str(row.day) for row in rows.collect()) == DAYS[1:]


@pytest.mark.parametrize(("days", "copied"), [(1, {"marks"}), (3, set())])
def test_inputs_that_are_pruned_row_by_row_are_copied_where_few_days_of_them_are_needed(
    sample, inputs, monkeypatch, days, copied
):
    files, size = table_log.table_size(sample.engine.path(marks))
    monkeypatch.setattr(table_log, "MANY_FILES", 1)
    monkeypatch.setattr(table_reader, "BYTES_PER_FILE", size / files / 2)
    dated = replace(
        marks, columns=[replace(each, type="date") if each.name == "at" else each for each in marks.columns]
    )
    monkeypatch.setattr(sample, "catalog", {**sample.catalog, "marks": dated})
    by_row = replace(daily, write=Replace("day", input_partitions={"marks": ("day", "at")}))

    source, action = inputs(by_row), Partitions(frozenset(DAYS[:days]))
    rows = source.pruned(action)
    scattered = source.scattered(source.build_from(rows), action)

    assert (set(rows), set(scattered)) == ({"marks"}, copied)


def test_rows_are_built_of_those_that_were_added(sample, inputs):
    (rows,) = inputs(copies).rows(Rows(sample.engine.version(marks) - 1))

    assert ids(rows) == ["e2"]


def test_a_full_refresh_is_built_in_chunks_that_fit_into_memory(inputs):
    chunks = list(inputs(visits, memory=400).rows(FullRefresh()))

    assert len(chunks) == 3
    assert sum(rows.count() for rows in chunks) == 3


def test_changed_input_has_the_days_next_to_requested_dates(sample, inputs):
    since, dates = sample.engine.version(marks), DateRange(date(2026, 3, 1), date(2026, 3, 1))

    assert inputs(visits).changed_input(Sessions(since, "day")).count() == 0
    assert ids(inputs(visits).changed_input(Sessions(since, "day", dates))) == ["e0", "e1"]


def test_input_without_changes_in_the_log_is_an_error(sample, inputs, monkeypatch):
    monkeypatch.setattr(type(sample.engine), "commit_diff", lambda *_: None)

    with pytest.raises(LookupError, match=r"The changes of silver\.marks since version 1 are unknown"):
        inputs(visits).changed_input(Sessions(1, "day"))
