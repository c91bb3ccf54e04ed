import numpy as np

from shoplake.transforms.funnel.matching import EXCLUDED, OTHER, Pattern, UnitEvents, match


def events(*codes, unit=None, as_of=100):
    at = np.arange(len(codes))
    units = np.zeros(len(codes), np.int64) if unit is None else np.array(unit)
    return UnitEvents(units, at, np.array(codes), np.full(len(codes), as_of), at)


def pattern(order="ordered", window=50, **options):
    return Pattern((0, 1), window, (50, 50), order, **options)


def test_each_start_is_an_attempt_with_the_places_of_its_steps():
    found = match(events(0, 0, OTHER, 1), pattern())

    assert found.path.tolist() == [[0, 3], [1, 3]]
    assert found.reached.tolist() == [2, 2]


def test_the_events_of_another_unit_are_no_steps():
    assert match(events(0, 1, unit=[0, 1]), pattern()).path.tolist() == [[0, -1]]


def test_an_excluded_event_ends_an_attempt_for_good():
    found = match(events(0, EXCLUDED, 1, as_of=3), pattern())

    assert (found.path.tolist(), found.is_open.tolist()) == ([[0, -1]], [False])


def test_a_unit_that_has_been_idle_too_long_is_not_open():
    still, over = (match(events(0, as_of=as_of), pattern(idle=5)).is_open.tolist() for as_of in (4, 5))

    assert (still, over) == ([True], [False])


def test_nothing_comes_of_nothing():
    found = match(events(), pattern())

    assert (found.path.shape, found.is_open.tolist()) == ((0, 2), [])
