import json

import pytest
from reliability.lakes import with_read

from shoplake import Lake
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.errors import SettingsError
from shoplake.feeds import SEGMENT, ZENITH
from shoplake.project import Project, admit_events
from shoplake.settings import Settings
from shoplake.tables.silver.events import events
from shoplake.transforms.expectations import split_valid

CATALOG = Project().catalog


def feed(**names):
    return Feed("shop", ZENITH, "landing", events=tuple(names.items()))


def rule(catalog):
    [condition] = [each.condition for each in catalog["events"].rules if each.name == "event_name_known"]
    return condition


def test_names_that_map_to_known_ones_change_no_table():
    assert admit_events(CATALOG, (feed(cart="add_to_cart"),)) is CATALOG


def test_a_name_of_ones_own_is_valid_for_its_feed_alone(some):
    [own] = [each for each in admit_events(CATALOG, (feed(search="search"),))["events"].rules if "known" in each.name]
    rows = [{"feed": "shop", "event_name": "search"}, {"feed": "other", "event_name": "search"}]

    valid, invalid = split_valid(some(events, *rows, {"feed": "other", "event_name": "purchase"}), [own])

    assert sorted((row.feed, row.event_name) for row in valid.collect()) == [("other", "purchase"), ("shop", "search")]
    assert [row.feed for row in invalid.collect()] == ["other"]


def test_the_rule_is_as_declared_without_own_names():
    assert rule(CATALOG) == rule(admit_events(CATALOG, (feed(),)))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"view": "search"}, "'view' is a spelling of 'product_view'. Map that name: product_view = 'search'."),
        ({"s": "Search!"}, "feeds.shop.events.s = 'Search!' is no event name. Write small letters, digits and _"),
    ],
)
def test_a_name_that_cannot_be_mapped_is_refused(names, message):
    with pytest.raises(SettingsError) as error:
        admit_events(CATALOG, (feed(**names),))
    assert message in str(error.value)


def test_a_name_that_the_kind_maps_is_refused_unless_it_is_mapped_as_there():
    view, same = (
        Feed("shop", SEGMENT, "landing", events=(("Product Viewed", name),)) for name in ("seen", "product_view")
    )

    assert admit_events(CATALOG, (same,)) is CATALOG
    with pytest.raises(SettingsError, match=r"'Product Viewed' is a spelling of 'product_view'"):
        admit_events(CATALOG, (view,))


def test_mapped_and_own_names_are_in_silver_and_sessions_and_only_the_mapped_in_the_funnel(tmp_path):
    names = ["page_view", "product_view", "cart", "search"]
    records = [
        {"event_id": str(at), "event_ts": f"2026-03-01T09:0{at}:00Z", "event_name": name, "user_id": "ada"}
        for at, name in enumerate([*names, "login"])
    ]
    (tmp_path / "landing" / "events").mkdir(parents=True)
    (tmp_path / "landing/events/a.json").write_text("".join(json.dumps(each) + "\n" for each in records))
    own = Feed("shop", ZENITH, str(tmp_path / "landing"), events=(("cart", "add_to_cart"), ("search", "search")))
    lake = Lake(Settings(str(tmp_path / "lake"), (own,)))
    lake.catalog = Catalog(with_read(lake.catalog, ("sessions", "funnel_daily")))

    lake.run()

    silver = lake.table("silver.events").orderBy("event_at").collect()
    assert [row.event_name for row in silver] == ["page_view", "product_view", "add_to_cart", "search"]
    [session] = lake.table("silver.sessions").collect()
    assert (session.events, session.add_to_carts, session.steps_reached) == (4, 1, 3)
    assert lake.table("silver.events_quarantine").collect()[0].reasons == ["event_name_known"]
