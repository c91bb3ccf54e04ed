"""Keys and times that no shop should send, written on both engines: each is a row of its own, as in plain Python."""

from __future__ import annotations

from datetime import UTC, datetime

from sample_tables import latest, mark, price, prices, rows_of

KEYS = ("a", "A", "a ", " a", "a\t", "é", "e\u0301", "ß", "SS", "İ", "", "\0", "😀", "\ufeffa", "null", "1", "1.0")
KEYS += ("x" * 9_000, "x" * 8_999 + "y", "a'b", "a\\b", "\u2028")
YEARS = (1, 1582, 1676, 1969, 2263, 9999)


def test_keys_are_one_only_where_their_texts_are_equal(engine, take):
    take(latest, *[mark(key, n=1) for key in KEYS])

    take(latest, *[mark(key, "2026-03-01T10:00:00Z", n=2) for key in KEYS[::2]], batch="b000000002")

    assert dict(rows_of(engine, latest, "id", "n")) == dict.fromkeys(KEYS, 1) | dict.fromkeys(KEYS[::2], 2)


def test_versions_of_any_year_follow_each_other(engine, take):
    starts = [datetime(year, 6, 15, 23, 59, 59, 999_999, UTC) for year in YEARS]
    changes = [price("a", str(at.year), at.isoformat()) for at in starts]

    take(prices, *changes[::2])
    take(prices, *changes[1::2], batch="b000000002")

    found = sorted(rows_of(engine, prices, "valid_from", "valid_to", "price"))
    assert found == list(zip(starts, [*starts[1:], None], YEARS, strict=True))
