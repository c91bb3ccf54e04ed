import itertools
import random

import pytest
from pyspark.sql import functions as F
from sample_documents import receipt, receipts, slip, slips
from sample_tables import records

from shoplake.declare.modes.mode import ARRIVAL
from shoplake.engine.write.modes.matching.document_versions import DocumentVersions

NINE, TEN = "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z"


@pytest.fixture
def ranked(spark):
    """The versions of receipts in one batch, by line: whether each repeats one, and whether it wins."""

    def of(*sent):
        versions = DocumentVersions(receipts, receipts.write)
        rows = versions.rank(versions.summarize(receipts(records(spark, *sent)))).collect()
        return {row.version_line: (row._is_repeat, row._is_winner) for row in rows}

    return of


@pytest.mark.parametrize(
    ("sent", "winner"),
    [
        ([receipt("a", 1), receipt("a", 2)], 2),
        ([receipt("a", 1, at=TEN), receipt("a", 2, at=NINE)], 1),
        ([receipt("a", 1, at=NINE), receipt("a", 2)], 1),
        ([receipt("a", 1), receipt("a", 2), receipt("a", 1)], 3),
    ],
    ids=["later arrival", "greater time", "any time", "changed back"],
)
def test_one_version_wins(ranked, sent, winner):
    assert [line for line, (_, is_winner) in ranked(*sent).items() if is_winner] == [winner]


def test_the_earliest_of_versions_that_repeat_each_other_counts(ranked):
    assert ranked(receipt("a", 1), receipt("a", 1), receipt("a", 1)) == {
        1: (False, True),
        2: (True, False),
        3: (True, False),
    }


def test_records_of_one_line_are_versions_of_their_own(spark):
    versions = DocumentVersions(receipts, receipts.write)
    sent = [receipt("a", 1, 2, at=NINE), receipt("a", 3, at=TEN), receipt("a", 3, at=TEN)]
    page = receipts(records(spark, *sent)).withColumn("version_line", F.lit(1).cast("bigint"))

    rows = versions.rank(versions.summarize(page)).collect()

    assert sorted((row._rows, row._repeats, row._is_winner) for row in rows) == [(1, 1, True), (2, 0, False)]


def test_at_equal_times_the_hash_of_the_record_decides_and_not_its_number_of_rows(spark):
    versions = DocumentVersions(receipts, receipts.write)
    rows = receipts(records(spark, *[receipt(name, *lines, at=NINE) for name in "abcd" for lines in ((1,), (2, 3))]))
    best = {row.id: row.best for row in rows.groupBy("id").agg(F.max("payload_hash").alias("best")).collect()}

    winners = versions.rank(versions.summarize(rows)).where("_is_winner").collect()

    assert {row.id: int(row._content) for row in winners} == best


def test_a_version_has_its_rows_and_the_repeats_of_their_keys(spark):
    versions = DocumentVersions(slips, slips.write)

    [row] = versions.summarize(slips(records(spark, slip("a", 1, 5), slip("a", 1, 5), slip("a", 2, 6)))).collect()

    assert (row._rows, row._repeats, row.version_line) == (2, 1, None)


def test_the_content_of_a_version_does_not_depend_on_the_order_of_its_rows(spark):
    versions, sent = DocumentVersions(slips, slips.write), [slip("a", 1, 5), slip("a", 2, 6)]

    contents = [versions.summarize(slips(records(spark, *each))).collect()[0]._content for each in (sent, sent[::-1])]

    assert contents[0] == contents[1]


def verdict(new, old):
    """How a version `(at, content, batch, file, line, is_changed_back)` compares to another one of its document."""
    (at, content, *_, is_changed_back), (old_at, old_content, *_) = new, old
    arrived, old_arrived = (
        (batch, file or "", -1 if line is None else line) for _, _, batch, file, line, _ in (new, old)
    )
    if arrived == old_arrived and (arrived[2] == -1 or (at, content) == (old_at, old_content)):
        return "own"
    is_later = arrived > old_arrived
    if (at, content) == (old_at, old_content) and not (at is None and is_changed_back and is_later):
        return "repeated"
    if at is None or old_at is None:
        wins = is_later if at is None and old_at is None else old_at is None
    else:
        wins = (at, content) > (old_at, old_content)
    return "newer" if wins else "older"


VERSIONS = [*itertools.product((None, 1, 2), (1, 2), ("b1", "b2"), (None, "f", "g"), (None, 0, 1), (False, True))]
PAIRS = random.Random(1).choices([*itertools.product(VERSIONS, VERSIONS)], k=3000)
SCHEMA = f"""feed string, id string, _rows bigint, _at int, _content int,
{ARRIVAL[0]} string, {ARRIVAL[1]} string, {ARRIVAL[2]} bigint, _is_changed_back boolean"""


def test_any_two_versions_compare_by_time_and_content_or_by_their_arrival(spark):
    versions = DocumentVersions(receipts, receipts.write)
    sides = ([("shop", str(at), 1, *pair[side]) for at, pair in enumerate(PAIRS)] for side in (0, 1))
    cells = {"updated_at": F.col("_at"), "payload_hash": F.col("_content")}
    new, old = (versions.identify(spark.createDataFrame(rows, SCHEMA).withColumns(cells)) for rows in sides)

    found = {int(row.id): row._verdict for row in versions.compare(new, old).collect()}

    assert [found[at] for at in range(len(PAIRS))] == [verdict(*pair) for pair in PAIRS]


def test_of_joined_records_the_later_part_wins_at_equal_times_and_then_the_later_record(spark):
    versions = DocumentVersions(receipts, receipts.write, is_joined=True)
    schema, cells = f"{SCHEMA}, own_batch string", {"updated_at": F.col("_at"), "payload_hash": F.col("_content")}

    def version(*rows):
        return versions.identify(spark.createDataFrame(rows, schema).withColumns(cells))

    old = version(
        ("shop", "r", 1, 1, 9, "b2", "f", None, False, "b2"), ("shop", "q", 1, 1, 9, "b2", "f", None, False, None)
    )
    new = version(
        ("shop", "r", 1, 1, 5, "b3", "f", None, False, "b2"), ("shop", "q", 1, 1, 5, "b3", "f", None, False, None)
    )
    both = version(
        ("shop", "r", 1, 1, 9, "b3", "g", None, False, "b1"), ("shop", "r", 1, 1, 5, "b3", "f", None, False, "b2")
    )

    assert {row.id: row._verdict for row in versions.compare(new, old).collect()} == {"r": "newer", "q": "older"}
    assert [row.own_batch for row in versions.rank(both).where("_is_winner").collect()] == ["b2"]
