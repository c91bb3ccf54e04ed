import re

import pytest

from shoplake import errors
from shoplake.errors import DeclarationError, ShoplakeError, UnknownTableError, hint

ALL = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]


def test_every_error_is_drawn_in_the_tree_and_every_name_in_the_tree_is_one():
    drawn = re.findall(r"^(?:[│ ]*[├└]── )?(\w+)(?: {2,}|$)", errors.__doc__, re.MULTILINE)

    assert sorted(drawn) == sorted(each.__name__ for each in ALL)


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_one_that_a_person_can_put_right(error):
    assert issubclass(error, ShoplakeError)
    assert error.__doc__


def test_a_name_that_is_nearly_right_is_guessed():
    assert hint("evnts", ["events", "orders"]) == "Did you mean 'events'?"


def test_a_name_that_is_far_off_gets_the_whole_list_in_order():
    assert hint("zzz", {"orders", "events"}) == "There are: events, orders."


def test_an_unknown_table_says_who_reads_it():
    error = UnknownTableError("evnts", ["events"], read_by="gold.funnel")

    assert str(error) == "Nobody declares 'evnts', which gold.funnel reads. Did you mean 'events'?"
    assert isinstance(error, DeclarationError)


def test_an_unknown_table_that_nobody_reads_says_less():
    assert str(UnknownTableError("evnts", ["events"])) == "Nobody declares 'evnts'. Did you mean 'events'?"
