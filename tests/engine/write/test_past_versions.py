from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable
from sample_shop import drop_marks, sample_shop
from sample_tables import marks, marks_raw

from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.write.past_versions import PastVersions
from shoplake.errors import QueryNotAllowedError, VersionNotFoundError


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake whose marks got a row in each of three versions, the last of which has a checkpoint."""
    made = sample_shop(tmp_path_factory.mktemp("versions"), (marks_raw, marks))
    for number in range(3):
        drop_marks(made, number, f"2026-03-0{number + 1}")
        made.run()
    DeltaTable(made.path("silver.marks")).create_checkpoint()
    return made


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_an_earlier_version_has_its_rows_also_before_a_checkpoint(lake, version):
    query = f"SELECT count(*) AS n, max(day) AS last FROM silver.marks VERSION AS OF {version}"

    [row] = lake.sql(query).to_arrow().to_pylist()

    assert (row["n"], str(row["last"])) == (version, f"2026-03-0{version}" if version else "None")


def test_two_versions_and_the_current_one_are_joined(lake):
    query = """
        SELECT now.id FROM silver.marks AS now
        LEFT JOIN silver.marks version as of 2 AS before ON before.id = now.id
        LEFT JOIN silver.marks FOR VERSION AS OF 1 ON marks.id = now.id
        WHERE before.id IS NULL AND silver.marks.id IS NULL
    """

    assert [row["id"] for row in lake.sql(query).to_arrow().to_pylist()] == ["m2-2026-03-03"]


@pytest.mark.parametrize("version", [9, 10**20])
def test_a_version_that_is_not_there_is_refused_with_those_that_are(lake, version):
    with pytest.raises(
        VersionNotFoundError, match=rf"silver.marks has no version {version}: those from 0 to 3 can be read"
    ):
        lake.sql(f"SELECT * FROM silver.marks VERSION AS OF {version}")


@pytest.mark.parametrize("as_of", ["TIMESTAMP AS OF '2026-01-01'", "VERSION AS OF '3'", "VERSION AS OF 1.5"])
def test_a_version_is_named_by_its_number(lake, as_of):
    with pytest.raises(QueryNotAllowedError, match="List versions with: shoplake maintain history marks"):
        lake.sql(f"SELECT * FROM silver.marks {as_of}")


def test_on_spark_the_engine_reads_the_version(lake):
    location = lake.engine.location(marks)

    assert PastVersions(SPARK).sql_name(marks, location, 1) == f"{location.sql} VERSION AS OF 1"


def test_the_links_go_with_the_engine(lake):
    versions = PastVersions(lake.engine.capabilities)
    path = Path(versions.sql_name(marks, lake.engine.location(marks), 1).split("`")[1])
    was_there = path.exists()

    del versions

    assert was_there and not path.exists()
