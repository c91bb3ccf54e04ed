"""Types of the parameters that many queries have; the text in each is its description."""

from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias, get_type_hints

from annotated_types import Ge

Grain = Literal["day", "week", "month", "total"]
Comparison = Literal["none", "previous", "last_year"]

Since: TypeAlias = Annotated[date | None, "First day, in the shop's time zone. By default that of the data."]
Until: TypeAlias = Annotated[date | None, "Last day, included. By default that of the data."]
Periods: TypeAlias = Annotated[Grain, "Length of a period. Weeks begin on Monday; periods are cut at the range's ends."]
ComparedWith: TypeAlias = Annotated[
    Comparison, "Days to compare with: the period before, or the same days last year; none that the data lacks."
]
Feed: TypeAlias = Annotated[str | None, "The feed. By default the one with most orders."]
Currency: TypeAlias = Annotated[
    str | None, "ISO 4217 code; money is never added over currencies. By default the one with most orders."
]
Limit: TypeAlias = Annotated[int, "Most rows; at most 100,000.", Ge(1)]
MAX_ROWS = 100_000


def describe_parameters(query: type[Any]) -> dict[str, str]:
    """Return the parameters of a query, by name, with their descriptions."""
    hints = get_type_hints(query, include_extras=True)
    return {each.name: hints[each.name].__metadata__[0] for each in fields(query)}


def clamp(limit: int) -> int:
    """Return a limit between 0 and 100,000 rows."""
    return min(max(limit, 0), MAX_ROWS)
