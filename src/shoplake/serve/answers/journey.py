"""What visitors do: funnel, who leaves it, paths, carts and visits."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from shoplake.columns.web import STEPS
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import ComparedWith, Feed, Limit, Periods, Since, Until, clamp
from shoplake.serve.answers.query.ranges import Bucket, Scope, find_buckets, find_range, find_scope, split_range
from shoplake.serve.answers.sales import BUCKETS, bucket_parameters
from shoplake.serve.store.generation import Generation
from shoplake.transforms.sales.sales_metrics import CONVERSION, SESSIONS, VISITS

By = Literal["none", "channel", "device"]


@dataclass(frozen=True)
class FunnelQuery:
    """The funnel of a feed's sessions over a range of days."""

    since: Since = None
    until: Until = None
    by: Annotated[By, "Split by the channel or device of a session's first event."] = "none"
    compare: ComparedWith = "none"
    feed: Feed = None


def sent_steps(generation: Generation, feed: str) -> tuple[str, ...]:
    """Return the steps that a feed sends, in order; the others are null in `gold.funnel_daily`."""
    found = ", ".join(f"count({step}_sessions) > 0 AS {step}" for step in STEPS)
    [row] = generation.query(f"SELECT {found} FROM gold.funnel_daily WHERE feed = ?", [feed]).to_pylist()
    return tuple(step for step in STEPS if row[step])


def funnel(generation: Generation, query: FunnelQuery) -> Answer:
    """Count the sessions that reach each step in order, on the day they start; bots are left out.

    One row per step, and per value of the dimension. `dropped` sessions reach the step before and not this one. The
    days before are compared with the whole days of the range; null where the data lacks them.
    """
    scope = find_scope(generation, query.feed)
    start, end = find_range(scope, query.since, query.until)
    [bucket] = split_range(scope, start, end, "total", query.compare)
    steps = sent_steps(generation, scope.feed)
    segment = "'(all)'" if query.by == "none" else f"coalesce({query.by}, '(none)')"
    days_before = [] if bucket.before_start is None else [bucket.before_start, bucket.before_end]
    shown = {"named": _named(query), "before": "" if query.compare != "none" else EXCLUDED}
    sql = FUNNEL.format(segment=segment, sessions_before=COUNTED if days_before else "NULL::BIGINT", **shown)
    days = [start, end, start, bucket.whole_end, *days_before]
    return build_answer(generation, "silver.sessions", sql, [list(steps), *days, scope.feed])


def _named(query: FunnelQuery) -> str:
    return "" if query.by == "none" else f"segment AS {query.by},"


COUNTED = "count(*) FILTER (session_date BETWEEN ? AND ?)"
EXCLUDED = "EXCLUDE (sessions_before, rate_from_start_before, rate_from_start_change)"
FUNNEL = """
    WITH sent AS (SELECT ?::VARCHAR[] AS names),
    steps AS (SELECT unnest(names) AS step, generate_subscripts(names, 1) AS step_number FROM sent),
    reached AS (
        SELECT {segment} AS segment, step_number, step,
            count(*) FILTER (session_date BETWEEN ? AND ?) AS sessions,
            count(*) FILTER (session_date BETWEEN ? AND ?) AS sessions_whole,
            {sessions_before} AS sessions_before
        FROM silver.sessions JOIN steps ON steps_reached >= step_number
        WHERE feed = ? AND NOT is_bot GROUP BY ALL
    ),
    rates AS (
        SELECT *, sessions / nullif(first(sessions) OVER w, 0) AS rate_from_start,
            sessions / nullif(lag(sessions) OVER w, 0) AS rate_from_previous,
            lag(sessions) OVER w - sessions AS dropped,
            sessions_before / nullif(first(sessions_before) OVER w, 0) AS rate_from_start_before,
            sessions_whole / nullif(first(sessions_whole) OVER w, 0) AS rate_whole,
            first(sessions) OVER w AS started
        FROM reached WINDOW w AS (PARTITION BY segment ORDER BY step_number)
    )
    SELECT * {before} FROM (
        SELECT {named} step_number, step, sessions, dropped, rate_from_start, rate_from_previous,
            sessions_before, rate_from_start_before,
            rate_whole / nullif(rate_from_start_before, 0) - 1 AS rate_from_start_change
        FROM rates WHERE started > 0 ORDER BY started DESC, segment, step_number)
"""


@dataclass(frozen=True)
class FunnelMembersQuery:
    """The sessions behind a number of the funnel, of visits or of conversion."""

    step: Annotated[int, "The step's number, from 1; 0 is every visit."] = 1
    state: Annotated[
        Literal["reached", "dropped", "converted"],
        "Those that reach it, or only the step before it; or those with a purchase, whatever their step.",
    ] = "reached"
    since: Since = None
    until: Until = None
    by: Annotated[By, "Dimension to filter."] = "none"
    only: Annotated[str | None, "Its value."] = None
    feed: Feed = None
    limit: Limit = 1000


STATES = {"reached": "steps_reached >= ?", "dropped": "steps_reached = ? - 1", "converted": "purchases > 0"}


