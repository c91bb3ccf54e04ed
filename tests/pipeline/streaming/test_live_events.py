import json

from shoplake.pipeline.streaming.live_events import LIVE_COLUMNS, _query_id, live_events_table
from shoplake.tables.silver.events import events

EVENTS_LIVE = live_events_table(events)


def test_a_live_event_has_the_columns_of_the_event_it_stands_in_for():
    of_events = {column.name: column for column in events.columns}
    assert [column.name for column in EVENTS_LIVE.columns] == list(LIVE_COLUMNS)
    assert all(of_events[column.name] is column for column in EVENTS_LIVE.columns)


def test_it_lies_beside_the_state_store_and_says_that_it_is_provisional():
    assert EVENTS_LIVE.path == "ops/events_live"
    assert "Provisional" in EVENTS_LIVE.doc


def test_a_checkpoint_that_was_lost_is_another_life_of_the_query(tmp_path):
    (tmp_path / "metadata").write_text(json.dumps({"id": "one"}))
    assert _query_id(str(tmp_path)) == "one"
