import dataclasses
from typing import get_args

import pytest

from shoplake.declare import Append, History, Replace, Rework, Upsert, Write


def test_the_list_of_ways_to_write_is_closed():
    assert set(get_args(Write)) == {Append, Upsert, Replace, Rework, History}


def test_an_upsert_decides_by_the_time_it_names():
    assert Upsert(first_by="event_at").time == "event_at"
    assert Upsert(newest_by="paid_at").time == "paid_at"
    assert Upsert().time == ""


@pytest.mark.parametrize("write", [Append(), Upsert(first_by="a"), Replace(by="b"), History("c")])
def test_a_way_to_write_is_a_value_that_nobody_can_change(write):
    assert write == dataclasses.replace(write)
    assert hash(write) == hash(dataclasses.replace(write))
    with pytest.raises(dataclasses.FrozenInstanceError):
        write.time = "x"
