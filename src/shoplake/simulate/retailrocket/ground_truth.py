"""What is true of the files dropped, whatever dirt lies in them."""

from __future__ import annotations

from typing import TypedDict

Counts = dict[str, int]
STREAMS = ("events", "item_properties", "category_tree")


class Arguments(TypedDict):
    """What the shop was generated with."""

    events: int
    properties: int
    days: int
    seed: int
    dirt: float
    starts_on: str


class Products(TypedDict):
    """Items with a property that makes versions, their versions, and the clean records of such properties."""

    ids: int
    versions: int
    changes: Counts


class Categories(TypedDict):
    """Clean categories; `orphans` and `circles` come with dirt and are good records all the same."""

    ids: int
    roots: int
    deepest: int
    orphans: int
    circles: int


class EventsTruth(TypedDict):
    """What the events tell. Days are those of UTC; money is decimal text."""

    events: int
    """Different good events."""
    events_by_name: Counts
    events_daily: Counts
    visitors: int
    sessions: int
    """Visits: events of a visitor until none follows for more than 30 min."""
    funnel_visitors: Counts
    """Distinct visitors who did it at all, by step."""
    product_funnel: Counts
    """Distinct pairs of a visitor and an item, by step."""
    orders: int
    order_lines: int
    unpriced_lines: int
    """Lines of items that had no price yet when they were bought."""
    customers: int
    """Visitors who bought."""
    revenue: str
    """The sum of the other lines at the item's price at that moment."""


class Truth(EventsTruth):
    """The numbers that a correct pipeline finds in the files."""

    arguments: Arguments
    files: Counts
    """Files by stream: events, item_properties, category_tree."""
    lines: Counts
    """Raw records by stream, dirty ones included, headers not."""
    dirt: dict[str, Counts]
    """Added records by stream and kind."""
    quarantined: dict[str, Counts]
    """Those of them that are bad."""
    duplicates: dict[str, Counts]
    """Those of them that repeat another record: `exact`, and `conflicting`, of which there are none."""
    products: Products
    categories: Categories
