import pytest

from tests.serve.small_lake import SmallLake, customer, sale


@pytest.fixture
def lake(tmp_path):
    """A lake with one finished run."""
    lake = SmallLake(tmp_path)
    lake.run(sales=[sale(1, "10.00"), sale(2, "20.00")], customers=[customer("C1"), customer("C2", 2)])
    return lake
