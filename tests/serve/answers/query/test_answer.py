from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from shoplake.serve.answers.query.answer import Answer, Meta, Subject


@dataclass(frozen=True)
class Limit:
    rows: int = 1


def test_a_subject_answers_its_query_with_the_origin_of_the_rows() -> None:
    meta = Meta("gold.t", 3, datetime(2026, 1, 2, tzinfo=UTC), "One row per day.")
    subject = Subject("t", "Days", Limit, lambda _, query: Answer(pa.table({"n": [query.rows]}), meta))

    answer = subject.answer(None, subject.query(2))  # type: ignore[arg-type]

    assert (answer.rows.to_pylist(), answer.meta.version, answer.is_truncated) == ([{"n": 2}], 3, False)
