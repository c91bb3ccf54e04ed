import hashlib
from pathlib import Path

import pytest
from sample_tables import ARRIVED, mark, marks, records

from shoplake.engine.state.checksums import ChecksumWriter
from shoplake.engine.state.ops_tables import CHECKSUMS
from shoplake.engine.state.state_store import StateStore
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
def state_store(engine):
    made = StateStore(engine.lake)
    made.create_if_missing()
    return made


@pytest.fixture
def seal(engine, state_store):
    """Seal tables as one run does; what is sealed of `marks` then."""

    def sealed(*tables, run="r1"):
        seals = ChecksumWriter(engine, state_store)
        for table in tables:
            seals.add(table)
        seals.flush(run, ARRIVED)
        seals.close()
        return {row["file"]: row["sha256"] for row in state_store.read(CHECKSUMS) if row["table"] == "silver.marks"}

    return sealed


def sums(engine):
    at = engine.path(marks)
    return {file: hashlib.sha256(Path(at, file).read_bytes()).hexdigest() for file in delta_log.file_paths(at)}


def test_every_file_of_a_table_is_sealed_by_what_it_holds(engine, take, seal):
    take(mark("a"), mark("b", at="2026-03-02T09:00:00Z"))

    assert seal(marks) == sums(engine)


def test_files_that_are_sealed_are_not_read_again(engine, take, seal, monkeypatch):
    take(mark("a"))
    before = seal(marks)
    take(mark("b", at="2026-03-02T09:00:00Z"), batch="b000000002")
    read = []
    monkeypatch.setattr("shoplake.engine.state.checksums.sha256", lambda path: read.append(path) or "x")

    after = seal(marks, run="r2")

    assert len(read) == 1
    assert set(after) - set(before) == {read[0].removeprefix(f"{engine.path(marks)}/")}


def test_what_runs_that_were_cut_off_left_is_sealed_by_the_next(engine, take, seal):
    seal(marks)
    for number in (1, 2, 3):
        take(mark(str(number), at=f"2026-03-0{number}T09:00:00Z"), batch=f"b00000000{number}")

    assert seal(marks) == sums(engine)


def test_files_that_came_and_went_are_not_sealed(engine, take, seal):
    seal(marks)
    take(mark("a"))
    take(mark("b"), batch="b000000002")
    delta_log.open_table(engine.path(marks)).optimize.compact()

    assert seal(marks) == sums(engine)


def test_another_table_in_its_place_is_sealed_whole(engine, take, seal):
    for number in (1, 2):
        take(mark(str(number)), batch=f"b00000000{number}")
    seal(marks)
    Path(engine.path(marks)).rename(Path(engine.lake, "away"))
    engine.create_if_missing(marks)
    take(mark("a"))

    assert sums(engine).items() <= seal(marks, run="r2").items()


def test_where_the_log_does_not_reach_back_the_checksums_that_are_kept_are_read(engine, take, seal):
    take(mark("a"))
    seal(marks)
    take(mark("b", at="2026-03-02T09:00:00Z"), batch="b000000002")
    table = delta_log.open_table(engine.path(marks))
    table.create_checkpoint()
    Path(engine.path(marks), "_delta_log", f"{table.version():020}.json").unlink()

    assert seal(marks, run="r2") == sums(engine)


def test_nothing_to_seal_is_no_commit(state_store, seal):
    seal()

    assert delta_log.table_version(state_store.path(CHECKSUMS)) == 0
