"""The files contain every kind of fault as often as the ground truth says."""

import itertools
import json
from collections import Counter

import pytest

TIME = "event_ts"
MUTATIONS = {
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
def records(faulty) -> list[tuple[str, str, dict | None]]:
    lines = faulty.lines("events")
    return [(name, line, read(line)) for name in lines for line in lines[name]]


@pytest.fixture(scope="module")
def valid(records) -> list[tuple[str, str, dict]]:
    return [row for row in records if row[2] and not any(is_wrong(row[2]) for is_wrong in MUTATIONS.values())]


@pytest.mark.parametrize("kind", MUTATIONS)
def test_each_fault_count_is_the_ground_truth(faulty, records, kind):
    wrong = [event for _, _, event in records if event and MUTATIONS[kind](event)]

    assert len(wrong) == faulty.ground_truth["quarantined"]["events"][kind] > 0


def test_truncated_lines_counts_are_the_ground_truth(faulty, records):
    assert sum(event is None for _, _, event in records) == faulty.ground_truth["quarantined"]["events"]["cut_json"] > 0


def test_every_clean_event_is_in_the_files(faulty, valid):
    assert len({event["event_id"] for _, _, event in valid}) == faulty.ground_truth["events"]


def test_exact_duplicates_counts_are_the_ground_truth(faulty, valid):
    places = Counter((line, name) for name, line, _ in valid)
    in_file = sum(places.values()) - len(places)
    in_other_file = len(places) - len({line for line, _ in places})

    expected = faulty.ground_truth["faults"]["events"]
    assert (in_file, in_other_file) == (expected["duplicate_in_file"], expected["duplicate_in_other_file"])


def test_conflicting_duplicates_counts_are_the_ground_truth(faulty, valid):
    distinct = {(event["event_id"], event[TIME]) for _, _, event in valid}

    assert (
        len(distinct) - faulty.ground_truth["events"] == faulty.ground_truth["duplicates"]["events"]["conflicting"] > 0
    )


def test_the_earliest_of_conflicting_events_is_the_clean_one(faulty, clean, valid):
    earliest: dict[str, str] = {}
    for _, _, event in valid:
        earliest[event["event_id"]] = min(event[TIME], earliest.get(event["event_id"], event[TIME]))

    assert earliest == clean.column("SELECT event_id, event_ts FROM events")


def test_late_events_turn_up_in_later_files_as_often_as_the_ground_truth_has_them(faulty, clean, valid):
    day = clean.column("SELECT event_id, event_date FROM events")
    first_file: dict[str, str] = {}
    for name, _, event in valid:
        first_file[event["event_id"]] = min(name[7:17], first_file.get(event["event_id"], name[7:17]))

    late = [event_id for event_id, date in first_file.items() if date > day[event_id]]
    assert len(late) == faulty.ground_truth["faults"]["events"]["late"] > 0


def test_invalid_events_have_ids_of_their_own(records, valid):
    known = {event["event_id"] for _, _, event in valid}
    invalid = [event for _, _, event in records if event and any(is_wrong(event) for is_wrong in MUTATIONS.values())]

    assert [event for event in invalid if event.get("event_id") in known] == []


def test_faults_add_their_share_and_lose_no_event(faulty):
    assert faulty.ground_truth["lines"]["events"] - faulty.ground_truth["events"] == pytest.approx(
        0.05 * faulty.ground_truth["events"], rel=0.02
    )


def test_lines_are_out_of_order_in_faulty_files_only(clean, faulty):
    def steps_back(landing) -> int:
        times = [line[44:67] for line in landing.lines("events")["events-2026-03-27.json"]]
        return sum(later < earlier for earlier, later in itertools.pairwise(times))

    assert steps_back(clean) == 0 < steps_back(faulty)
