import pytest

from shoplake.declare import expect, warn
from shoplake.errors import DeclarationError
from shoplake.project.rule_check import check_actions, check_rules
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.gold.sales.sales_daily import sales_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.products import products


def check(condition, table=events):
    check_rules([expect("mine", condition)], table)


@pytest.mark.parametrize("condition", ["length(visitor_id) < 9", "TRUE", "exists(array(1), x -> x > 0)"])
def test_a_rule_may_read_the_columns_of_its_table(condition):
    check(condition)


def test_a_rule_of_a_history_reads_the_columns_of_its_changes():
    check("updated_at > TIMESTAMP '2020-01-01'", products)


def test_a_rule_that_reads_an_unknown_column_is_answered_with_the_nearest():
    with pytest.raises(DeclarationError) as error:
        check("visitorid IS NOT NULL")

    assert str(error.value) == (
        "The rule 'mine' of silver.events reads the column 'visitorid'. Did you mean 'visitor_id'?"
    )


@pytest.mark.parametrize("condition", ["price > (", "device = 'it's'", "device = 'a"])
def test_a_rule_that_is_no_sql_is_quoted(condition):
    with pytest.raises(DeclarationError) as error:
        check(condition)

    assert str(error.value) == f"The rule 'mine' of silver.events is no SQL condition: {condition}"


@pytest.mark.parametrize("condition", ["quantity", "quantity + 1", "(unit_price)", "1"])
def test_a_rule_that_is_a_value_is_refused(condition):
    with pytest.raises(DeclarationError, match="is a value and no condition"):
        check(condition)


@pytest.mark.parametrize("condition", ["is_bot", "NOT is_bot", "quantity IN (1, 2)", "array_max(array(quantity)) > 1"])
def test_a_rule_may_be_a_column_that_is_true_or_false(condition):
    check(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "count(quantity) > 1",
        "lag(event_at) OVER (ORDER BY event_at) < event_at",
        "quantity > (SELECT 1)",
        "event_id IN (SELECT event_id FROM events)",
        "explode(array(1)) > 0",
    ],
)
def test_a_rule_about_other_rows_is_refused(condition):
    with pytest.raises(DeclarationError, match=r"more than the row that it judges: .* is a gate of the table"):
        check(condition)


@pytest.mark.parametrize("condition", ["rand() > 0.5", "uuid() > event_id", "monotonically_increasing_id() > 3"])
def test_a_rule_that_judges_otherwise_each_time_is_refused(condition):
    with pytest.raises(DeclarationError, match="another value each time"):
        check(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "event_at <= current_timestamp()",
        "event_at <= now() + INTERVAL 1 DAY",
        "event_date <= current_date",
        "datediff(curdate(), event_date) < 400",
        "event_at <= localtimestamp()",
        "event_at <= TIMESTAMP 'now'",
        "event_date <= CAST('Today' AS DATE)",
        "unix_timestamp() > 5",
    ],
)
def test_a_rule_that_asks_for_the_time_is_answered_with_when_the_record_arrived(condition):
    with pytest.raises(
        DeclarationError, match=r"asks for the time: .* Compare with ingested_at, when a record arrived"
    ):
        check(condition)


def test_a_rule_of_a_table_that_does_not_know_when_its_records_arrived_is_to_compare_with_a_date():
    with pytest.raises(DeclarationError, match="Compare with a time of the row, or with a date"):
        check("sales_date <= current_date()", sales_daily)


@pytest.mark.parametrize(
    "condition",
    ["event_at <= ingested_at + INTERVAL 1 DAY", "event_name = 'now'", "CAST(quantity AS STRING) = 'today'"],
)
def test_a_rule_may_compare_times_of_the_row(condition):
    check(condition)


def test_a_rule_that_quarantines_is_refused_where_there_are_no_records():
    with pytest.raises(DeclarationError, match=r"'mine' of gold\.sales_daily quarantines .* Write warn\('mine', …\)"):
        check_actions([expect("mine", "orders > 0")], sales_daily)


def test_a_rule_that_quarantines_raw_records_belongs_to_a_table_that_reads_them():
    with pytest.raises(DeclarationError, match=r"keeps what arrives\. Write .* add the rule to a table that reads it"):
        check_actions([expect("mine", "raw <> ''")], orders_raw)


def test_a_rule_that_warns_is_accepted_everywhere_and_one_that_quarantines_for_records():
    check_actions([warn("mine", "orders > 0")], sales_daily)
    check_actions([expect("mine", "price > 0")], events)
