import dataclasses
from typing import get_args

import pytest

from shoplake.declare import (
    Append,
    OnDemand,
    Replace,
    ReplaceDocuments,
    Scd2,
    SessionWindow,
    Upsert,
    WriteMode,
    stored_table,
)
from shoplake.errors import DeclarationError


def test_the_list_of_ways_to_write_is_closed():
    assert set(get_args(WriteMode)) == {OnDemand, Append, Upsert, ReplaceDocuments, Replace, SessionWindow, Scd2}


def test_an_upsert_keeps_the_last_row_unless_it_says_first():
    assert Upsert(order_by="event_at", keep="first").keep == "first"
    assert Upsert(order_by="paid_at").keep == "last"


@pytest.mark.parametrize("write", [Append(), Upsert(order_by="a", keep="first"), Replace(partition_by="b"), Scd2("c")])
def test_a_way_to_write_is_a_value_that_cannot_be_changed(write):
    assert write == dataclasses.replace(write)
    assert hash(write) == hash(dataclasses.replace(write))
    with pytest.raises(dataclasses.FrozenInstanceError):
        write.order_by = "x"


def test_a_table_that_is_written_on_demand_is_partitioned_by_the_column():
    with pytest.raises(DeclarationError, match="needs that partition column"):
        OnDemand(partition_by="day", command="shoplake guess").validate(stored_table("t", "One row per t.", "gold", ()))
