import pytest

from shoplake.declare import Feed, FeedKind, Stream

EVENTS, TOP = Stream("events/*.json", "json", into="events_raw"), Stream("*.csv", "csv", into="orders_raw")


@pytest.mark.parametrize("path", ["events/a.json", "events/a.json.gz", "events/a.json.zst", "events/.json"])
def test_a_stream_takes_the_files_of_its_pattern_compressed_or_not(path):
    assert EVENTS.matches(path)


@pytest.mark.parametrize(
    "path",
    ["events/deep/a.json", "a.json", "other/a.json", "events/a.csv", "events/a.json.tmp", "events/a.json.gz.part"],
)
def test_a_stream_takes_no_other_file(path):
    assert not EVENTS.matches(path)


def test_a_stream_at_the_top_takes_no_file_of_a_folder_below():
    assert TOP.matches("a.csv")
    assert not TOP.matches("old/a.csv")


def test_a_feed_is_in_utc_and_without_currency_unless_it_says_so():
    feed = Feed("shop", FeedKind("k", "d", (), {}), "landing")

    assert (feed.timezone, feed.currency, feed.kind.funnel_steps) == ("UTC", None, ())


def test_a_feed_shows_itself_without_its_kinds_functions():
    assert "shapes" not in repr(Feed("shop", FeedKind("k", "d", (), {}), "landing"))
