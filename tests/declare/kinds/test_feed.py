from shoplake.declare import Feed, FeedKind, Stream


def test_a_feed_is_in_utc_and_without_currency_unless_it_says_so():
    feed = Feed("shop", FeedKind("k", "d", (), {}), "landing")

    assert (feed.timezone, feed.currency, feed.kind.funnel_steps) == ("UTC", None, ())


def test_a_feed_shows_itself_without_its_kinds_functions():
    assert "shapes" not in repr(Feed("shop", FeedKind("k", "d", (), {}), "landing"))


def test_a_file_belongs_to_the_first_stream_of_each_table():
    streams = (
        Stream("*.csv", "csv", "orders_raw"),
        Stream("a*.csv", "csv", "products_raw"),
        Stream("a.csv", "csv", "orders_raw"),
    )
    kind = FeedKind("k", "d", streams, {})

    assert [kind.streams_of(path) for path in ("a.csv", "b.csv", "c.txt")] == [[*streams[:2]], [streams[0]], []]
