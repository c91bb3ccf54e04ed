import json
import shutil
from pathlib import Path

import pytest
from sample_tables import ARRIVED, mark, marks, marks_raw

from shoplake.engine.state.ops_tables import FILES
from shoplake.engine.storage import filesystem
from shoplake.operations.integrity.bronze_restore import BronzeRestore
from shoplake.operations.integrity.state_rebuild import files_in_bronze, rebuild_state_table
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
from shoplake.operations.quarantine.records import RecordFilter, select_records

FIRST, SECOND = "b000000001", "b000000002"


@pytest.fixture
def restore(filled):
    """Restores batches of the marks; the files that are gone."""
    bronze = BronzeRestore(filled.engine, filled.state, filled.settings.feeds)
    return lambda *batches: bronze.restore(marks_raw, [Path(filled.engine.path(marks_raw))], batches or None)


def rows(filled):
    return filled.rows(marks_raw, "raw", "file", "line", "batch_id")


def data_file(filled, batch):
    return next(Path(filled.engine.path(marks_raw), f"batch_id={batch}").glob("*.parquet"))


def test_all_batches_come_back_from_the_landing_files_under_their_own_ids(filled, restore):
    before = rows(filled)
    filled.engine.delete_batch(marks_raw, FIRST)
    filled.engine.delete_batch(marks_raw, SECOND)

    assert restore() == []
    assert rows(filled) == before


def test_only_the_chosen_batch_is_written_again(filled, restore):
    before, file = rows(filled), data_file(filled, SECOND)
    data_file(filled, FIRST).unlink()

    restore(FIRST)

    assert rows(filled) == before
    assert file.exists()


def test_rows_of_a_file_that_left_the_landing_folder_are_kept_from_whole_data_files(filled, restore):
    before = rows(filled)
    filesystem.remove(str(filled.landing / "marks"))

    assert restore() == ["marks/a.json", "marks/b.json"]
    assert rows(filled) == before


def test_rows_that_neither_a_landing_file_nor_a_data_file_has_are_lost(filled, restore):
    data_file(filled, FIRST).write_bytes(b"")
    (filled.landing / "marks/a.json").unlink()

    assert restore(FIRST) == ["marks/a.json"]
    assert {row[3] for row in rows(filled)} == {SECOND}


def test_a_landing_file_with_new_content_does_not_take_the_place_of_the_old(filled, restore):
    before = rows(filled)
    filled.drop("marks/a", {"id": "other"})

    assert restore() == ["marks/a.json"]
    assert rows(filled) == before


@pytest.fixture
def fixed(filled):
    """The lake after the bad record was corrected."""
    [record] = select_records(filled.engine, marks, RecordFilter())
    fix = FixFile.of({record["record_id"]: json.dumps(mark("c", n=7))})
    cycle = QuarantineLifeCycle(filled.engine, filled.catalog, filled.state, filled.settings)
    cycle.fix(fix, {marks: list(fix.corrections)}, "ticket 41")
    return filled


def test_a_corrected_record_comes_back_from_its_file_in_the_lake(fixed, restore):
    before = fixed.rows(marks_raw)
    for number in (1, 2, 3):
        fixed.engine.delete_batch(marks_raw, f"b{number:09}")

    assert restore() == []
    assert fixed.rows(marks_raw) == before


@pytest.mark.slow
def test_a_corrected_record_comes_back_after_the_record_of_files_was_rebuilt(fixed, restore):
    before, known = fixed.rows(marks_raw), fixed.state.read(FILES)
    found = files_in_bronze(fixed.engine, [marks_raw], fixed.settings.feeds, ARRIVED)
    shutil.rmtree(fixed.state.path(FILES))
    fixed.state.create_if_missing()
    rebuild_state_table(fixed.state, FILES, [], found)

    assert [restore(), fixed.rows(marks_raw)] == [[], before]
    assert contents(found) == contents(known)


def contents(rows):
    """The size and SHA-256 of each ingested file of marks."""
    return sorted((row["path"], row["size"], row["sha256"]) for row in rows if row["stream"] == marks_raw.name)


@pytest.mark.slow
def test_a_corrected_record_whose_file_was_changed_is_lost(fixed, restore):
    [file] = Path(fixed.engine.lake, "_fixes").iterdir()
    file.write_bytes(file.read_bytes().replace(b"7", b"8"))

    assert restore() == [f"_fixes/{file.name}"]
    assert [row[1] for row in rows(fixed)] == ["marks/a.json", "marks/a.json", "marks/a.json", "marks/b.json"]
