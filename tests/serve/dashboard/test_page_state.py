from datetime import date

import pytest

from shoplake.serve.dashboard.page_state import csv_link, read_state, subject_link
from shoplake.serve.errors import AnswerNotFoundError
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import FIRST, MemoryGeneration


def test_a_page_shows_thirty_whole_days_by_default(generation):
    state = read_state(generation, {})

    assert (state.since, state.until, state.compare) == (date(2026, 4, 2), date(2026, 5, 1), "previous")
    assert not state.has_unfinished_day


def test_the_unfinished_day_is_shown_when_asked_for(generation):
    state = read_state(generation, {"unfinished": "1", "days": "7"})

    assert (state.since, state.until, state.has_unfinished_day) == (date(2026, 4, 26), date(2026, 5, 2), True)


def test_the_only_day_of_a_shop_is_unfinished(shop):
    first_day = {
        "gold.sales_daily": [row for row in gold_tables(shop)["gold.sales_daily"] if row["sales_date"] == FIRST]
    }
    state = read_state(MemoryGeneration(first_day), {})

    assert (state.since, state.until, state.has_unfinished_day) == (FIRST, FIRST, True)


@pytest.mark.parametrize(("days", "grain"), [("30", "day"), ("62", "week")])
def test_long_ranges_have_long_periods(generation, days, grain):
    assert read_state(generation, {"days": days}).grain == grain


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"since": "soon"}, "since=soon is not a day. Write one such as 2026-03-29."),
        ({"days": "0"}, "days=0 is not a number of days"),
        ({"days": "²"}, "days=² is not a number of days"),
        ({"compare": "previuos"}, "Unknown comparison 'previuos'. Did you mean 'previous'?"),
        ({"currency": "gpb"}, "Unknown currency 'GPB'. Did you mean 'GBP'?"),
        ({"since": "1900-01-01", "until": "2026-01-01"}, "longer than 3,660 days"),
    ],
)
def test_a_mistake_in_the_address_says_what_to_write(generation, typed, message):
    with pytest.raises(AnswerNotFoundError) as error:
        read_state(generation, typed)

    assert message in str(error.value)


def test_links_keep_the_state_and_change_what_is_asked(generation):
    state = read_state(generation, {"currency": "EUR", "days": "7", "by": "device"})

    assert state.link("/money") == "/money?currency=EUR&days=7"
    assert state.link("/journey", keep_extra=True, days=30) == "/journey?currency=EUR&days=30&by=device"


def test_links_to_rows_and_csv_have_the_parameters_that_are_set():
    assert subject_link("/rows/carts", feed="a b", state=None) == "/rows/carts?feed=a+b"
    assert csv_link("cart_list", feed="shop") == "/v1/cart-list?feed=shop&format=csv"
    assert csv_link("customer_orders", customer="C/1") == "/v1/customers/C%2F1/orders?format=csv"


def test_days_without_data_are_cut_from_a_range(generation):
    scope = read_state(generation, {}).scope
    state = read_state(generation, {"since": "2020-01-01", "until": "2028-01-01"})

    assert (state.since, state.until) == (scope.first_day, scope.last_day)


def test_a_range_without_data_stays(generation):
    state = read_state(generation, {"since": "2020-01-01", "until": "2020-01-31"})

    assert (state.since, state.until) == (date(2020, 1, 1), date(2020, 1, 31))


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ({"until": "2020-01-01"}, (date(2020, 1, 1), date(2020, 1, 1))),
        ({"since": "", "until": "2026-03-04"}, (FIRST, date(2026, 3, 4))),
        ({"since": "2026-05-02"}, (date(2026, 5, 2), date(2026, 5, 2))),
        ({"since": "2026-05-02", "until": ""}, (date(2026, 5, 2), date(2026, 5, 2))),
        ({"since": "2031-01-01", "until": ""}, (date(2026, 5, 2), date(2026, 5, 2))),
    ],
)
def test_a_day_alone_is_not_told_to_change_places_with_one_that_nobody_typed(generation, typed, days):
    state = read_state(generation, typed)

    assert (state.since, state.until) == days


def test_another_feed_of_the_form_has_its_own_currency():
    day = {"sales_date": FIRST, "orders": 1}
    sold = [day | {"feed": "tokyo", "currency": each} for each in ("JPY", "USD")]
    generation = MemoryGeneration({"gold.sales_daily": [*sold, day | {"feed": "london", "currency": "GBP"}]})

    state = read_state(generation, {"feed": "london", "currency": "USD"})

    assert (state.scope.currency, state.link("/")) == ("GBP", "/?feed=london")
    with pytest.raises(AnswerNotFoundError, match="Unknown currency 'EUR'"):
        read_state(generation, {"feed": "london", "currency": "EUR"})
