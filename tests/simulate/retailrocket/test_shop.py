import json
from datetime import date

import pytest

from shoplake.simulate.retailrocket import generate


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_equal_arguments_give_equal_bytes_and_another_seed_gives_others(tmp_path):
    folders = [tmp_path / name for name in "abc"]
    for folder, seed in zip(folders, (1, 1, 2), strict=True):
        generate(folder, events=500, error_rate=0.1, seed=seed)

    first, again, other = map(content, folders)
    assert first == again
    assert [name for name in first if first[name] == other[name]] == []


def test_the_files_are_those_of_the_real_data_beside_the_ground_truth(clean):
    names = [
        "category_tree.csv",
        "events.csv",
        "item_properties_part1.csv",
        "item_properties_part2.csv",
    ]

    assert sorted(path.name for path in clean.folder.iterdir()) == sorted([*names, "ground_truth.json"])
    assert json.loads((clean.folder / "ground_truth.json").read_text()) == clean.ground_truth
    assert clean.ground_truth["lines"] == {
        "events": len(clean.lines(names[1])),
        "item_properties": len(clean.lines(names[2])) + len(clean.lines(names[3])),
        "category_tree": len(clean.lines(names[0])),
    }


def test_about_as_much_comes_as_was_asked_for(clean):
    assert clean.ground_truth["events"] == pytest.approx(8_000, rel=0.05)
    assert clean.ground_truth["lines"]["item_properties"] == 40_000


def test_events_come_in_as_many_files_as_asked_for(tmp_path):
    ground_truth = generate(tmp_path, events=300, event_files=3)

    files = sorted(tmp_path.glob("events-*.csv"))
    assert len(files) == ground_truth["files"]["events"] == 3
    assert sum(len(file.read_text().splitlines()) - 1 for file in files) == ground_truth["events"]


def test_the_smallest_shop_is_generated(tmp_path):
    ground_truth = generate(tmp_path, events=1, properties=1, days=1, error_rate=0.5)

    assert ground_truth["events"] >= 1
    assert ground_truth["products"]["ids"] == 1


def test_on_day_is_called_as_blocks_are_written(tmp_path):
    expected = []
    generate(tmp_path, events=300, on_day=lambda *repeat_template: expected.append(repeat_template[:2]))

    assert expected == [(0, 2), (1, 2)]


@pytest.mark.parametrize("wrong", [{"events": 0}, {"days": 0}, {"error_rate": 0.6}, {"seed": -1}])
def test_what_cannot_be_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} "):
        generate(tmp_path, **wrong)


def test_days_are_those_asked_for(clean):
    days = clean.rows("SELECT DISTINCT CAST(to_timestamp(timestamp / 1000) AT TIME ZONE 'UTC' AS DATE) FROM events")

    assert {date(2015, 5, 3) <= day <= date(2015, 6, 12) for (day,) in days} == {True}
