import time
from datetime import UTC, datetime

from sample_shop import TABLES, drop_marks, sample_shop
from sample_tables import latest

from shoplake.declare.catalog import Catalog


def test_a_table_that_is_created_before_the_next_run_is_no_sign_of_a_run_at_work(tmp_path):
    lake = sample_shop(tmp_path)
    drop_marks(lake, 0, "2026-03-01")
    lake.run()
    moment = datetime.now(UTC)
    time.sleep(0.01)

    lake.catalog = Catalog((*TABLES, latest))
    lake.engine.create_if_missing(latest)
    time.sleep(0.01)
    lake.apply()

    assert lake.restore_plan(moment).until == moment
