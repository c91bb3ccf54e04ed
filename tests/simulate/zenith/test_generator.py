from pathlib import Path

import pytest

from shoplake.simulate import Truth, generate
from shoplake.simulate.zenith import generator


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def added_to_events(truth: Truth) -> int:
    return sum(truth["quarantined"]["events"].values()) + sum(truth["duplicates"]["events"].values())


def test_equal_arguments_give_equal_bytes(generated):
    first, again = generated(events=3_000, dirt=0.1), generated(events=3_000, dirt=0.1)

    assert content(first.folder) == content(again.folder)


def test_another_seed_gives_other_bytes(generated):
    first, other = content(generated(events=3_000, seed=1).folder), content(generated(events=3_000, seed=2).folder)

    assert [name for name in first if first[name] == other.get(name)] == []


def test_about_as_many_events_as_asked_for_are_dropped(generated):
    assert generated(events=30_000, seed=11).truth["events"] == pytest.approx(30_000, rel=0.02)


def test_a_busy_day_comes_in_numbered_parts_that_hold_every_event(generated, monkeypatch):
    monkeypatch.setattr(generator, "MOST_EVENTS_A_FILE", 200)

    landing = generated(events=3_000)

    assert "events-2026-03-24-001.json" in landing.lines("events")
    assert sum(map(len, landing.lines("events").values())) == landing.truth["events"]


def test_every_day_is_told_once(tmp_path):
    told: list[tuple[int, int, int]] = []

    truth = generate(tmp_path, events=500, days=3, on_day=lambda *day: told.append(day))

    assert [day[:2] for day in told] == [(0, 3), (1, 3), (2, 3)]
    assert told[-1][2] == truth["events"]


def test_the_smallest_shop_opens(tmp_path):
    truth = generate(tmp_path, events=1, customers=1, products=1, days=1, dirt=0.5)

    lines = [path.read_text().splitlines() for path in (tmp_path / "events").iterdir()]
    assert truth["sessions"] == 1
    assert sum(map(len, lines)) == truth["lines"]["events"]
    assert truth["lines"]["events"] == truth["events"] + added_to_events(truth)


def test_nothing_unfinished_stays_behind(clean):
    assert list(clean.folder.rglob("*.tmp")) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"events": 0}, "events must be at least 1, not 0"),
        ({"days": 0}, "days must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"dirt": 0.6}, "dirt is a share of the events from 0 to 0.5, not 0.6"),
        ({"timezone": "Mars/Base"}, "timezone must be an IANA name"),
        ({"currency": "pounds"}, "currency must be an ISO 4217 code"),
    ],
)
def test_a_wrong_argument_is_told_by_name(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, **wrong)
