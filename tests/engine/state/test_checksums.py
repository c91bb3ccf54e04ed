import hashlib
from pathlib import Path

import pytest
from sample_tables import ARRIVED, mark, marks, records

from shoplake.engine.state.checksums import ChecksumWriter
from shoplake.engine.state.ops_tables import CHECKSUMS
from shoplake.engine.storage import delta_log
from shoplake.engine.write.delta_engine import DeltaEngine


@pytest.fixture
def engine(spark, tmp_path):
    made = DeltaEngine(spark, str(tmp_path / "lake"))
    made.create_if_missing(marks)
    return made


@pytest.fixture
def take(engine, spark):
    """Take marks in as one batch."""
    return lambda *output, batch="b000000001": engine.write(marks, marks(records(spark, *output, batch=batch)))


@pytest.fixture
def record(engine, state_store):
    """Record checksums of tables as one run does; return those of `marks`."""

    def record_tables(*tables, run="r1"):
        writer = ChecksumWriter(engine, state_store)
        for table in tables:
            writer.add(table)
        writer.flush(run, ARRIVED)
        writer.close()
        return {row["file"]: row["sha256"] for row in state_store.read(CHECKSUMS) if row["table"] == "silver.marks"}

    return record_tables


def sums(engine):
    at = engine.path(marks)
    return {file: hashlib.sha256(Path(at, file).read_bytes()).hexdigest() for file in delta_log.file_paths(at)}


def test_every_file_of_a_table_has_the_checksum_of_its_contents(engine, take, record):
    take(mark("a"), mark("b", at="2026-03-02T09:00:00Z"))

    assert record(marks) == sums(engine)


def test_files_with_a_checksum_are_not_read_again(engine, take, record, monkeypatch):
    take(mark("a"))
    before = record(marks)
    take(mark("b", at="2026-03-02T09:00:00Z"), batch="b000000002")
    read = []
    monkeypatch.setattr("shoplake.engine.state.checksums.sha256", lambda path: read.append(path) or "x")

    after = record(marks, run="r2")

    assert len(read) == 1
    assert set(after) - set(before) == {read[0].removeprefix(f"{engine.path(marks)}/")}


def test_what_runs_that_were_cut_off_left_gets_checksums_in_the_next(engine, take, record):
    record(marks)
    for number in (1, 2, 3):
        take(mark(str(number), at=f"2026-03-0{number}T09:00:00Z"), batch=f"b00000000{number}")

    assert record(marks) == sums(engine)


def test_files_that_came_and_went_get_no_checksum(engine, take, record):
    record(marks)
    take(mark("a"))
    take(mark("b"), batch="b000000002")
    delta_log.open_table(engine.path(marks)).optimize.compact()

    assert record(marks) == sums(engine)


def test_another_table_in_its_place_gets_all_its_checksums(engine, take, record):
    for number in (1, 2):
        take(mark(str(number)), batch=f"b00000000{number}")
    record(marks)
    Path(engine.path(marks)).rename(Path(engine.lake, "away"))
    engine.create_if_missing(marks)
    take(mark("a"))

    assert sums(engine).items() <= record(marks, run="r2").items()


def test_where_the_log_does_not_reach_back_the_checksums_that_are_kept_are_read(engine, take, record):
    take(mark("a"))
    record(marks)
    take(mark("b", at="2026-03-02T09:00:00Z"), batch="b000000002")
    table = delta_log.open_table(engine.path(marks))
    table.create_checkpoint()
    Path(engine.path(marks), "_delta_log", f"{table.version():020}.json").unlink()

    assert record(marks, run="r2") == sums(engine)


def test_nothing_to_record_is_no_commit(state_store, record):
    record()

    assert delta_log.table_version(state_store.path(CHECKSUMS)) == 0
