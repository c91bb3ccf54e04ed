"""Lakes whose definitions were recorded by an earlier state of the code still match the same declarations.

`golden/` has a file of recorded definitions per format. To record a new one, write the rows of
`Definition.to_row` of the tables of `sample_changes` to a file of the next number; the earlier ones stay,
unless the plan of one of its tables has changed.
"""

import json
from pathlib import Path

import pytest
from sample_changes import changed

from shoplake.operations.definitions.change_plan import ChangePlanner
from shoplake.operations.definitions.definition import Definition

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def recorded(request):
    """The definitions of a file, by table."""
    return {row["table"]: Definition.from_row(row) for row in json.loads(request.param.read_text())}


def plan(lake, recorded):
    return ChangePlanner(lake.engine(), lake.catalog, lake.state, lake.settings.feeds).plan(recorded)


def test_a_lake_of_recorded_definitions_has_no_changes(filled, recorded):
    assert recorded.keys() == {table.qualified_name for table in filled.tables.values()}
    assert plan(filled, recorded).changes == ()


def test_a_change_since_the_record_is_seen(lake, recorded):
    lake.tables = changed("helped", build=lambda daily: daily.select("feed", "pieces"))

    assert {change.table: change.action.name for change in plan(lake, recorded).changes} == {"gold.helped": "REBUILD"}
