"""Values are computed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest

from shoplake.engine.write.once_cache import OnceCache
from shoplake.engine.write.table_plan import DateRange

DAYS = {DateRange(date(2026, 3, 1), date(2026, 3, 2))}


def test_a_value_is_computed_once():
    kept, asked = OnceCache(), list[str]()

    answers = [kept.get("sessions", lambda: asked.append("once") or DAYS) for _ in range(2)]

    assert answers == [DAYS, DAYS]
    assert asked == ["once"]


def test_another_key_has_another_value():
    kept = OnceCache()
    kept.get("sessions", lambda: DAYS)

    assert kept.get("orders", set) == set()
    assert kept.get("orders", lambda: DAYS) == set()


def test_the_value_used_longest_ago_is_computed_again():
    kept = OnceCache(max_kept=2)
    for key in ("sessions", "orders", "sessions", "events"):
        kept.get(key, set)

    assert kept.get("sessions", lambda: DAYS) == set()
    assert kept.get("orders", lambda: DAYS) == DAYS


def test_a_value_whose_computation_failed_is_computed_again():
    kept = OnceCache()
    with pytest.raises(ZeroDivisionError):
        kept.get("sessions", lambda: 1 / 0)

    assert kept.get("sessions", lambda: DAYS) == DAYS


def test_a_thread_waits_for_the_value_that_another_computes():
    kept, begun, may_end, asked = OnceCache(), Event(), Event(), list[str]()

    def ask() -> set[DateRange]:
        asked.append("once")
        begun.set()
        may_end.wait(5)
        return DAYS

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.get, "sessions", ask)
        begun.wait(5)
        second = pool.submit(kept.get, "sessions", ask)
        may_end.set()

    assert (first.result(), second.result()) == (DAYS, DAYS)
    assert asked == ["once"]
