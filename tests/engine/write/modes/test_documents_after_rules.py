"""Documents that come again after a rule changed, while the stored rows were kept as they were."""

from dataclasses import replace

import pytest
from sample_documents import receipt, receipts
from sample_tables import records, rows_of
from sample_writes import engine_with

from shoplake.declare import expect

AT = "2026-03-01T09:00:00Z"
NAMES = "abcdefgh"
"""The content hashes of their records are of both signs."""
STRICT, LOOSE = (replace(receipts, rules=(expect("n_positive", f"n > {limit}"),)) for limit in (0, -3))


@pytest.mark.parametrize("at", [AT, None], ids=["with a time", "without"])
@pytest.mark.parametrize(("rule", "next_rule"), [(STRICT, LOOSE), (LOOSE, STRICT)], ids=["loosened", "tightened"])
def test_a_document_that_comes_again_alike_changes_nothing(spark, tmp_path, rule, next_rule, at):
    engine = engine_with(spark, tmp_path / "lake", rule)
    sent = [receipt(name, 9, -1, 5, at=at) for name in NAMES]
    engine.write(rule, rule(records(spark, *sent, batch="b1")))
    before = rows_of(engine, rule)

    written = engine.write(next_rule, next_rule(records(spark, *sent, batch="b2")))

    assert rows_of(engine, rule) == before
    bad = len(NAMES) if next_rule is STRICT else 0
    assert (written.rows_written, written.rows_quarantined, written.rows_duplicate) == (0, bad, 3 * len(NAMES) - bad)
