from datetime import datetime

import pytest
from pyspark.sql import functions as F

from shoplake.declare import Action, Expectation, all_digits, email, expect, not_negative, one_of, plausible_time, warn
from shoplake.errors import DeclarationError


@pytest.fixture
def holds(spark):
    """For which of some values of `it` an expectation holds: true, false or null."""

    def of(expectation, kind, *values):
        rows = spark.createDataFrame(list(enumerate(values)), f"at int, it {kind}").orderBy("at")
        return [row.holds for row in rows.select("at", F.expr(expectation.condition).alias("holds")).collect()]

    return of


def test_an_expectation_sets_aside_and_a_warning_does_not():
    assert expect("a", "x > 0") == Expectation("a", "x > 0", Action.QUARANTINE)
    assert warn("a", "x > 0") == Expectation("a", "x > 0", Action.WARN)


def test_a_word_is_known_or_not_and_a_missing_one_is_neither(holds):
    rule = one_of("it", "EUR", "GBP")

    assert rule.name == "it_known"
    assert holds(rule, "string", "EUR", "GBP", "eur", "USD", "", None) == [True, True, False, False, False, None]


def test_a_text_with_a_quote_or_a_backslash_is_one_of_the_texts(spark):
    texts = ["o'b", "a\\b", "{{ x }}"]
    rows = spark.createDataFrame([(text,) for text in (*texts, "other")], "word string")

    known = rows.where(one_of("word", *texts).condition).collect()

    assert sorted(row.word for row in known) == sorted(texts)


def test_a_number_may_be_zero_more_or_missing(holds):
    rule = not_negative("it")

    assert rule.name == "it_not_negative"
    assert holds(rule, "double", 0.0, 1.0, -0.01, None) == [True, True, False, True]


def test_a_time_is_plausible_from_1990_to_2099(holds):
    rule = plausible_time("it")
    ends = datetime(1990, 1, 1), datetime(2099, 12, 31, 23, 59, 59, 999_999)
    outside = datetime(1989, 12, 31, 23, 59, 59), datetime(2100, 1, 1), datetime(1970, 1, 1)

    assert rule.name == "it_plausible"
    assert holds(rule, "timestamp", *ends, *outside, None) == [True, True, False, False, False, True]


def test_an_address_has_one_at_and_a_dot_in_its_domain(holds):
    rule = email("it")
    good = ["a@b.io", "first.last+tag@mail.example.co.uk", "ü@ö.de"]
    bad = ["a", "a@b", "@b.io", "a@b.", "a@@b.io", "a b@c.io", "a@b.io ", "a@b .io", ""]

    assert rule.name == "it_is_email"
    assert holds(rule, "string", *good, None, *bad) == [True] * 4 + [False] * len(bad)


def test_an_identifier_in_scientific_notation_has_lost_digits(holds):
    rule = all_digits("it")
    good = ["8901234567890", "0012", "1E5", "12E+3", "8.9E12", "A8.9E+12", "E+12", "", None]
    bad = ["8.90123E+12", "8,90123E+12", "9e+12"]

    assert rule.name == "it_has_all_digits"
    assert holds(rule, "string", *good, *bad) == [True] * len(good) + [False] * len(bad)


def test_a_line_end_after_an_address_is_no_part_of_it(holds):
    assert holds(email("it"), "string", "a@b.io\n", "a@b.io\r\n", "a@b.io\nx", "\na@b.io") == [False] * 4


@pytest.mark.parametrize(
    ("rows_read", "rows_violating", "stops"), [(200, 11, True), (200, 10, False), (199, 199, False), (0, 0, False)]
)
def test_a_rule_stops_above_its_share_and_not_for_few_rows(rows_read, rows_violating, stops):
    assert expect("a", "x > 0", stop_above=0.05).stops(rows_read, rows_violating) is stops


def test_a_rule_without_a_share_never_stops():
    assert not expect("a", "x > 0").stops(1000, 1000)


def test_a_share_of_zero_stops_at_the_first_violation():
    assert expect("a", "x > 0", stop_above=0.0, at_least=1).stops(1, 1)


@pytest.mark.parametrize("share", [-0.1, 1, 5])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(DeclarationError, match="of the rule 'a' is no share"):
        expect("a", "x > 0", stop_above=share)
    with pytest.raises(DeclarationError, match="warn_above"):
        warn("a", "x > 0", warn_above=share)