def funnel_members(generation: Generation, query: FunnelMembersQuery) -> Answer:
    """List the sessions that reach a step of the funnel, that leave it before that step, or that have a purchase."""
    scope = find_scope(generation, query.feed)
    days = find_range(scope, query.since, query.until)
    where = STATES[query.state]
    parameters: list[Any] = [scope.feed, *days, *([query.step] if "?" in where else [])]
    if query.by != "none" and query.only is not None:
        where += f" AND coalesce({query.by}, '(none)') = ?"
        parameters.append(query.only)
    sql = f"""
        SELECT session_id, visitor_id, customer_id, started_at, session_date, channel, device, landing_page,
            product_views, add_to_carts, checkouts, purchases, revenue, currency, steps_reached
        FROM silver.sessions WHERE feed = ? AND NOT is_bot AND session_date BETWEEN ? AND ? AND {where}
        ORDER BY started_at, session_id
    """
    return build_answer(generation, "silver.sessions", sql, parameters, limit=clamp(query.limit))


@dataclass(frozen=True)
class VisitsQuery:
    """Visits and their conversion over a range of days."""

    since: Since = None
    until: Until = None
    grain: Periods = "day"
    by: Annotated[By, "Split by the channel or device of a session's first event."] = "none"
    compare: ComparedWith = "none"
    feed: Feed = None


def visits(generation: Generation, query: VisitsQuery) -> Answer:
    """Count sessions and those with a purchase by period, without bots. `conversion` is their share.

    What is of the days before is null where the data lacks them.
    """
    scope = find_scope(generation, query.feed)
    buckets = find_buckets(scope, query.since, query.until, query.grain, query.compare)
    segment = "NULL" if query.by == "none" else f"coalesce({query.by}, '(none)')"
    shown = "" if query.by == "none" else f"segment AS {query.by},"
    before = "" if query.compare != "none" else WITHOUT_BEFORE
    sql = VISITS_SQL.format(buckets=BUCKETS, segment=segment, shown=shown, before=before, **MEASURED, **VISITS_BEFORE)
    return build_answer(generation, "silver.sessions", sql, _visit_parameters(scope, buckets))


def _visit_parameters(scope: Scope, buckets: list[Bucket]) -> list[Any]:
    return [*bucket_parameters(buckets), scope.feed]


WITHOUT_BEFORE = "EXCLUDE (sessions_before, converted_before, conversion_before, sessions_change, conversion_change)"
MEASURED = {"visits": VISITS.sql(), "converted": CONVERSION.numerator.sql(), "where": SESSIONS.where}
VISITS_BEFORE = {
    f"{each}_before": f"""CASE WHEN any_value(before_start) IS NOT NULL
                THEN coalesce(sum({each}) FILTER (day BETWEEN before_start AND before_end), 0) END::BIGINT"""
    for each in ("sessions", "converted")
}
VISITS_SQL = """
    WITH {buckets},
    days AS (SELECT session_date AS day, {segment} AS segment, {visits} AS sessions, {converted} AS converted
        FROM silver.sessions WHERE feed = ? AND {where} GROUP BY ALL),
    sums AS (SELECT period_start, period_end, whole_end, segment,
            coalesce(sum(sessions) FILTER (day BETWEEN period_start AND period_end), 0)::BIGINT AS sessions,
            coalesce(sum(converted) FILTER (day BETWEEN period_start AND period_end), 0)::BIGINT AS converted,
            coalesce(sum(sessions) FILTER (day BETWEEN period_start AND whole_end), 0)::BIGINT AS whole,
            sum(converted) FILTER (day BETWEEN period_start AND whole_end)::BIGINT AS whole_converted,
            {sessions_before} AS sessions_before,
            {converted_before} AS converted_before
        FROM buckets LEFT JOIN days ON day BETWEEN period_start AND period_end
            OR day BETWEEN before_start AND before_end GROUP BY ALL)
    SELECT * {before} FROM (
        SELECT period_start, period_end, coalesce(whole_end = period_end, false) AS is_complete, {shown}
            sessions, converted, converted / nullif(sessions, 0) AS conversion,
            sessions_before, converted_before, converted_before / nullif(sessions_before, 0) AS conversion_before,
            whole / nullif(sessions_before, 0) - 1 AS sessions_change,
            (whole_converted / nullif(whole, 0)) / nullif(converted_before / nullif(sessions_before, 0), 0) - 1
                AS conversion_change
        FROM sums ORDER BY period_start, sessions DESC, segment)
"""


@dataclass(frozen=True)
class PathsQuery:
    """Steps from page to page over a range of days."""

    since: Since = None
    until: Until = None
    from_page: Annotated[str | None, "Only steps that leave this page type."] = None
    to_page: Annotated[str | None, "Only steps that lead to this page type."] = None
    feed: Feed = None
    limit: Limit = 100


def paths(generation: Generation, query: PathsQuery) -> Answer:
    """Count the sessions' steps from one page type to the next, most frequent first; `share` is of all that leave it.

    A session that makes a step twice counts twice.
    """
    scope = find_scope(generation, query.feed)
    sql = """
        SELECT * FROM (
            SELECT *, sessions / sum(sessions) OVER (PARTITION BY from_page_type) AS share FROM (
                SELECT from_page_type, to_page_type, sum(sessions)::BIGINT AS sessions
                FROM gold.paths_daily WHERE feed = ? AND session_date BETWEEN ? AND ? GROUP BY ALL)
        ) WHERE coalesce(from_page_type = ?, true) AND coalesce(to_page_type = ?, true)
        ORDER BY sessions DESC, from_page_type, to_page_type
    """
    parameters = [scope.feed, *find_range(scope, query.since, query.until), query.from_page, query.to_page]
    return build_answer(generation, "gold.paths_daily", sql, parameters, limit=clamp(query.limit))
