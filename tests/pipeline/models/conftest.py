import pytest
from sample_churn_lake import SampleChurnLake


@pytest.fixture(scope="package")
def trained(spark, tmp_path_factory):
    """A lake with one trained version of churn, and the result of its training."""
    lake = SampleChurnLake(spark, tmp_path_factory.mktemp("churn"))
    lake.result = lake.training().train(seed=5)
    return lake
