from shoplake.serve.answers.quality import (
    FreshnessQuery,
    GatesQuery,
    IncidentsQuery,
    MeasuresQuery,
    QualityQuery,
    QuarantineQuery,
    RunsQuery,
    freshness,
    gates,
    incidents,
    measures,
    quality,
    quarantine,
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

    assert (row["incident_id"], row["state"], row["summary"]) == (
        "i1",
        "acknowledged",
        "i1 breaks a_rule.",
    )
    assert [each["state"] for each in incidents(generation, IncidentsQuery("any")).rows.to_pylist()] == [
        "acknowledged",
        "resolved",
    ]


def test_quarantined_records_are_listed_by_reason_with_the_most_first(generation):
    rows = quarantine(generation, QuarantineQuery()).rows.to_pylist()

    assert [(row["reason"], row["records"]) for row in rows] == [
        ("quantity_fits_type", 12),
        ("event_name_known", 3),
        ("amount_not_negative", 1),
    ]
    assert quarantine(generation, QuarantineQuery("silver.orders")).rows.num_rows == 1


def test_a_measure_has_its_last_day_as_the_last_run_measured_it_and_anomalies_come_first(generation):
    rows = measures(generation, MeasuresQuery()).rows.to_pylist()

    assert [(row["series"], row["day"].day, row["measured"], row["is_anomaly"]) for row in rows] == [
        ("shop silver.events rows", 5, 40.5, True),
        ("shop silver.events nulls customer_id", 4, 0.25, False),
    ]


def test_all_days_of_one_measure_can_be_chosen(generation):
    query = MeasuresQuery("silver.events", "shop silver.events rows", "all")

    rows = measures(generation, query).rows.to_pylist()

    assert sorted((row["day"].day, row["measured"]) for row in rows) == [
        (1, 21.0),
        (2, 22.0),
        (3, 23.0),
        (4, 24.0),
        (5, 40.5),
    ]
