from datetime import UTC, datetime

import pytest
from reliability.lakes import EVENTS, drop, event, lake_at

from shoplake.pipeline.streaming.streaming_progress import read_updates


@pytest.fixture
def landing(tmp_path):
    return tmp_path / "landing"


@pytest.fixture
def lake(tmp_path, landing):
    return lake_at(tmp_path / "lake", landing, tables=EVENTS)


def test_what_the_state_store_says_of_runs_is_what_they_reported_themselves(lake, landing):
    drop(landing, "events/a.json", *[event(number) for number in range(30)], '{"new": 1}')
    since = datetime.now(UTC)
    read = lake.run()
    local, latest = read_updates(lake.state, since)
    assert (local.files, local.bytes, local.oldest_file_at, local.new_fields) == (
        read.files,
        read.bytes,
        read.oldest_file_at,
        read.new_fields,
    )
    counts = [{(step.table, step.result.rows_read, step.row_count) for step in each.tables} for each in (local, read)]
    assert counts[0] == counts[1]
    assert latest is not None and read_updates(lake.state, latest)[1] is None


def test_a_file_that_was_refused_is_reported(lake, landing):
    drop(landing, "events/a.json", event(1))
    lake.run()
    since = lake.state.latest()
    drop(landing, "events/a.json", event(2), event(1))
    lake.run()
    local, _ = read_updates(lake.state, since)
    assert local.rejected == ["shop: events/a.json"]
