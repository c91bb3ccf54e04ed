from pathlib import Path

import pytest

from shoplake.simulate.realistic import DEFAULT_FEATURES, generate_realistic
from simulate.realistic.conftest import ARGUMENTS


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_arguments_give_equal_bytes(shop, tmp_path):
    generate_realistic(tmp_path, **ARGUMENTS, features=sorted({*DEFAULT_FEATURES} - {"anomalies"}))

    assert content(tmp_path) == content(shop.folder)


def test_another_seed_gives_other_bytes(shop, realistic):
    first, other = content(shop.folder), content(realistic(seed=8).folder)

    assert [name for name in first if "customers-" not in name and first[name] == other.get(name)] == []


def test_about_as_many_orders_and_events_as_requested_are_written(shop):
    assert shop.value("SELECT count(*) FROM orders") == pytest.approx(900, rel=0.02)
    assert shop.value("SELECT count(*) FROM events") == pytest.approx(900 * 14, rel=0.1)


def test_no_events_are_written_where_none_are_wanted(tmp_path):
    ground_truth = generate_realistic(tmp_path, orders=30, customers=10, products=5, days=5, events=0)

    assert not (tmp_path / "events").exists()
    assert ground_truth["orders_without_events"] == ground_truth["orders"] > 20


def test_long_periods_have_weekly_files_and_short_ones_daily_files(shop, tmp_path):
    generate_realistic(tmp_path, orders=200, customers=50, products=5, days=100)

    assert len(list((shop.folder / "events").iterdir())) == 40
    assert len(list((tmp_path / "events").iterdir())) == 15


@pytest.mark.parametrize("stream", ["events", "orders"])
def test_each_record_is_in_the_file_of_its_local_day(shop, stream):
    time, table = ("event_ts", "events") if stream == "events" else ("updated_at", "order_versions")
    files = {path.name: path.read_text().count(f'"{time}"') for path in (shop.folder / stream).iterdir()}
    by_day = f"SELECT timezone('Europe/London', {time}::TIMESTAMPTZ)::DATE AS day, count(*) FROM {table} GROUP BY day"

    assert files == {f"{stream}-{day}.json": count for day, count in shop.rows(by_day)}


def test_the_smallest_shop_is_generated(tmp_path):
    assert generate_realistic(tmp_path, orders=1, customers=1, products=1, days=1)["orders"] <= 1


def test_on_day_ends_with_the_last_day(tmp_path):
    calls = []

    truth = generate_realistic(tmp_path, orders=20, customers=9, days=3, on_day=lambda *call: calls.append(call))

    assert [call[:2] for call in calls] == [(0, 3), (1, 3), (2, 3)]
    assert calls[-1][2] == truth["events"]
