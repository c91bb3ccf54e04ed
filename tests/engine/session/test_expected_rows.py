from dataclasses import replace

import pytest

from shoplake.engine.session import few_new_rows
from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.session.spark import few_rows
from shoplake.engine.write.delta_engine import DeltaEngine


@pytest.mark.parametrize(("new", "count"), [(None, 7), (3, 3)], ids=["all are new", "some are"])
def test_the_embedded_engine_prepares_for_new_rows(monkeypatch, new, count):
    asked = []
    monkeypatch.setattr(few_new_rows, "expect_rows", lambda *given: asked.append(given))

    DeltaEngine("session", "lake", SAIL).expect_rows(7, new)

    assert asked == [("session", 7, count)]


@pytest.mark.parametrize("is_local", [True, False])
def test_spark_prepares_for_all_rows_and_on_this_machine_gathers_few_ones(monkeypatch, is_local):
    asked = []
    monkeypatch.setattr(few_rows, "expect_rows", lambda *given, is_gathered: asked.append((*given, is_gathered)))
    engine = DeltaEngine("session", "lake", replace(SPARK, shares_disk=is_local))

    for rows in (7, few_rows.COMPILE_FROM_ROWS):
        engine.expect_rows(rows, 3)

    assert asked == [("session", 7, is_local), ("session", few_rows.COMPILE_FROM_ROWS, False)]
