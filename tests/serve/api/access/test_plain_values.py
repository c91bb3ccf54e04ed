"""Plain texts of parameters are read as the framework reads them."""

from datetime import date
from typing import Annotated, Literal

import pytest
from annotated_types import Ge
from fastapi import Path, Query
from starlette.requests import Request

from shoplake.serve.api.access.plain_values import find_reader


async def days(
    request: Request,
    product: Annotated[str, Path(description="")],
    since: Annotated[date | None, Query(description="")] = None,
    grain: Annotated[Literal["day", "week"], Query(description="")] = "day",
    limit: Annotated[int, Query(description="")] = 10,
) -> None: ...


def read(query: str):
    return find_reader(days)({"query_string": query.encode(), "path_params": {"product": "P1"}})


def test_plain_texts_have_the_types_of_the_endpoint():
    assert read("since=2026-03-01&grain=week&limit=-5&other=1") == {
        **{"product": "P1", "since": date(2026, 3, 1)},
        **{"grain": "week", "limit": -5},
    }


def test_of_several_values_the_last_one_counts():
    assert read("limit=1&limit=2&product=P2&grain=%64ay") == {"product": "P1", "limit": 2, "grain": "day"}


@pytest.mark.parametrize(
    "query", ["since=", "since=2026-02-30", "since=20260301", "since=1", "grain=hour", "limit=1.0", "limit=01", "limit"]
)
def test_other_texts_are_left_to_the_framework(query):
    assert read(query) is None


def test_a_number_below_the_least_of_its_type_is_left_to_the_framework():
    async def rows(limit: Annotated[int, "Most rows", Ge(1), Query(description="")] = 10) -> None: ...

    answers = [find_reader(rows)({"query_string": query}) for query in (b"limit=1", b"limit=0", b"limit=-1", b"")]

    assert answers == [{"limit": 1}, None, None, {}]


def test_a_missing_parameter_is_left_to_the_framework():
    assert find_reader(days)({"query_string": b""}) is None


def test_an_endpoint_with_bounds_or_lists_is_left_to_the_framework():
    async def bounded(limit: Annotated[int, Query(ge=1)] = 1) -> None: ...

    async def several(filter: Annotated[list[str] | None, Query()] = None) -> None: ...

    assert (find_reader(bounded), find_reader(several)) == (None, None)
