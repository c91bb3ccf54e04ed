"""Sales over a range of days, and the order and return lines that a number counts."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pyarrow as pa

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer, describe
from shoplake.serve.answers.query.daily_sales import COUNTS, MONEY, average, find_daily_sales, known_sum, to_money
from shoplake.serve.answers.query.parameters import ComparedWith, Currency, Feed, Limit, Periods, Since, Until, clamp
from shoplake.serve.answers.query.ranges import ALL, Bucket, Scope, find_buckets, find_range, find_scope, is_short
from shoplake.serve.store.generation import Generation
from shoplake.transforms.sales.sales_metrics import AVERAGE_ORDER_VALUE

Breakdown = Literal["none", "country", "category", "channel", "currency"]
TABLES = {
    "none": "gold.sales_daily",
    "currency": "gold.sales_daily",
    "country": "gold.sales_by_country_daily",
    "category": "gold.sales_by_category_daily",
    "channel": "gold.sales_by_channel_daily",
}
PERIODS = pa.schema(
    [("period_start", pa.date32()), ("period_end", pa.date32()), ("is_complete", pa.bool_())]
    + [(each, pa.int64()) for each in COUNTS]
    + [(each, pa.decimal128(18, 2)) for each in (*MONEY, "average_order_value")]
)
CHANGED = ("net_sales", "orders", "returns", "margin", "average_order_value")


@dataclass(frozen=True)
class SalesQuery:
    """Sales of a feed in one currency, by period and by one dimension."""

    since: Since = None
    until: Until = None
    grain: Periods = "day"
    by: Annotated[Breakdown, "Dimension to break down by."] = "none"
    only: Annotated[str | None, "One value of the dimension."] = None
    compare: ComparedWith = "none"
    feed: Feed = None
    currency: Currency = None


def sales(generation: Generation, query: SalesQuery) -> Answer:
    """Add up sales by period and dimension; `_before` and `_change` cover the whole days of a period.

    A period is not complete where its last day may still be missing data: such a day has no comparison. Without a
    dimension there is one row per period, zero where nothing was sold.
    """
    scope = find_scope(generation, query.feed, query.currency)
    buckets = find_buckets(scope, query.since, query.until, query.grain, query.compare)
    if _is_plain(query):
        rows = _period_rows(generation, scope, buckets)
        return Answer(rows, describe(generation, TABLES[query.by], rows))
    return build_answer(generation, TABLES[query.by], _sql(query), _parameters(query, scope, buckets))


def _is_plain(query: SalesQuery) -> bool:
    return query.by == "none" and query.compare == "none" and query.only is None


def is_in_memory(generation: Generation, query: SalesQuery) -> bool:
    """Whether `sales` answers from memory in no time."""
    if not _is_plain(query):
        return False
    scope = find_scope(generation, query.feed, query.currency)
    return is_short(*find_range(scope, query.since, query.until), query.grain)


def _period_rows(generation: Generation, scope: Scope, buckets: list[Bucket]) -> pa.Table:
    """Return what `_sql` does without dimension and comparison; DuckDB plans it for longer than it takes."""
    days, periods = find_daily_sales(generation, scope.feed, scope.currency), [(b.start, b.end) for b in buckets]
    sums = days.add_up(periods)
    columns: dict[str, list[Any]] = {
        "period_start": [bucket.start for bucket in buckets],
        "period_end": [bucket.end for bucket in buckets],
        "is_complete": [bucket.is_complete for bucket in buckets],
    }
    columns |= {each: [value or 0 for value in sums[each]] for each in COUNTS}
    averages = list(map(average, sums["gross_sales"], sums["discounts"], columns["orders"]))
    columns |= {each: to_money(sums[each]) for each in MONEY} | {"average_order_value": to_money(averages)}
    return pa.table(columns, schema=PERIODS)


def bucket_parameters(buckets: list[Bucket]) -> list[Any]:
    """Return the five lists that `BUCKETS` unnests."""
    names = ("start", "end", "whole_end", "before_start", "before_end")
    return [[getattr(bucket, name) for bucket in buckets] for name in names]


BUCKETS = """buckets AS (
    SELECT unnest(?::DATE[]) AS period_start, unnest(?::DATE[]) AS period_end, unnest(?::DATE[]) AS whole_end,
        unnest(?::DATE[]) AS before_start, unnest(?::DATE[]) AS before_end)"""


def _parameters(query: SalesQuery, scope: Scope, buckets: list[Bucket]) -> list[Any]:
    filters: list[Any] = [scope.feed, *([] if query.by == "currency" else [scope.currency])]
    filters += [] if query.only is None else [query.only]
    return [*bucket_parameters(buckets), *filters]


def _sql(query: SalesQuery) -> str:
    name = query.by
    dimension = "NULL" if name == "none" else f"coalesce({name}, '(unknown)')"
    where = ["feed = ?", *(["currency IS NOT DISTINCT FROM ?"] if name != "currency" else [])]
    if query.only is not None:
        where.append(f"{dimension} = ?")
    days = f"SELECT *, sales_date AS day, {dimension} AS value FROM {TABLES[name]} WHERE {' AND '.join(where)}"
    return _plain_sql(query, days) if query.compare == "none" else _compared_sql(query, days)


def _plain_sql(query: SalesQuery, days: str) -> str:
    """Return the query without a comparison, which takes a quarter of the time to plan."""
    sums = [f"sum({each}) AS {each}" for each in COUNTS]
    sums += [f"{known_sum(each, 'day IS NOT NULL')} AS {each}" for each in MONEY]
    return f"""
        WITH {BUCKETS},
        days AS ({days}),
        summed AS (SELECT period_start, period_end, any_value(whole_end) AS whole_end, value, {", ".join(sums)}
            FROM buckets {"LEFT" if query.by == "none" else ""} JOIN days ON day BETWEEN period_start AND period_end
            GROUP BY ALL)
        SELECT {_columns(query, "summed")}
        FROM summed
        ORDER BY period_start, net_sales DESC NULLS LAST, value
    """


def _compared_sql(query: SalesQuery, days: str) -> str:
    sums = [f"sum({each})::BIGINT AS {each}" for each in COUNTS]
    sums += [f"({known_sum(each)})::{_type(query)} AS {each}" for each in MONEY]
    whole = [f"{known_sum(each, 'day <= whole_end')} AS {each}_whole" for each in (*COUNTS, *MONEY)]
    before = [f"sum({each})::BIGINT AS {each}_before" for each in COUNTS]
    before += [f"({known_sum(each)})::{_type(query)} AS {each}_before" for each in MONEY]
    return f"""
        WITH {BUCKETS},
        days AS ({days}),
        n AS (SELECT period_start, value, count(*) FILTER (day <= whole_end) AS days_whole, {", ".join([*sums, *whole])}
            FROM buckets JOIN days ON day BETWEEN period_start AND period_end GROUP BY ALL),
        b AS (SELECT period_start, value, {", ".join(before)}
            FROM buckets JOIN days ON day BETWEEN before_start AND before_end GROUP BY ALL),
        joined AS (SELECT coalesce(n.period_start, b.period_start) AS period, coalesce(n.value, b.value) AS value,
            n.* EXCLUDE (period_start, value), b.* EXCLUDE (period_start, value)
            FROM n FULL JOIN b
            ON n.period_start = b.period_start AND n.value IS NOT DISTINCT FROM b.value)
        SELECT {_columns(query, "buckets")}
        FROM buckets {"LEFT" if query.by == "none" else ""} JOIN joined ON period = buckets.period_start
        ORDER BY buckets.period_start, net_sales DESC NULLS LAST, value
    """


def _columns(query: SalesQuery, periods: str) -> str:
    shown = [f"{periods}.period_start", f"{periods}.period_end"]
    shown.append(f"coalesce(whole_end = {periods}.period_end, false) AS is_complete")
    if query.by != "none":
        shown.append(f"value AS {query.by}")
    shown += [f"coalesce({each}, 0)::BIGINT AS {each}" for each in COUNTS]
    shown += [_money(each, _type(query)) for each in MONEY]
    shown.append(f"{_average('')} AS average_order_value")
    if query.compare != "none":
        shown += ["before_start", "before_end", *(_before(each) for each in (*COUNTS, *MONEY))]
        shown.append(f"{_average('_before')} AS average_order_value_before")
        shown += [_change(each) for each in CHANGED]
    return ", ".join(shown)


def _type(query: SalesQuery) -> str:
    """Breakdowns keep four decimals, so that they add up."""
    return "DECIMAL(18,2)" if query.by in ("none", "currency") else "DECIMAL(18,4)"


def _money(name: str, type: str) -> str:
    """Zero where there are no sales at all, null where there are some of unknown price."""
    return f"CASE WHEN orders IS NULL THEN 0 ELSE {name} END::{type} AS {name}"


def _before(name: str) -> str:
    """Zero where nothing was sold on the days before, null where there are no such days or prices are unknown."""
    return (
        f"CASE WHEN orders_before IS NULL AND before_start IS NOT NULL THEN 0 ELSE {name}_before END AS {name}_before"
    )


def _average(suffix: str) -> str:
    return f"({AVERAGE_ORDER_VALUE.of_sums(lambda column: f'{column}{suffix}')})::DECIMAL(18,2)"


def _change(name: str) -> str:
    """Null where nothing was sold before, or less than came back; days without any row have sales of zero."""
    now, before = f"CASE WHEN coalesce(days_whole, 0) = 0 THEN 0 ELSE {name}_whole END", f"{name}_before"
    if name == "average_order_value":
        now = _average("_whole")
        return f"({now})::DOUBLE / nullif({_average('_before')}, 0)::DOUBLE - 1 AS {name}_change"
    return f"({now})::DOUBLE / CASE WHEN {before} > 0 THEN {before} END::DOUBLE - 1 AS {name}_change"


@dataclass(frozen=True)
class SalesLinesQuery:
    """The lines that sales of some days count."""

    since: Since = None
    until: Until = None
    kind: Annotated[Literal["sale", "return"], "Lines sold on those days, or lines returned on those days."] = "sale"
    by: Annotated[Literal["none", "country", "category", "channel"], "Dimension to filter."] = "none"
    only: Annotated[str | None, "Its value."] = None
    product: Annotated[str | None, "One product."] = None
    feed: Feed = None
    currency: Annotated[str | None, "ISO 4217 code, or `all`. By default the one with most orders."] = None
    limit: Limit = 1000


LINES = """
    SELECT order_date, NULL::DATE AS return_date, order_id, line_number, product_id, category, country, channel,
        customer_id, currency, quantity, gross, discount, NULL::DECIMAL(18,4) AS returned
    FROM gold.order_values
    WHERE NOT is_cancelled AND kind IS DISTINCT FROM 'return' AND order_date BETWEEN ? AND ? AND {where}
    ORDER BY order_date, order_id, document_id, line_number
