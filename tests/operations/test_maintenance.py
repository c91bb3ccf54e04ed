from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare import col
from shoplake.engine.state.ops_tables import CHECKSUMS, TABLE_RUNS
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.table_cache import load_table
from shoplake.engine.write.kept_copies import KeptCopies
from shoplake.errors import TableNotFoundError, VersionNotFoundError
from shoplake.operations.maintenance import Maintenance, OtherColumnsError


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory):
    """A lake of sample tables after three runs."""
    made = SampleLake(spark, tmp_path_factory.mktemp("maintained"))
    for number in range(3):
        made.drop(f"marks/{number}", mark(f"m{number}"))
        made.run()
    return made


@pytest.fixture
def sample(template, tmp_path):
    """A copy of that lake."""
    return template.copy(tmp_path)


def maintenance(sample):
    return Maintenance(sample.engine, sample.state, CATALOG.__getitem__)


def test_small_files_are_compacted_with_checksums_and_no_reason_to_build_anything(sample):
    before = sample.rows(marks)

    done = maintenance(sample).optimize(["marks", "gold.totals"])

    assert done["silver.marks"] == 3 and set(done) == {"silver.marks", "silver.marks_quarantine", "gold.totals"}
    assert sample.rows(marks) == before
    recorded = {row["file"] for row in sample.state.read(CHECKSUMS, ["file"])}
    assert set(delta_log.file_paths(sample.engine.path(marks))) <= recorded
    assert "silver.marks" not in sample.wrote()


def test_a_table_that_no_run_has_written_is_left_out_of_all_and_named_by_itself(sample):
    found = Maintenance(sample.engine, sample.state, {"marks": marks, "new": replace(marks, _name="new")}.__getitem__)

    assert found.written(["marks", "new"]) == ["marks"]
    for action in (lambda: found.vacuum(["new"]), lambda: found.optimize(["new"]), lambda: found.restore("new", 0)):
        with pytest.raises(TableNotFoundError, match=r"Table 'silver.new' does not exist in .* yet. Create it"):
            action()


def test_vacuum_keeps_what_the_last_week_needs(sample):
    assert maintenance(sample).vacuum(["silver.marks"]) == {"silver.marks": 0, "silver.marks_quarantine": 0}


def test_a_vacuum_removes_a_copy_with_rows_that_were_deleted(sample):
    sample.engine.copies = KeptCopies(sample.engine, min_files=1)
    sample.engine.copies.read(marks)
    copy = Path(sample.engine.lake, "_copies/silver/marks")
    maintenance(sample).vacuum(["silver.marks"])
    assert copy.is_dir()

    DeltaTable(sample.engine.path(marks)).delete("id = 'm1'")
    maintenance(sample).vacuum(["silver.marks"])
    assert not copy.exists()


def test_a_version_comes_back_and_the_state_store_counts_its_rows(sample):
    maintenance(sample).restore("marks", 1)

    assert [row[0] for row in sample.rows(marks, "id")] == ["m0"]
    last = max(sample.state.read(TABLE_RUNS), key=lambda row: row["run_started_at"])
    assert (last["table"], last["rows_total"]) == ("silver.marks", 1)
    assert sample.wrote(full_refresh=True, select="marks") == ["silver.marks"]
    assert [row[0] for row in sample.rows(marks, "id")] == ["m0", "m1", "m2"]


def test_a_version_before_the_last_checkpoint_comes_back(sample):
    DeltaTable(sample.engine.path(marks)).create_checkpoint()

    maintenance(sample).restore("marks", 2)

    assert [row[0] for row in sample.rows(marks, "id")] == ["m0", "m1"]


def test_a_version_without_columns_that_are_declared_now_is_refused(sample):
    more = replace(
        marks, columns=(*marks.columns, col("colour", "string", "Its colour")), _name="marks", _doc=marks.doc
    )
    before = sample.rows(marks)

    with pytest.raises(OtherColumnsError, match=r"Version 1 of silver.marks lacks colour, declared since\."):
        Maintenance(sample.engine, sample.state, {"marks": more}.__getitem__).restore("marks", 1)
    assert sample.rows(marks) == before


def test_a_version_that_is_not_there_is_refused_with_those_that_are(sample):
    with pytest.raises(VersionNotFoundError, match=r"silver.marks has no version 99: those from 0 to 3 can be read"):
        maintenance(sample).restore("marks", 99)


def test_a_version_whose_files_are_deleted_is_refused_with_those_that_can_be_read(sample):
    maintenance(sample).optimize(["marks"])
    load_table(sample.engine.path(marks)).vacuum(0, dry_run=False, enforce_retention_duration=False)

    with pytest.raises(VersionNotFoundError, match=r"silver.marks has no version 3: those from 4 to 6 can be read\."):
        maintenance(sample).restore("marks", 3)
