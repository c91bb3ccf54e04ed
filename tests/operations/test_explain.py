import pytest
from sample_lake import SampleLake

from shoplake.errors import UnknownTableError
from shoplake.operations.explain import explain_table


@pytest.fixture
def house(spark, tmp_path):
    """A lake of the sample tables, built from no files."""
    made = SampleLake(spark, tmp_path)
    made.run()
    return made


def explain(house, name):
    from sample_tables import CATALOG

    table = CATALOG[name]
    inputs = [CATALOG[each] for each in table.inputs]
    return explain_table(house.engine, CATALOG, table, inputs, house.settings.feeds)


def test_the_plan_reads_the_inputs_of_the_table(house):
    assert "parquet" in explain(house, "daily")


def test_a_table_that_is_built_from_files_has_no_plan(house):
    with pytest.raises(UnknownTableError, match="marks_raw"):
        explain(house, "marks_raw")
