import shutil
from pathlib import Path

import pytest
from sample_tables import ARRIVED, mark, marks_raw, prices_raw

from shoplake.columns.record_place import corrected_file
from shoplake.engine.ingest.file_registry import FileRegistry
from shoplake.engine.state.ops_tables import FILES, OFFSETS, TABLE_RUNS
from shoplake.engine.state.state_store import RUN_MARKER
from shoplake.operations.integrity.state_rebuild import files_in_bronze, rebuild_state_table


@pytest.fixture
def emptied(filled):
    """Moves a state table away and makes it anew, without rows; where the old one lies."""

    def empty(table):
        at = Path(filled.state.path(table))
        aside = Path(shutil.move(at, at.with_name("aside")))
        filled.state.create_if_missing()
        return aside

    return empty


def in_bronze(filled):
    return files_in_bronze(filled.engine, [marks_raw, prices_raw], filled.settings.feeds, ARRIVED)


def named(rows):
    return sorted(
        (row["stream"], row["path"], row["sha256"], row["size"], row["batch_id"], row["state"]) for row in rows
    )


def test_bronze_and_the_landing_folder_say_which_files_were_ingested(filled):
    assert named(in_bronze(filled)) == named(filled.state.read(FILES))


def test_a_file_that_left_the_landing_folder_has_no_size(filled):
    (filled.landing / "marks/a.json").unlink()

    sizes = {row["path"]: row["size"] for row in in_bronze(filled)}

    assert sizes["marks/a.json"] is None and sizes["marks/b.json"] > 0


def test_files_are_filled_from_whole_data_files_and_the_rest_from_bronze(filled, emptied):
    before = named(filled.state.read(FILES))
    aside = emptied(FILES)
    next(aside.glob("*.parquet")).write_bytes(b"")

    count = rebuild_state_table(filled.state, FILES, [aside], in_bronze(filled))

    assert (count, named(filled.state.read(FILES))) == (3, before)


def test_after_files_are_rebuilt_the_next_batch_has_the_next_number(filled, emptied):
    rebuild_state_table(filled.state, FILES, [emptied(FILES)], [])
    filled.drop("marks/c", mark("e"))

    filled.run()

    assert filled.state.marker(FILES, "batch/marks_raw") == 3


@pytest.mark.parametrize("table", [OFFSETS, TABLE_RUNS], ids=lambda table: table.name)
def test_offsets_are_the_same_from_the_table_that_is_left(filled, emptied, table):
    before, last = filled.state.offsets(), filled.state.marker(TABLE_RUNS, RUN_MARKER)

    rebuild_state_table(filled.state, table, [emptied(table)], [])

    assert filled.state.offsets() == before
    assert filled.state.marker(TABLE_RUNS, RUN_MARKER) == last


def test_a_correction_in_bronze_is_of_its_own_file_and_not_of_the_landed_one(filled, emptied):
    before = named(filled.state.read(FILES))
    file = corrected_file("_fixes/0123456789abcdef.ndjson", "0" * 16, "b000000001", "marks/a.json")
    row = ("shop", "{}", file, 1, None, None, "b000000009", ARRIVED)
    names = [column.name for column in marks_raw.columns]
    schema = "feed string, raw string, file string, line bigint, header string, problem string, batch_id string"
    frame = filled.engine.session.createDataFrame([row], f"{schema}, ingested_at timestamp").select(*names)
    filled.engine.append_batch(marks_raw, "b000000009", frame)

    rebuild_state_table(filled.state, FILES, [emptied(FILES)], in_bronze(filled))

    [fix] = [row for row in named(filled.state.read(FILES)) if row not in before]
    assert (fix[1], fix[4], fix[5]) == ("_fixes/0123456789abcdef.ndjson", "b000000009", "ingested")
    assert FileRegistry(filled.state, "r1", ARRIVED).fix_batches("marks_raw") == {"b000000009"}
