"""Late events: exactly the days they touch change, and what comes out is what a build of everything gives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..lakes import EVENTS, content, difference, drop, event, lake_at, listed, partitions, same_files

if TYPE_CHECKING:
    from shoplake.lake import Lake

    from ..conftest import Shop

DATED = {
    "silver/events": "event_date",
    "silver/sessions": "session_date",
    "gold/product_performance_daily": "event_date",
    "gold/purchases": "event_date",
}


class Late:
    """The small shop's lake, before and after an event of an earlier day came in."""

    def __init__(self, folder: Path, shop: Shop, *events: dict[str, object]) -> None:
        self.landing, self.lake, self._shop = folder / "landing", folder / "lake", shop
        shutil.copytree(shop.landing, self.landing)
        shutil.copytree(shop.lake, self.lake)
        self._before = self._files()
        drop(self.landing, "events/late.json", *events)
        shop.open(self.lake, self.landing).run()

    def _files(self) -> dict[str, dict[str, set[str]]]:
        return {table: partitions(self.lake, table, by) for table, by in DATED.items()}

    def touched(self, table: str) -> set[str]:
        """The days whose files are not the same as before."""
        before, after = self._before[table], self._files()[table]
        return (before.keys() | after.keys()) - same_files(before, after)

    def equals_a_build_of_everything(self, folder: Path) -> bool:
        self._shop.open(folder / "fresh", self.landing).run()
        return difference(content(self.lake), content(folder / "fresh")) == {}


@pytest.fixture(scope="module")
def late(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Late:
    """A stranger's view and purchase at noon of the fourth day."""
    at = {"event_ts": "2026-03-04T12:00:00Z", "user_id": "stranger", "product_id": "P000001"}
    view, bought = event(1, **at), event(2, **at, event_name="purchase", order_id="late-order")
    return Late(tmp_path_factory.mktemp("late"), shop, view, bought)


@pytest.mark.slow
@pytest.mark.parametrize("table", DATED)
def test_a_late_event_changes_its_own_day_and_no_file_of_any_other(late: Late, table):
    assert late.touched(table) == {"2026-03-04"}


@pytest.mark.slow
def test_the_tables_with_late_events_equal_a_build_of_everything(late: Late, tmp_path):
    assert late.equals_a_build_of_everything(tmp_path)


VISITS = (*EVENTS, "sessions", "funnel_daily")


@pytest.fixture
def visits(at: Path, landing: Path) -> Lake:
    """A lake of events, visits and the funnel only."""
    return lake_at(at, landing, tables=VISITS)


@pytest.mark.slow
def test_an_event_that_joins_two_visits_over_midnight_leaves_one(visits, landing, at):
    times = ("2026-03-02T23:40:00Z", "2026-03-03T00:35:00Z")
    drop(landing, "events/a.json", *[event(number, event_ts=when, user_id="V") for number, when in enumerate(times)])
    visits.run()
    assert len(listed(at, "silver/sessions")) == 2
    drop(landing, "events/b.json", event(9, event_ts="2026-03-03T00:08:00Z", user_id="V"))

    visits.run()

    found = [(str(row["session_date"]), row["events"]) for row in listed(at, "silver/sessions")]
    assert found == [("2026-03-02", 3)]


@pytest.mark.slow
def test_an_earlier_first_event_moves_a_visit_to_the_day_before(visits, landing, at, tmp_path):
    drop(landing, "events/a.json", event(1, event_ts="2026-03-03T00:10:00Z", event_name="purchase", order_id="O"))
    visits.run()
    drop(landing, "events/b.json", event(2, event_ts="2026-03-02T23:50:00Z", user_id="C1"))
    visits.run()
    lake_at(tmp_path / "fresh", landing, tables=VISITS).run()

    assert [str(row["session_date"]) for row in listed(at, "silver/sessions")] == ["2026-03-02"]
    assert difference(content(at), content(tmp_path / "fresh")) == {}


@pytest.mark.slow
def test_an_event_after_exactly_half_an_hour_continues_a_visit_and_one_a_millisecond_later_does_not(
    visits, landing, at
):
    drop(landing, "events/a.json", event(1, event_ts="2026-03-02T09:00:00.000Z", user_id="V"))
    drop(landing, "events/z.json", event(1, event_id="w1", event_ts="2026-03-02T09:00:00.000Z", user_id="W"))
    visits.run()
    drop(landing, "events/b.json", event(2, event_ts="2026-03-02T09:30:00.000Z", user_id="V"))
    drop(landing, "events/y.json", event(2, event_id="w2", event_ts="2026-03-02T09:30:00.001Z", user_id="W"))

    visits.run()

    found = sorted((row["visitor_id"], row["events"]) for row in listed(at, "silver/sessions"))
    assert found == [("V", 2), ("W", 1), ("W", 1)]
