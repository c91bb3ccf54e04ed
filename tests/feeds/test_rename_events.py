from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.feeds.rename_events import rename_events
from shoplake.tables.silver.events import events

NAMES = (("cart", "add_to_cart"), ("a", "b"), ("b", "a"))


def test_each_name_is_replaced_once_and_for_its_feed_alone(some):
    feeds = (Feed("shop", ZENITH, "", events=NAMES), Feed("other", ZENITH, "", events=(("c", "d"),)))
    given = [(feed, name) for feed in ("shop", "other") for name in ("cart", "a", "b", "c", None)]

    rows = rename_events(some(events, *[{"feed": feed, "event_name": name} for feed, name in given]), feeds)

    names = {(feed, before): row.event_name for (feed, before), row in zip(given, rows.collect(), strict=True)}
    assert {key: name for key, name in names.items() if key[1] != name} == {
        ("shop", "cart"): "add_to_cart",
        ("shop", "a"): "b",
        ("shop", "b"): "a",
        ("other", "c"): "d",
    }


def test_without_names_the_rows_are_the_same():
    rows = object()

    assert rename_events(rows, (Feed("shop", ZENITH, ""),)) is rows
