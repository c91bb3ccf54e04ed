from typing import get_args

import pytest
from sample_tables import CATALOG

from shoplake.declare import WriteMode
from shoplake.engine.write.modes import STRATEGIES


def test_each_write_mode_has_one_strategy():
    assert set(STRATEGIES) == set(get_args(WriteMode))


@pytest.mark.parametrize("table", CATALOG.values(), ids=lambda table: table.name)
def test_each_table_is_written_by_the_strategy_of_its_mode(engine, table):
    assert engine.strategy(table) is STRATEGIES[type(table.write)]
