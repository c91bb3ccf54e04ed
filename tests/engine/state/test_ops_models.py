from shoplake.engine.state.ops_models import MODEL_ALIASES, MODEL_RUNS, MODELS
from shoplake.engine.state.ops_tables import OPS


def test_the_tables_of_models_are_part_of_the_state_store():
    assert {MODELS, MODEL_RUNS, MODEL_ALIASES} <= set(OPS)
