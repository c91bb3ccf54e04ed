import pytest

from shoplake.declare.currency import (
    CURRENCIES,
    NAMES,
    WITH_THREE_DIGITS,
    WITHOUT_MINOR_UNIT,
    UnknownCurrencyError,
    check_currency,
    minor_digits,
    nearest_currency,
)


@pytest.mark.parametrize("code", ["GBP", "EUR", "JPY", "KWD", "XOF"])
def test_a_code_is_returned_as_it_is(code):
    assert check_currency(code, "currency") == code


@pytest.mark.parametrize("code", ["POUND", "gbp", "GB", "XXX", "XTS", ""])
def test_what_is_no_code_is_an_error_that_quotes_it(code):
    with pytest.raises(UnknownCurrencyError, match=f"^currency = '{code}' is no ISO 4217 code"):
        check_currency(code, "currency")


@pytest.mark.parametrize(
    ("text", "code"),
    [("POUND", "GBP"), ("pounds", "GBP"), ("£", "GBP"), ("gbp", "GBP"), ("Euro", "EUR"), ("USDD", "USD"), ("?", None)],
)
def test_the_nearest_code_is_that_of_the_name_the_sign_or_the_spelling(text, code):
    assert nearest_currency(text) == code


def test_codes_are_three_capitals_and_names_lead_to_codes():
    assert {code for code in CURRENCIES if len(code) != 3 or not code.isupper()} == set()
    assert set(NAMES.values()) <= CURRENCIES


def test_currencies_with_other_minor_units_than_a_hundredth_are_known_codes():
    assert WITHOUT_MINOR_UNIT | WITH_THREE_DIGITS <= CURRENCIES
    assert not WITHOUT_MINOR_UNIT & WITH_THREE_DIGITS


def test_an_amount_has_the_decimals_of_its_currency():
    assert [minor_digits(code) for code in ("JPY", "EUR", "KWD", None)] == [0, 2, 3, 2]
