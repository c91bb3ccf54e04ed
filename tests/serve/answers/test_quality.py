from shoplake.serve.answers.quality import (
    FreshnessQuery,
    GatesQuery,
    IncidentsQuery,
    QualityQuery,
    RunsQuery,
    freshness,
    gates,
    incidents,
    quality,
    runs,
)


def test_tables_are_shown_as_their_last_run_left_them(generation):
    rows = quality(generation, QualityQuery()).rows.to_pylist()

    assert [(row["table"], row["rows_quarantined"]) for row in rows] == [("silver.events", 4), ("gold.sales_daily", 0)]


def test_rules_can_be_chosen_by_status(generation):
    [row] = quality(generation, QualityQuery("rule", "WARN")).rows.to_pylist()

    assert (row["check_name"], row["rows_failed"]) == ("event_name_known", 4)


def test_freshness_is_the_time_from_the_last_run_to_the_generation(generation):
    rows = freshness(generation, FreshnessQuery("gold")).rows.to_pylist()

    assert [(row["table"], row["hours_behind"]) for row in rows] == [("gold.sales_daily", 0.5)]


def test_a_run_has_the_sums_of_its_tables(generation):
    [row] = runs(generation, RunsQuery()).rows.to_pylist()

    assert (row["tables"], row["rows_written"], row["rows_quarantined"]) == (2, 192, 8)


def test_gates_are_those_of_the_last_run_that_evaluated_them_with_their_band(generation):
    rows = gates(generation, GatesQuery()).rows.to_pylist()

    assert [(row["gate"], row["status"], row["value"], row["expected_high"]) for row in rows] == [
        ("rows_like_history", "warn", 40.5, 26.0),
        ("fresh_event_at", "pass", 3.0, 26.0),
    ]
    assert gates(generation, GatesQuery("warn", "silver.events")).rows.num_rows == 1


def test_an_incident_has_its_last_state_and_a_reminder_is_none(generation):
    [row] = incidents(generation, IncidentsQuery()).rows.to_pylist()

    assert (row["incident_id"], row["state"], row["summary"]) == ("i1", "acknowledged", "i1 is wrong.")
    assert [each["state"] for each in incidents(generation, IncidentsQuery("any")).rows.to_pylist()] == [
        "acknowledged",
        "resolved",
    ]
