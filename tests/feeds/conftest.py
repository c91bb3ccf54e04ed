from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F

from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.expectations import evaluate_expectations

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Row

    from shoplake.declare import Feed
    from shoplake.declare.kinds.feed import Mapper


@pytest.fixture(scope="module")
def built_lines() -> dict[object, list[Row]]:
    """The lines that tests of a module have built, by what they are made of."""
    return {}


@pytest.fixture
def lines_of(arrived, built_lines) -> Callable[..., list[Row]]:
    """The order lines that a mapping makes of documents, by document and number, with the rules they violate."""

    def build(mapping: Mapper, feed: Feed, *documents: dict[str, Any] | str, **same: Any) -> list[Row]:
        texts = [text if isinstance(text, str) else json.dumps(text) for text in documents]
        made_of = mapping, feed.name, feed.kind.name, feed.timezone, feed.currency, *texts, repr(same)
        if made_of not in built_lines:
            built_lines[made_of] = lines(mapping, feed, *texts, **same)
        return built_lines[made_of]

    def lines(mapping: Mapper, feed: Feed, *texts: str, **same: Any) -> list[Row]:
        rows = mapping(arrived(orders_raw, *texts, **same), feed).withColumn("price_source", F.lit("order"))
        return evaluate_expectations(rows, order_lines.expectations).orderBy("document_id", "line_number").collect()

    return build
