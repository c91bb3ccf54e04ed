"""Lives of shoplake's own tables: at the end every row is that of a fresh lake of the same records."""

import json
from dataclasses import replace
from random import Random

import pytest

from shoplake.project import load_project
from tools.soak.shop import change_actions, shop_life
from tools.soak.shop.change_actions import run_checked
from tools.soak.shop.expected import check_silver
from tools.soak.shop.shop_files import as_text, write_file
from tools.soak.shop.shop_lake import ShopLake
from tools.soak.shop.shop_project import OWN, RULES, ShopProject
from tools.soak.shop.shop_project import TABLES as PROJECT_TABLES
from tools.soak.shop.shop_records import STREAMS, ShopRecords
from tools.soak.shop.shop_state import Content
from tools.soak.simulation import SoakError
from tools.soak.world import DifferenceError

TABLES = ("event_identity", "sales_daily", "ad_costs")


@pytest.fixture
def few(monkeypatch):
    """Lives have few tables, with those that they read."""
    monkeypatch.setattr(shop_life, "choose_tables", lambda seed: TABLES)


@pytest.mark.slow
@pytest.mark.sample
def test_a_life_of_two_steps_ends_as_a_fresh_lake(few):
    life = shop_life.simulate_shop(1, 2)

    assert len(life.steps) == 2 and life.steps[0].startswith("run, ")


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


@pytest.mark.slow
@pytest.mark.sample
def test_a_stopped_table_that_was_written_is_named(tmp_path, monkeypatch):
    shop = ShopLake(tmp_path, TABLES)
    shop.settings = replace(shop.settings, project=ShopProject({"silver.events": 5}))
    shop.lake = shop.open()
    shop.write("events/a.json", [event(price=9.99)])
    assert run_checked(shop).blocked >= {"silver.events", "silver.sessions"}

    versions = iter([1, 2])
    monkeypatch.setattr(change_actions, "_versions", lambda shop: {"silver.events": next(versions)})

    with pytest.raises(DifferenceError, match=r"written though stopped: \['silver.events'\]"):
        run_checked(shop)


@pytest.mark.parametrize("part", [*RULES, *PROJECT_TABLES])
def test_each_variant_of_a_project_is_a_project(part, tmp_path):
    for number in range(len({**RULES, **PROJECT_TABLES}[part])):
        ShopProject({part: number}).write(tmp_path)

        assert set(OWN[:1]) <= {table.name for table in load_project(tmp_path).tables}


def test_a_project_changes_one_part_at_a_time():
    one, other = (ShopProject().changed(Random(5)).changed(Random(8)) for _ in range(2))

    assert one == other and len(one.chosen) == 2


def test_a_compressed_file_that_is_cut_off_is_a_part_of_the_whole(tmp_path):
    for name, share in (("whole", 1.0), ("cut", 0.6)):
        write_file(tmp_path / f"events/{name}.json.gz", [event(), event()], share)

    whole, cut = ((tmp_path / f"events/{name}.json.gz").read_bytes() for name in ("whole", "cut"))
    assert 0 < len(cut) < len(whole) and whole.startswith(cut)


def test_what_a_file_holds_arrived_when_it_last_changed():
    content = Content()
    for files in ({"a": ["1"], "b": ["2"]}, {"a": ["1"], "b": ["2", "3"]}, {"c": ["4"]}):
        content.arrive(files)

    assert content.arrivals == {"a": 1, "b": 2, "c": 3}


def test_records_of_each_stream_are_the_same_for_the_same_seed():
    one, other = (ShopRecords(Random(4)) for _ in range(2))

    for stream in STREAMS:
        assert one.texts(stream) == other.texts(stream)


def test_a_line_of_csv_has_its_cells_in_order_and_quoted_where_they_have_a_comma():
    customer = {"location": "Leeds, UK", "customer_id": "c1", "email": None}

    assert as_text("customers", customer) == 'c1,,"Leeds, UK",,,'
