from pathlib import Path

import pytest

from shoplake.simulate import GroundTruth, generate


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def added_to_events(ground_truth: GroundTruth) -> int:
    return sum(ground_truth["quarantined"]["events"].values()) + sum(ground_truth["duplicates"]["events"].values())


def test_equal_arguments_give_equal_bytes(generated):
    first, again = generated(events=3_000, error_rate=0.1), generated(events=3_000, error_rate=0.1)

    assert content(first.folder) == content(again.folder)


def test_another_seed_gives_other_bytes(generated):
    first, other = content(generated(events=3_000, seed=1).folder), content(generated(events=3_000, seed=2).folder)

    assert [name for name in first if first[name] == other.get(name)] == []


def test_about_as_many_events_as_requested_are_written(generated):
    assert generated(events=30_000, seed=11).ground_truth["events"] == pytest.approx(30_000, rel=0.02)


def test_a_busy_day_comes_in_numbered_parts_that_contain_every_event(generated):
    landing = generated(events=3_000, max_events_per_file=200)

    assert "events-2026-03-24-001.json" in landing.lines("events")
    assert sum(map(len, landing.lines("events").values())) == landing.ground_truth["events"]


def test_on_day_is_called_once_per_day(tmp_path):
    calls: list[tuple[int, int, int]] = []

    ground_truth = generate(tmp_path, events=500, days=3, on_day=lambda *day: calls.append(day))

    assert [day[:2] for day in calls] == [(0, 3), (1, 3), (2, 3)]
    assert calls[-1][2] == ground_truth["events"]


def test_the_smallest_shop_is_generated(tmp_path):
    ground_truth = generate(tmp_path, events=1, customers=1, products=1, days=1, error_rate=0.5)

    lines = [path.read_text().splitlines() for path in (tmp_path / "events").iterdir()]
    assert ground_truth["sessions"] == 1
    assert sum(map(len, lines)) == ground_truth["lines"]["events"]
    assert ground_truth["lines"]["events"] == ground_truth["events"] + added_to_events(ground_truth)


def test_nothing_unfinished_stays_behind(clean):
    assert list(clean.folder.rglob("*.tmp")) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"events": 0}, "events must be at least 1, not 0"),
        ({"days": 0}, "days must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"error_rate": 0.6}, "error_rate must be a share of the events from 0 to 0.5, not 0.6"),
        ({"timezone": "Mars/Base"}, "timezone must be an IANA name"),
        ({"currency": "pounds"}, "currency must be an ISO 4217 code"),
    ],
)
def test_a_wrong_argument_is_named_in_the_error(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, **wrong)
