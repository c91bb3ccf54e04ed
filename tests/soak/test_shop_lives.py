"""Lives of shoplake's own tables: at the end every row is that of a fresh lake of the same records."""

import json
from random import Random

import pytest

from tools.soak.shop import shop_life
from tools.soak.shop.expected import check_silver
from tools.soak.shop.shop_lake import ShopLake
from tools.soak.shop.shop_records import STREAMS, ShopRecords, as_text
from tools.soak.simulation import SoakError
from tools.soak.world import DifferenceError

TABLES = ("event_identity", "sales_daily", "ad_costs")


@pytest.fixture
def few(monkeypatch):
    """Lives have few tables, with those that they read."""
    monkeypatch.setattr(shop_life, "choose_tables", lambda seed: TABLES)


def test_a_life_of_two_steps_ends_as_a_fresh_lake(few):
    life = shop_life.simulate_shop(1, 2)

    assert [step.partition(",")[0] for step in life.steps] == ["run", "run --full-refresh"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 106))
def test_a_life_of_many_steps_ends_as_a_fresh_lake(seed):
    assert len(shop_life.simulate_shop(seed, 7).steps) == 7


@pytest.mark.slow
@pytest.mark.sample
def test_a_lake_that_loses_a_file_fails_with_its_seed_and_steps(few, monkeypatch):
    monkeypatch.setattr(ShopLake, "ingest", lambda shop: shop.content.files.update({"events/a.json": [event()]}))

    with pytest.raises(SoakError, match=r"seed 1: DifferenceError: silver/events: missing (.|\n)*steps:\n  run"):
        shop_life.simulate_shop(1, 1)


@pytest.mark.slow
@pytest.mark.sample
def test_a_visit_that_is_not_what_the_records_say_is_named(tmp_path):
    shop = ShopLake(tmp_path, TABLES)
    shop.write("events/a.json", [event()])
    shop.lake.run()
    shop.ingest()
    check_silver(shop)

    shop.content.files["events/a.json"] = [event(event_id="e2")]

    with pytest.raises(DifferenceError, match="silver/events by its records: missing"):
        check_silver(shop)


def event(**fields):
    return json.dumps(ShopRecords(Random(1))._event() | {"event_id": "e1", "event_ts": "2026-03-28T09:00:00Z"} | fields)


def test_records_of_each_stream_are_the_same_for_the_same_seed():
    one, other = (ShopRecords(Random(4)) for _ in range(2))

    for stream in STREAMS:
        assert one.texts(stream) == other.texts(stream)


def test_a_line_of_csv_has_its_cells_in_order_and_quoted_where_they_have_a_comma():
    customer = {"location": "Leeds, UK", "customer_id": "c1", "email": None}

    assert as_text("customers", customer) == 'c1,,"Leeds, UK",,,'
