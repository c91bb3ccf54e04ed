import pytest

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS, json_record, type_errors
from shoplake.declare import expect, not_negative, one_of, warn
from shoplake.tables.bronze.events_raw import events_raw
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations, is_satisfied, split_valid

RULES = (not_negative("amount"), one_of("currency", "EUR"), expect("big", "amount > 1000"), warn("odd", "amount = 7"))
NOT_BIG = RULES[:2] + RULES[3:]


@pytest.fixture
def paid(spark):
    """Payments given as `(name, amount, currency)`."""
    return lambda *rows: spark.createDataFrame(list(rows), "name string, amount int, currency string")


def reasons(rows):
    return {row.name: row[VIOLATIONS] for row in rows.collect()}


def test_a_row_is_quarantined_with_every_reason(paid):
    rows = paid(("valid", 1, "EUR"), ("both", -1, "XXX"), ("one", 1, "XXX"))

    valid, invalid = split_valid(rows, NOT_BIG, ())

    assert [tuple(row) for row in valid.collect()] == [("valid", 1, "EUR")]
    assert reasons(invalid) == {"both": ["amount_not_negative", "currency_known"], "one": ["currency_known"]}


def test_a_warning_quarantines_nothing(paid):
    valid, invalid = split_valid(paid(("odd", 8, "EUR"), ("even", 7, "EUR")), NOT_BIG, ())

    assert (valid.count(), invalid.count()) == (2, 0)


def test_null_violates_a_rule_unless_the_rule_allows_it(paid):
    rows = paid(("no amount", None, "EUR"), ("no currency", 2000, None))

    assert reasons(evaluate_expectations(rows, RULES, ())) == {"no amount": ["big"], "no currency": ["currency_known"]}


def test_a_satisfied_flag_is_never_null(paid):
    rows = paid(("a", 2000, "EUR"), ("b", 1, "EUR"), ("c", None, "EUR")).select(
        is_satisfied(RULES[2]).alias("is_satisfied")
    )

    assert [row.is_satisfied for row in rows.collect()] == [True, False, False]


def test_without_rules_every_row_is_valid(paid):
    valid, invalid = split_valid(paid(("a", None, None)), [], ())
    only_warned, none = split_valid(paid(("a", None, None)), [RULES[3]], ())

    assert (valid.count(), invalid.count(), only_warned.count(), none.count()) == (1, 0, 1, 0)


def test_a_type_error_comes_before_the_other_reasons(paid):
    rows = paid(("a", -1, "1"), ("b", -1, "EUR"), ("c", 1, "1"))
    typed = rows.select("*", type_errors(currency="date"))

    evaluated = evaluate_expectations(typed, [RULES[0]], [TYPE_ERRORS])

    assert TYPE_ERRORS not in evaluated.columns
    assert reasons(evaluated) == {
        "a": ["currency_fits_type", "amount_not_negative"],
        "b": ["currency_fits_type", "amount_not_negative"],
        "c": ["currency_fits_type"],
    }


def test_a_record_that_cannot_be_read_has_that_single_reason(some):
    raw = some(events_raw, {"raw": "{"}, {"raw": "{}"}, {"raw": "{}", "problem": "not_utf8"})
    rows = json_record(raw, "id string").select("id", RECORD, type_errors(id="int"))

    evaluated = evaluate_expectations(
        rows, [expect("id_present", "id IS NOT NULL"), expect("never", "false")]
    ).collect()

    reasons_by_record = {(row[RECORD].raw, row[RECORD].problem): row[VIOLATIONS] for row in evaluated}
    assert reasons_by_record == {
        ("{", "is_json_object"): ["is_json_object"],
        ("{}", None): ["id_present", "never"],
        ("{}", "not_utf8"): ["not_utf8"],
    }


def test_every_row_is_either_valid_or_invalid(paid):
    rows = paid(*[(str(amount), amount, currency) for amount in (-1, 0, None) for currency in ("EUR", "X", None)])

    valid, invalid = split_valid(rows, NOT_BIG, ())

    names = [row.name for row in valid.unionByName(invalid.drop(VIOLATIONS)).collect()]
    assert len(names) == 9
    assert valid.count() == 2
