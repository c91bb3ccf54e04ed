import pytest
from sample_tables import daily, marks

from shoplake.engine.state.state_store import StateStore
from shoplake.operations.definitions.definition import declared_definition
from shoplake.operations.definitions.definition_store import DROPPED, DefinitionStore

MARKS, DAILY = declared_definition(marks, {}), declared_definition(daily, {"silver.marks": "x"})


@pytest.fixture
def store(tmp_path):
    return DefinitionStore(StateStore(str(tmp_path)), "r1")


def test_a_lake_without_definitions_has_none(store):
    assert (store.read(), store.stamp, store.exists) == ({}, None, False)


def test_the_last_definition_of_a_table_counts(store):
    store.write({"silver.marks": DAILY, "gold.daily": DAILY}, "baseline")
    store.write({"silver.marks": MARKS}, "applied", {"silver.marks": "why"})

    assert store.read() == {"silver.marks": MARKS, "gold.daily": DAILY}


def test_a_dropped_table_has_no_definition_until_it_is_applied_again(store):
    store.write({"silver.marks": MARKS}, "applied")
    store.write({"silver.marks": MARKS}, DROPPED)
    assert store.read() == {}

    store.write({"silver.marks": MARKS}, "applied")
    assert store.read() == {"silver.marks": MARKS}


def test_a_stamp_is_written_once(store):
    store.write({"silver.marks": MARKS}, "applied")
    for stamp in (7, 7, None):
        store.write_stamps(stamp, {"silver.marks": 8})

    assert (store.stamp, store.stamp_of("silver.marks")) == (7, 8)


def test_a_definition_that_is_recorded_takes_its_stamp_back(store):
    store.write({"silver.marks": MARKS, "gold.daily": DAILY}, "applied")
    store.write_stamps(7, {"silver.marks": 8, "gold.daily": 9})

    store.write({"silver.marks": DAILY}, "applied")

    assert (store.stamp, store.stamp_of("silver.marks"), store.stamp_of("gold.daily")) == (None, None, 9)
