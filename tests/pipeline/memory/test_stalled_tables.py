"""A table whose query was ended because it stood still is built again in the same run, however far it had come."""

import pytest
from reliability.lakes import EVENTS, content, difference, drop, event, lake_at, there

from shoplake.engine import QueryStalledError
from shoplake.engine.write.delta_engine import DeltaEngine

DAILY = ("funnel_daily", *EVENTS)


class Stalled:
    """Executes actions, but raises QueryStalledError for the first ones of a table, before or after they wrote."""

    def __init__(self, name, times, *, written):
        self.name, self.times, self.written, self.execute = name, times, written, DeltaEngine.execute
        self.divided = []

    def patch(self, monkeypatch):
        def execute(engine, table, action, source, gates=None):
            self.divided.append((table.name, is_divided(engine.session)))
            stands_still = table.name == self.name and self.times > 0
            if self.written or not stands_still:
                result = self.execute(engine, table, action, source, gates)
            if stands_still:
                self.times -= 1
                raise QueryStalledError
            return result

        monkeypatch.setattr(DeltaEngine, "execute", execute)
        return self


def is_divided(session):
    """Whether the engine divides the rows of a group-by among tasks."""
    return "RepartitionExec" in session.range(9).groupBy("id").count()._explain_string()


@pytest.fixture
def landing(tmp_path):
    for day in (1, 2, 3):
        seen = [event(10 * day + n, event_ts=f"2026-03-{day:02}T10:0{n}:00Z") for n in range(5)]
        drop(tmp_path / "landing", f"events/{day}.json", *seen)
    return tmp_path / "landing"


@pytest.mark.parametrize("table", ["events", "funnel_daily"])
@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("memory", [None, pytest.param(1 << 30, marks=pytest.mark.slow)])
def test_a_table_whose_query_stood_still_is_built_again_and_has_each_row_once(
    table, written, memory, landing, tmp_path, monkeypatch
):
    lake_at(tmp_path / "smooth", landing, tables=DAILY).run()
    stalled = Stalled(table, 1, written=written).patch(monkeypatch)

    lake_at(tmp_path / "lake", landing, tables=DAILY, memory_limit=memory).run()

    assert stalled.times == 0
    assert difference(answers(tmp_path / "lake"), answers(tmp_path / "smooth")) == {}
    assert len(content(tmp_path / "lake", ["silver/events"])["silver/events"]) == 15


def answers(lake):
    return content(lake, [table for table in there(lake) if not table.startswith("bronze")])


def test_a_table_whose_query_stands_still_again_ends_the_run(landing, tmp_path, monkeypatch):
    Stalled("events", 99, written=False).patch(monkeypatch)

    with pytest.raises(QueryStalledError, match=r"Raise memory_limit and run again"):
        lake_at(tmp_path / "lake", landing, tables=DAILY, memory_limit=1 << 30).run()


def test_only_the_table_whose_query_stood_still_is_built_in_one_task(landing, tmp_path, monkeypatch):
    stalled = Stalled("events", 1, written=False).patch(monkeypatch)

    lake_at(tmp_path / "lake", landing, tables=DAILY, memory_limit=1 << 30).run()

    assert [divided for name, divided in stalled.divided if name == "events"] == [True, False]
    assert all(divided for name, divided in stalled.divided if name != "events")
