from datetime import timedelta

from shoplake.serve.store.finished_run import find_finished_run
from tests.serve.small_lake import SALES, STARTED, SmallLake, sale


def test_a_run_has_the_versions_of_its_tables(lake):
    run = find_finished_run(lake.state)

    assert run.run_id == "run-1"
    assert run.started_at == STARTED + timedelta(hours=1)
    assert run.versions == {"gold.sales_daily": 0, "gold.customer_360": 0}
    assert run.writers == {"gold.sales_daily": "run-1", "gold.customer_360": "run-1"}


def test_a_table_that_a_run_did_not_write_keeps_its_former_version(lake):
    lake.run(sales=[sale(1, "11.00")])

    run = find_finished_run(lake.state)

    assert run.versions == {"gold.sales_daily": 1, "gold.customer_360": 0}
    assert run.writers == {"gold.sales_daily": "run-2", "gold.customer_360": "run-1"}


def test_a_run_in_progress_is_left_out(lake):
    lake.write(SALES, sale(1, "99.00"))
    lake.record(SALES)

    assert find_finished_run(lake.state).run_id == "run-1"
    assert find_finished_run(lake.state).versions["gold.sales_daily"] == 0


def test_a_lake_without_a_run_has_none(tmp_path):
    assert find_finished_run(SmallLake(tmp_path).state) is None
