"""Every kind of dirt is found in the files as often as the truth says."""

import itertools
import json
from collections import Counter

import pytest

TIME = "event_ts"
MISTAKES = {
    "missing_event_id": lambda event: event.get("event_id") is None,
    "missing_event_ts": lambda event: event.get(TIME) is None,
    "missing_visitor": lambda event: event.get("user_id") is None and event.get("anonymous_id") is None,
    "unknown_event_name": lambda event: event["event_name"] == "mystery_event",
    "negative_price": lambda event: isinstance(event["price"], float) and event["price"] < 0,
    "wrong_type_quantity": lambda event: event["quantity"] == "two",
    "wrong_type_price": lambda event: event["price"] == {"amount": 5},
    "wrong_type_event_ts": lambda event: event.get(TIME) == "yesterday",
}


def read(line: str) -> dict | None:
    try:
        return json.loads(line)
    except ValueError:
        return None


@pytest.fixture(scope="module")
def found(dirty) -> list[tuple[str, str, dict | None]]:
    lines = dirty.lines("events")
    return [(name, line, read(line)) for name in lines for line in lines[name]]


@pytest.fixture(scope="module")
def good(found) -> list[tuple[str, str, dict]]:
    return [row for row in found if row[2] and not any(is_wrong(row[2]) for is_wrong in MISTAKES.values())]


@pytest.mark.parametrize("kind", MISTAKES)
def test_each_mistake_is_found_as_often_as_told(dirty, found, kind):
    wrong = [event for _, _, event in found if event and MISTAKES[kind](event)]

    assert len(wrong) == dirty.truth["quarantined"]["events"][kind] > 0


def test_cut_lines_are_found_as_often_as_told(dirty, found):
    assert sum(event is None for _, _, event in found) == dirty.truth["quarantined"]["events"]["cut_json"] > 0


def test_without_the_bad_ones_each_event_is_there(dirty, good):
    assert len({event["event_id"] for _, _, event in good}) == dirty.truth["events"]


def test_exact_duplicates_are_found_as_often_as_told(dirty, good):
    places = Counter((line, name) for name, line, _ in good)
    in_file = sum(places.values()) - len(places)
    in_other_file = len(places) - len({line for line, _ in places})

    told = dirty.truth["dirt"]["events"]
    assert (in_file, in_other_file) == (told["duplicate_in_file"], told["duplicate_in_other_file"])


def test_conflicting_duplicates_are_found_as_often_as_told(dirty, good):
    distinct = {(event["event_id"], event[TIME]) for _, _, event in good}

    assert len(distinct) - dirty.truth["events"] == dirty.truth["duplicates"]["events"]["conflicting"] > 0


def test_the_earliest_of_conflicting_events_is_the_true_one(dirty, clean, good):
    earliest: dict[str, str] = {}
    for _, _, event in good:
        earliest[event["event_id"]] = min(event[TIME], earliest.get(event["event_id"], event[TIME]))

    assert earliest == clean.column("SELECT event_id, event_ts FROM events")


def test_late_events_turn_up_in_later_files_as_often_as_told(dirty, clean, good):
    day = clean.column("SELECT event_id, event_date FROM events")
    first_file: dict[str, str] = {}
    for name, _, event in good:
        first_file[event["event_id"]] = min(name[7:17], first_file.get(event["event_id"], name[7:17]))

    late = [event_id for event_id, date in first_file.items() if date > day[event_id]]
    assert len(late) == dirty.truth["dirt"]["events"]["late"] > 0


def test_bad_events_have_ids_of_their_own(found, good):
    known = {event["event_id"] for _, _, event in good}
    bad = [event for _, _, event in found if event and any(is_wrong(event) for is_wrong in MISTAKES.values())]

    assert [event for event in bad if event.get("event_id") in known] == []


def test_dirt_adds_the_share_asked_for_and_loses_nothing(dirty):
    assert dirty.truth["lines"]["events"] - dirty.truth["events"] == pytest.approx(
        0.05 * dirty.truth["events"], rel=0.02
    )


def test_lines_are_out_of_order_in_files_with_dirt_only(clean, dirty):
    def steps_back(landing) -> int:
        times = [line[44:67] for line in landing.lines("events")["events-2026-03-27.json"]]
        return sum(later < earlier for earlier, later in itertools.pairwise(times))

    assert steps_back(clean) == 0 < steps_back(dirty)