"""
RETURN_LINES = """
    SELECT order_date, each.return_date AS return_date, order_id, line_number, product_id, category, country, channel,
        customer_id, currency, each.quantity AS quantity, gross, discount, each.amount AS returned
    FROM (SELECT *, unnest(returns) AS each FROM gold.order_values WHERE {where})
    WHERE each.return_date BETWEEN ? AND ?
    ORDER BY return_date, order_id, document_id, line_number
"""


def sales_lines(generation: Generation, query: SalesLinesQuery) -> Answer:
    """List the order lines that sales count on their day, or the return lines with the day of their order.

    Over all lines, gross less discount less returned is the net sales of those days.
    """
    scope = find_scope(generation, query.feed, None if query.currency == ALL else query.currency)
    days = list(find_range(scope, query.since, query.until))
    where: list[str] = ["feed = ?"]
    values: list[Any] = [scope.feed]
    if query.currency != ALL:
        where.append("currency IS NOT DISTINCT FROM ?")
        values.append(scope.currency)
    if query.by != "none" and query.only is not None:
        where.append(f"coalesce({query.by}, '(unknown)') = ?")
        values.append(query.only)
    if query.product is not None:
        where.append("product_id = ?")
        values.append(query.product)
    lines, parameters = (LINES, [*days, *values]) if query.kind == "sale" else (RETURN_LINES, [*values, *days])
    sql = lines.format(where=" AND ".join(where))
    return build_answer(generation, "gold.order_values", sql, parameters, limit=clamp(query.limit))
