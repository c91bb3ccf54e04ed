import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_identity import people_of, seen

from shoplake.tables.silver.events import events
from shoplake.tables.silver.identity.device_logins import device_logins
from shoplake.tables.silver.identity.device_owners import device_owners
from shoplake.tables.silver.identity.event_identity import event_identity
from shoplake.tables.silver.identity.identity_links import identity_links
from shoplake.tables.silver.identity.session_identity import session_identity
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.sessions import sessions

DAYS = 24 * 60


@pytest.fixture
def identify(some, zenith):
    """The person and the match of each event, by its id."""

    def identify(*records):
        rows = some(events, *records)
        logins = device_logins(rows)
        visits = sessions(rows, some(exchange_rate_periods), feeds=(zenith,))
        by_session = session_identity(visits, logins, device_owners(identity_links(logins)))
        return {row.event_id: (row.person_id, row.match) for row in event_identity(rows, by_session).collect()}

    return identify


def test_an_event_that_names_its_customer_is_own(identify):
    assert identify(seen(1, 0, "phone", "ann"), seen(2, 0, None, "bob")) == {
        "e001": ("ann", "own"),
        "e002": ("bob", "own"),
    }


def test_the_visit_before_and_after_a_login_is_the_customers(identify):
    people = identify(seen(1, 0, "phone"), seen(2, 20, "phone", "ann"), seen(3, 50, "phone"), seen(4, 70, "phone"))

    assert [people[f"e{number:03}"] for number in (1, 3, 4)] == [("ann", "session")] * 3


def test_more_than_thirty_minutes_after_a_logout_nobody_is_known(identify):
    people = identify(seen(1, 0, "phone", "ann"), seen(2, 31, "phone"))

    assert people["e002"] == ("phone", "none")


@pytest.mark.parametrize(("minutes", "match"), [(30 * DAYS, "backward"), (30 * DAYS + 1, "none")])
def test_sessions_up_to_thirty_days_before_the_first_login_are_the_customers(identify, minutes, match):
    assert identify(seen(1, -minutes, "phone"), seen(2, 0, "phone", "ann"))["e001"][1] == match


def test_wrong_answer_9_two_people_on_one_device_become_one(identify):
    shared = [seen(1, -DAYS, "ipad"), seen(2, 0, "ipad", "ann"), seen(3, 3 * DAYS, "ipad", "bob")]

    people = identify(*shared, seen(4, 3 * DAYS + 5, "ipad"), seen(5, 9 * DAYS, "ipad"))

    assert people == {
        "e001": ("ipad", "none"),
        "e002": ("ann", "own"),
        "e003": ("bob", "own"),
        "e004": ("bob", "session"),
        "e005": ("ipad", "none"),
    }


def test_wrong_answer_9_visits_before_a_login_stay_unstitched(identify):
    before = [seen(1, -9 * DAYS, "phone"), seen(2, -DAYS, "phone")]

    assert identify(*before)["e001"] == ("phone", "none")
    people = identify(*before, seen(3, 0, "phone", "ann"))

    assert [people[f"e{number:03}"] for number in (1, 2)] == [("ann", "backward")] * 2


def test_a_visit_beside_logins_of_two_customers_is_nobodys(identify):
    people = identify(seen(1, 0, "ipad", "ann"), seen(2, 10, "ipad"), seen(3, 20, "ipad", "bob"))

    assert people["e002"] == ("ipad", "none")


def test_a_login_counts_for_a_day_of_a_visit_without_end(identify):
    visit = [seen(number, 30 * number, "phone") for number in range(1, 60)]

    people = identify(*visit, seen(90, 30 * 52, "phone", "ann"))

    assert people["e001"] == ("ann", "backward")
    assert identify(*visit, seen(90, 30 * 40, "phone", "ann"))["e059"] == ("ann", "session")


MOMENT = st.one_of(st.integers(0, 180), st.sampled_from([-30 * DAYS, -30 * DAYS - 1, -2 * DAYS, 5 * DAYS]))
SEEN = st.tuples(MOMENT, st.sampled_from([None, "d1", "d2"]), st.sampled_from([None, None, "ann", "bob"])).filter(
    lambda event: event[1] or event[2]
)


@pytest.mark.slow
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SEEN, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_people_equal_those_of_a_loop_over_the_events_in_any_order(identify, drawn, rng):
    records = [seen(number, *event) for number, event in enumerate(drawn)]
    expected = people_of(records)
    rng.shuffle(records)

    assert identify(*records) == expected
