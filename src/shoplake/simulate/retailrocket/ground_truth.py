"""Schema of `ground_truth.json` of Retailrocket files, whatever their faults."""

from __future__ import annotations

from typing import TypedDict

Counts = dict[str, int]
STREAMS = ("events", "item_properties", "category_tree")


class Arguments(TypedDict):
    """The arguments of the generator."""

    events: int
    properties: int
    days: int
    seed: int
    error_rate: float
    starts_on: str


class Products(TypedDict):
    """Items with a versioned property, their versions, and the clean records of such properties."""

    ids: int
    versions: int
    changes: Counts


class Categories(TypedDict):
    """Clean categories; `orphans` and `circles` are faults that are valid records."""

    ids: int
    roots: int
    deepest: int
    orphans: int
    circles: int


class EventsGroundTruth(TypedDict):
    """Measures of the events. Days are UTC; money is decimal text."""

    events: int
    """Distinct valid events."""
    events_by_name: Counts
    events_daily: Counts
    visitors: int
    sessions: int
    """A session ends when its visitor has no event for more than 30 min."""
    funnel_visitors: Counts
    """Distinct visitors with an event of the step."""
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


class GroundTruth(EventsGroundTruth):
    """The numbers that a correct pipeline computes from the files."""

    arguments: Arguments
    files: Counts
    """Files by stream: events, item_properties, category_tree."""
    lines: Counts
    """Raw records by stream, faulty ones included, headers not."""
    faults: dict[str, Counts]
    """Added records by stream and kind."""
    quarantined: dict[str, Counts]
    """Those of them that are invalid."""
    duplicates: dict[str, Counts]
    """Those of them that repeat another record: `exact`, and `conflicting`, of which there are none."""
    products: Products
    categories: Categories
