"""What arrived, what is quarantined and why, gates, measures and incidents, how fresh each table is, and the runs."""

from dataclasses import dataclass
from typing import Annotated, Literal

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import Limit, clamp
from shoplake.serve.store.generation import Generation


@dataclass(frozen=True)
class QualityQuery:
    """The checks of each table as its last run left them."""

    check: Annotated[Literal["table", "rule", "column"], "Row counts of tables, rules, or nulls of columns."] = "table"
    status: Annotated[Literal["any", "PASS", "WARN", "FAIL"], "One outcome."] = "any"
    table: Annotated[str | None, "One table, as silver.events. By default all."] = None


def quality(generation: Generation, query: QualityQuery) -> Answer:
    """List the checks of each table in the last run that wrote it: rows read, written, quarantined and failed."""
    sql = """
        SELECT "table", check_name, status, rows_read, rows_written, rows_quarantined, rows_duplicate,
            rows_conflicting, rows_superseded, rows_failed, failed_ratio, recorded_at, run_id
        FROM ops.quality
        WHERE check_type = ? AND (? = 'any' OR status = ?) AND (?::VARCHAR IS NULL OR "table" = ?)
        QUALIFY recorded_at = max(recorded_at) OVER (PARTITION BY "table")
        ORDER BY split_part("table", '.', 1) = 'gold', split_part("table", '.', 1) = 'silver', "table", check_name
    """
    parameters = [query.check, query.status, query.status, query.table, query.table]
    return build_answer(generation, "ops.quality", sql, parameters)


@dataclass(frozen=True)
class FreshnessQuery:
    """When each table was last written."""

    layer: Annotated[Literal["any", "bronze", "silver", "gold"], "One layer."] = "any"


def freshness(generation: Generation, query: FreshnessQuery) -> Answer:
    """Show the last run of each table: version, rows, duration and how many hours before the end of this generation."""
    sql = """
        SELECT "table", version, rows_total, rows_written, duration_s, run_started_at,
            date_diff('minute', run_started_at, ?::TIMESTAMPTZ) / 60 AS hours_behind
        FROM ops.table_runs WHERE (? = 'any' OR split_part("table", '.', 1) = ?)
        QUALIFY row_number() OVER (PARTITION BY "table" ORDER BY run_started_at DESC) = 1
        ORDER BY run_started_at, "table"
    """
    return build_answer(generation, "ops.table_runs", sql, [generation.as_of, query.layer, query.layer])


@dataclass(frozen=True)
class RunsQuery:
    """The runs of the lake."""

    limit: Limit = 50


def runs(generation: Generation, query: RunsQuery) -> Answer:
    """List the runs, latest first: tables and rows written, rows quarantined and seconds of work."""
    sql = """
        SELECT run_id, min(run_started_at) AS run_started_at, count(*) AS tables,
            sum(rows_written)::BIGINT AS rows_written, sum(rows_quarantined)::BIGINT AS rows_quarantined,
            sum(duration_s) AS duration_s
        FROM ops.table_runs GROUP BY run_id ORDER BY run_started_at DESC, run_id
    """
    return build_answer(generation, "ops.table_runs", sql, limit=clamp(query.limit))


@dataclass(frozen=True)
class GatesQuery:
    """The gates of each table as the last run that evaluated them left them."""

    status: Annotated[Literal["any", "pass", "warn", "stop", "accepted"], "One outcome."] = "any"
    table: Annotated[str | None, "One table, as silver.events. By default all."] = None


def gates(generation: Generation, query: GatesQuery) -> Answer:
    """List what each gate measured and the band in which it passes, those that do not pass first."""
    sql = """
        SELECT "table", gate, slice, status, value, expected_low, expected_high, recorded_at, run_id
        FROM (FROM ops.gates QUALIFY recorded_at = max(recorded_at) OVER (PARTITION BY "table", gate))
        WHERE (? = 'any' OR status = ?) AND (?::VARCHAR IS NULL OR "table" = ?)
        ORDER BY status = 'pass', "table", gate, slice
    """
    parameters = [query.status, query.status, query.table, query.table]
    return build_answer(generation, "ops.gates", sql, parameters)


@dataclass(frozen=True)
class IncidentsQuery:
    """The incidents of the lake."""

    state: Annotated[Literal["open", "any"], "Those that have not ended, or all."] = "open"
    limit: Limit = 50


def incidents(generation: Generation, query: IncidentsQuery) -> Answer:
    """List the incidents, those that are open and the newest first: what each is about, since when, and its state."""
    sql = """
        SELECT incident_id, min(recorded_at) AS opened_at,
            arg_max(event, recorded_at) FILTER (event <> 'reminded') AS state, arg_max(kind, recorded_at) AS kind,
            arg_max("table", recorded_at) AS "table", arg_max(check_name, recorded_at) AS check_name,
            arg_max("count", recorded_at) AS "count", arg_max(summary, recorded_at) AS summary
        FROM ops.incidents GROUP BY incident_id HAVING ? = 'any' OR state <> 'resolved'
        ORDER BY state = 'resolved', opened_at DESC, incident_id
    """
    return build_answer(generation, "ops.incidents", sql, [query.state], limit=clamp(query.limit))


@dataclass(frozen=True)
class QuarantineQuery:
    """The quarantined records that are open."""

    table: Annotated[str | None, "One table, as silver.events. By default all."] = None


def quarantine(generation: Generation, query: QuarantineQuery) -> Answer:
    """List by table and reason how many quarantined records are open, since when, and masked examples of them."""
    sql = """
        SELECT "table", reason, records, oldest_at, newest_at, examples FROM ops.quarantine_reasons
        WHERE ?::VARCHAR IS NULL OR "table" = ? ORDER BY records DESC, "table", reason
    """
    return build_answer(generation, "ops.quarantine_reasons", sql, [query.table, query.table])


@dataclass(frozen=True)
class MeasuresQuery:
    """What was measured of closed days."""

    table: Annotated[str | None, "One table, as silver.events. By default all."] = None
    series: Annotated[str | None, "One measure of a feed's table, as the column series has it. By default all."] = None
    days: Annotated[Literal["last", "all"], "The last closed day of each measure, or all days."] = "last"


def measures(generation: Generation, query: MeasuresQuery) -> Answer:
    """List what was measured of closed days and the band that the weeks before make likely, days outside it first."""
    sql = """
        WITH measured AS (
            SELECT concat_ws(' ', feed, "table", metric, "column", "value") AS series, *
            FROM ops.metrics
            QUALIFY row_number() OVER (PARTITION BY series, day ORDER BY recorded_at DESC, run_id) = 1
        )
        SELECT series, feed, "table", metric, "column", "value", day, measured, expected, expected_low, expected_high,
            is_anomaly
        FROM measured WHERE (?::VARCHAR IS NULL OR "table" = ?) AND (?::VARCHAR IS NULL OR series = ?)
        QUALIFY ? = 'all' OR day = max(day) OVER (PARTITION BY series)
        ORDER BY coalesce(is_anomaly, false) DESC, "table", metric, "column", feed, measured DESC, "value", day
    """
    parameters = [query.table, query.table, query.series, query.series, query.days]
    return build_answer(generation, "ops.metrics", sql, parameters)
