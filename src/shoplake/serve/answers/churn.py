"""Churn of one customer: the probability, the reasons that add up to it, and the version that gave it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import pyarrow as pa

from shoplake.serve.answers.models import SCORES
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer, describe
from shoplake.serve.answers.query.parameters import Feed
from shoplake.serve.answers.query.ranges import find_scope
from shoplake.serve.store.generation import Generation

REASONS = f"""
    WITH score AS (
        SELECT * FROM {SCORES} WHERE feed = ? AND customer_id = ? AND (?::DATE IS NULL OR as_of_date = ?)
        QUALIFY as_of_date = max(as_of_date) OVER ()
    ),
    reasons AS (
        SELECT * EXCLUDE (churn_reasons), unnest(churn_reasons) AS reason,
            generate_subscripts(churn_reasons, 1) AS rank FROM score
    )
    SELECT as_of_date, churn_probability, base_probability, model_version, rank, reason.feature AS feature,
        reason.value AS value, reason.contribution AS contribution, reason.text AS reason
    FROM reasons ORDER BY rank
"""


@dataclass(frozen=True)
class CustomerChurnQuery:
    """The churn of one customer."""

    customer: Annotated[str, "The customer's id."] = ""
    as_of: Annotated[date | None, "The as-of day of the score. By default the customer's last."] = None
    feed: Feed = None


def customer_churn(generation: Generation, query: CustomerChurnQuery) -> Answer:
    """List the reasons of a customer's churn probability, the greatest first; with the base they add up to it.

    There is no row for a customer without a score: `shoplake score churn` scores those with an order in the last year.
    """
    if SCORES not in generation.versions:
        return Answer(pa.table({"as_of_date": pa.array([], pa.date32())}), describe(generation, SCORES))
    parameters = [find_scope(generation, query.feed).feed, query.customer, query.as_of, query.as_of]
    return build_answer(generation, SCORES, REASONS, parameters)
