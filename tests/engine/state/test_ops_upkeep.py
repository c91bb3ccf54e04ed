from shoplake.engine.state.ops_tables import OPS
from shoplake.engine.state.ops_upkeep import COSTS, ERRORS, INCIDENTS, MAINTENANCE, OUTBOX


def test_the_tables_of_upkeep_and_incidents_are_part_of_the_state_store():
    assert {MAINTENANCE, ERRORS, COSTS, INCIDENTS, OUTBOX} <= set(OPS)
