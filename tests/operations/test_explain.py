import pytest
from sample_lake import SampleLake

from shoplake.errors import UnknownTableError
from shoplake.operations.explain import explain_table


@pytest.fixture
def sample(spark, tmp_path):
    """A lake of the sample tables, built from no files."""
    made = SampleLake(spark, tmp_path)
    made.run()
    return made


def explain(sample, name):
    from sample_tables import CATALOG

    table = CATALOG[name]
    inputs = [CATALOG[each] for each in table.inputs]
    return explain_table(sample.engine, CATALOG, table, inputs, sample.settings.feeds)


def test_the_plan_reads_the_inputs_of_the_table(sample):
    assert "parquet" in explain(sample, "daily")


def test_a_table_that_is_built_from_files_has_no_plan(sample):
    with pytest.raises(UnknownTableError, match="marks_raw"):
        explain(sample, "marks_raw")
