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


def test_spark_prepares_for_all_rows(monkeypatch):
    asked = []
    monkeypatch.setattr(few_rows, "expect_rows", lambda *given: asked.append(given))

    DeltaEngine("session", "lake", SPARK).expect_rows(7, 3)

    assert asked == [("session", 7)]
