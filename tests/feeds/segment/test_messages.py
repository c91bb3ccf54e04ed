import json
from dataclasses import replace
from datetime import datetime

import pytest

from shoplake.feeds.segment.messages import messages
from shoplake.tables.bronze.events_raw import events_raw

from .test_segment import FEED, VIEW


@pytest.fixture
def read(arrived):
    """The messages of some types and events in records."""

    def build(records, types=("track",), events=(), feed=FEED):
        texts = [each if isinstance(each, str) else json.dumps(each) for each in records]
        return messages(arrived(events_raw, *texts), feed, types, events).orderBy("_source.line", "messageId").collect()

    return build


def test_only_the_types_and_events_that_are_named_are_read(read):
    added = VIEW | {"event": "Product Added", "messageId": "m2"}

    assert [row.messageId for row in read([VIEW, added, VIEW | {"type": "page"}])] == ["m1", "m2"]
    assert [row.messageId for row in read([VIEW, added], events=("Product Added",))] == ["m2"]


def test_an_empty_timestamp_is_none(read):
    [row] = read([VIEW | {"timestamp": "", "originalTimestamp": "2026-03-01T09:00:00Z"}])

    assert (row.timestamp, row.at) == (None, datetime(2026, 3, 1, 9))


def test_records_that_are_no_messages_stay(read):
    assert [row.messageId for row in read(["garbage", "{}", {"batch": []}])] == [None, None]


def test_messages_of_a_batch_keep_their_record(read):
    batch = {"batch": [VIEW, VIEW | {"messageId": "m2"}]}

    rows = read([batch])

    assert [row.messageId for row in rows] == ["m1", "m2"]
    assert {row._source.raw for row in rows} == {json.dumps(batch)}


def test_only_a_strict_feed_refuses_an_unknown_field(read):
    odd = VIEW | {"colour": "red"}

    [lenient], [strict] = read([odd]), read([odd], feed=replace(FEED, is_strict=True))

    assert (lenient._source.problem, strict._source.problem) == (None, "unknown_fields")
