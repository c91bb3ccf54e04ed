"""What happens after the last finished run, and is served without another one."""

from contextlib import suppress

from shoplake.engine import INCIDENTS
from shoplake.pipeline.error_log import begin_run, end_run
from shoplake.quality.alerts.alerts import Alerts
from shoplake.serve.store.builder import build_store
from shoplake.serve.store.reader import StoreReader
from shoplake.settings.alert_settings import AlertSettings
from tests.serve.small_lake import STARTED


def generation_of(lake):
    return StoreReader(lake.settings.serve.store_folder(lake.settings.lake), lake.catalog.ordered).current(
        with_personal=True
    )


def test_incidents_of_a_run_that_failed_are_served_without_another_run(lake):
    build_store(lake)
    with suppress(OSError), Alerts(lake.state, AlertSettings()).failures():
        raise OSError

    build_store(lake)

    [row] = generation_of(lake).query(f"SELECT summary FROM {INCIDENTS.qualified_name}").to_pylist()
    assert row["summary"] == "A run failed: OSError. See shoplake errors."


def test_a_decision_about_quarantined_records_is_served_without_another_run(lake):
    build_store(lake)
    lake.quarantine_version = 1
    begin_run(lake.state, "next", STARTED)
    build_store(lake)
    while_at_work = lake.asked
    end_run(lake.state)
    build_store(lake)

    assert (while_at_work, lake.asked) == (1, 2)
