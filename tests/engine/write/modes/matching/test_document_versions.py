import pytest
from sample_documents import receipt, receipts, slip, slips
from sample_tables import records

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


def test_a_version_has_its_rows_and_the_repeats_of_their_keys(spark):
    versions = DocumentVersions(slips, slips.write)

    [row] = versions.summarize(slips(records(spark, slip("a", 1, 5), slip("a", 1, 5), slip("a", 2, 6)))).collect()

    assert (row._rows, row._repeats, row.version_line) == (2, 1, None)


def test_the_content_of_a_version_does_not_depend_on_the_order_of_its_rows(spark):
    versions, sent = DocumentVersions(slips, slips.write), [slip("a", 1, 5), slip("a", 2, 6)]

    contents = [versions.summarize(slips(records(spark, *each))).collect()[0]._content for each in (sent, sent[::-1])]

    assert contents[0] == contents[1]
