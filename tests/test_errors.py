import re

import pytest

from shoplake import errors
from shoplake.errors import (
    DeclarationError,
    EngineConnectionLostError,
    IncompatibleLakeError,
    PendingChangesError,
    QueryError,
    ShoplakeError,
    StreamingError,
    TableNotFoundError,
    UnknownTableError,
    VersionNotFoundError,
    hint,
)

ALL = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]


def test_every_error_is_drawn_in_the_tree_and_every_name_in_the_tree_is_one():
    drawn = re.findall(r"^(?:[│ ]*[├└]── )?(\w+)(?: {2,}|$)", errors.__doc__, re.MULTILINE)

    assert sorted(drawn) == sorted(each.__name__ for each in ALL)


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_one_that_a_person_can_put_right(error):
    assert issubclass(error, ShoplakeError)
    assert error.__name__.endswith("Error")
    assert error.__doc__


def test_a_name_that_is_nearly_right_is_guessed():
    assert hint("evnts", ["events", "orders"]) == "Did you mean 'events'?"


def test_a_name_that_is_far_off_gets_the_whole_list_in_order():
    assert hint("zzz", {"orders", "events"}) == "There are: events, orders."


def test_an_unknown_table_says_who_reads_it():
    error = UnknownTableError("evnts", ["events"], read_by="gold.funnel")

    assert str(error) == "Unknown table 'evnts', read by gold.funnel. Did you mean 'events'?"
    assert isinstance(error, DeclarationError)


def test_an_unknown_table_that_is_not_read_says_less():
    assert str(UnknownTableError("evnts", ["events"])) == "Unknown table 'evnts'. Did you mean 'events'?"


def test_a_name_that_differs_only_in_its_layer_is_the_nearest():
    assert hint("silver.daily", {"silver.dairy", "gold.daily"}) == "Did you mean 'gold.daily'?"


def test_of_many_names_ten_are_listed():
    assert hint("zzz", [f"n{number:02}" for number in range(12)]).endswith("n09 and 2 more.")


def test_nothing_to_choose_from_is_reported():
    assert hint("zzz", []) == "There are none."


@pytest.mark.parametrize(
    ("error", "values"),
    [
        (UnknownTableError("a", ["b"], read_by="c"), {"name": "a", "known": ("b",), "read_by": "c"}),
        (TableNotFoundError("gold.a", "/lake"), {"name": "gold.a", "lake": "/lake"}),
        (VersionNotFoundError("gold.a", 9, 0, 3), {"table": "gold.a", "version": 9, "first": 0, "last": 3}),
        (IncompatibleLakeError("/lake", "why"), {"lake": "/lake", "reason": "why"}),
        (QueryError("why"), {"reason": "why"}),
        (StreamingError("why"), {"reason": "why"}),
        (EngineConnectionLostError("why"), {"reason": "why"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_values_in_a_message_are_attributes_too(error, values):
    assert {name: getattr(error, name) for name in values} == values


@pytest.mark.parametrize(("tables", "start"), [(["a.b"], "1 change is"), (["a.b", "a.c"], "2 changes are")])
def test_pending_changes_name_their_tables_and_the_commands(tables, start):
    error = PendingChangesError(tables)

    assert str(error) == f"{start} not applied yet: {', '.join(tables)}. Review: shoplake plan. Apply: shoplake apply"
    assert (error.exit_code, error.tables) == (4, tuple(tables))


def test_the_layer_that_is_typed_makes_no_name_of_it_nearer():
    names = ["gold.churn_scores", "gold.daily", "silver.events"]

    assert hint("gold.nope", names) == "There are: gold.churn_scores, gold.daily."
    assert hint("gold.dayly", names) == "Did you mean 'gold.daily'?"
    assert hint("gold.evnts", names) == "Did you mean 'silver.events'?"
