from __future__ import annotations

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.engine.state.ops_tables import CHECKSUMS, TABLE_RUNS
from shoplake.engine.storage import delta_log
from shoplake.errors import VersionNotFoundError
from shoplake.operations.maintenance import Maintenance


@pytest.fixture
def house(spark, tmp_path):
    """A lake of sample tables after three runs."""
    made = SampleLake(spark, tmp_path)
    for number in range(3):
        made.drop(f"marks/{number}", mark(f"m{number}"))
        made.run()
    return made


def maintenance(house):
    return Maintenance(house.engine, house.state, CATALOG.__getitem__)


def test_small_files_are_put_together_sealed_and_no_reason_to_build_anything(house):
    before = house.rows(marks)

    done = maintenance(house).optimize(["marks", "gold.totals"])

    assert done["silver.marks"] == 3 and set(done) == {"silver.marks", "silver.marks_quarantine", "gold.totals"}
    assert house.rows(marks) == before
    sealed = {row["file"] for row in house.state.read(CHECKSUMS, ["file"])}
    assert set(delta_log.file_paths(house.engine.path(marks))) <= sealed
    assert "silver.marks" not in house.wrote()


def test_vacuum_keeps_what_the_last_week_needs(house):
    assert maintenance(house).vacuum(["silver.marks"]) == {"silver.marks": 0, "silver.marks_quarantine": 0}


def test_a_version_comes_back_and_the_state_store_counts_its_rows(house):
    maintenance(house).restore("marks", 1)

    assert [row[0] for row in house.rows(marks, "id")] == ["m0"]
    last = max(house.state.read(TABLE_RUNS), key=lambda row: row["run_started_at"])
    assert (last["table"], last["rows_total"]) == ("silver.marks", 1)
    assert house.wrote(full_refresh=True, select="marks") == ["silver.marks"]
    assert [row[0] for row in house.rows(marks, "id")] == ["m0", "m1", "m2"]


def test_a_version_that_is_not_there_is_refused_with_those_that_are(house):
    with pytest.raises(VersionNotFoundError, match=r"silver.marks has no version 99: its log has 0 to 3"):
        maintenance(house).restore("marks", 99)
