"""The fields of the native format, as its reference page and its JSON Schemas describe them."""

from __future__ import annotations

from dataclasses import dataclass

TEXT, TIME, DAY, INTEGER, NUMBER, LIST = "text", "time", "day", "integer", "number", "list"


@dataclass(frozen=True)
class NativeField:
    """A field of a record: its type, what it means, an example, and for a list the fields of its elements."""

    name: str
    type: str
    meaning: str
    example: object
    is_required: bool = False
    elements: tuple[NativeField, ...] = ()


def text(name: str, meaning: str, example: str, *, required: bool = False) -> NativeField:
    """Declare a text."""
    return NativeField(name, TEXT, meaning, example, required)


def time(name: str, meaning: str, example: str, *, required: bool = False) -> NativeField:
    """Declare an ISO 8601 time with an offset or `Z`; without one it counts as UTC."""
    return NativeField(name, TIME, meaning, example, required)


def integer(name: str, meaning: str, example: int, *, required: bool = False) -> NativeField:
    """Declare a whole number."""
    return NativeField(name, INTEGER, meaning, example, required)


def number(name: str, meaning: str, example: float, *, required: bool = False) -> NativeField:
    """Declare a decimal number, also as a text."""
    return NativeField(name, NUMBER, meaning, example, required)


LINES = NativeField(
    "lines",
    LIST,
    "One element per article",
    None,
    True,
    (
        integer("line_number", "Number of the line, unique in its record", 1, required=True),
        text("product_id", "The product", "p1", required=True),
        integer("quantity", "Pieces; positive, also in a refund", 2, required=True),
        number("unit_price", "Price of one piece, VAT included", 9.99, required=True),
        number("tax", "Tax in the price of all pieces; missing if unknown", 3.33),
    ),
)
PAYMENTS = NativeField(
    "payments",
    LIST,
    "One element per payment; empty or missing if there is none",
    None,
    False,
    (
        text("payment_id", "The payment", "y1", required=True),
        text("method", "Means of payment, in the shop's own words", "card"),
        number("amount", "Amount paid", 22.98, required=True),
        text("status", "Status of the payment, in the shop's own words", "captured"),
        time("paid_at", "When it was paid", "2026-03-01T09:31:00Z", required=True),
        time("updated_at", "When the payment was last changed; else that of its order", "2026-03-01T09:31:00Z"),
    ),
)
CURRENCY = text("currency", "ISO 4217 code; the feed's own if missing", "GBP")
COUNTRY = text("country", "Country of delivery", "GB")

EVENT = (
    text("event_id", "The event; a record that arrives twice counts once", "e1", required=True),
    time("event_ts", "When it happened", "2026-03-01T09:30:00Z", required=True),
    text(
        "event_name",
        "page_view, product_view, add_to_cart, remove_from_cart, checkout_started or purchase",
        "add_to_cart",
        required=True,
    ),
    text("user_id", "The customer, if known", "c1"),
    text("anonymous_id", "The visitor; `user_id` or this is required", "v1"),
    text("session_id", "The shop's own session; shoplake builds its own sessions", "s1"),
    text("product_id", "The product of the event", "p1"),
    number("price", "Price of one piece at the event", 9.99),
    integer("quantity", "Pieces put into the cart or bought", 1),
    text("order_id", "The order of a purchase", "o1"),
    CURRENCY,
    text("device", "desktop, mobile or tablet; from the user agent if missing", "mobile"),
    text("platform", "web, ios, android, in the shop's own words", "web"),
    text("page_url", "Address of the page", "https://shop.example/p/p1"),
    text("user_agent", "User agent of the browser; identifies bots", "Mozilla/5.0 (X11; Linux x86_64)"),
    text("utm_source", "Source of the visit", "newsletter"),
    text("utm_medium", "Medium of the visit", "email"),
    text("utm_campaign", "Campaign of the visit", "spring"),
)
CUSTOMER = (
    text("customer_id", "The customer", "c1", required=True),
    NativeField("signup_date", DAY, "Day of the registration", "2025-11-02"),
    text("location", "Where the customer lives, in the shop's own words", "London"),
    text("email", "Email address", "ada@shop.example"),
    text("phone", "Telephone number", "+44 20 7946 0000"),
)
PRODUCT = (
    text("product_id", "The product", "p1", required=True),
    text("product_name", "Name of the product", "Teapot"),
    text("category", "The category, in the shop's own words", "kitchen"),
    number("price", "Price of one piece, VAT included", 9.99),
    number("cost", "Cost of one piece", 4.5),
)
UPDATED = time("updated_at", "When the row was last changed", "2026-03-01T08:00:00Z", required=True)
CHANGE = (
    text("op", "insert, update or delete; a deletion needs only the key", "update", required=True),
    integer("sequence", "Number of the change at the source; of several at one time the greatest wins", 7),
    time("changed_at", "When the change was made", "2026-03-01T08:00:00Z", required=True),
)
STATUS = text("status", "placed, paid, fulfilled or cancelled; a cancelled order is no sale", "paid")
CORRECTED = time("updated_at", "When the document was last changed: the newest version counts", "2026-03-01T09:30:00Z")
ORDER = (
    text("order_id", "The order", "o1", required=True),
    time("ordered_at", "When it was placed", "2026-03-01T09:30:00Z", required=True),
    text("customer_id", "The customer; null for a guest", "c1"),
    COUNTRY,
    CURRENCY,
    LINES,
    number("discount", "Discount on the whole order, positive", 0),
    number("shipping", "Shipping costs", 3.0),
    PAYMENTS,
    STATUS,
    CORRECTED,
)
REFUND = (
    text("refund_id", "The refund", "r1", required=True),
    text("order_id", "The order that is refunded", "o1", required=True),
    time("refunded_at", "When it was refunded", "2026-03-05T10:00:00Z", required=True),
    text("customer_id", "The customer; null for a guest", "c1"),
    COUNTRY,
    CURRENCY,
    LINES,
    text("payment_id", "The payment back", "y2"),
    number("amount", "Amount paid back, positive", 9.99),
    STATUS,
    CORRECTED,
)
RATE = (
    NativeField("rate_date", DAY, "The shop's local day from which the rate counts", "2026-03-01", is_required=True),
    text("currency", "ISO 4217 code", "EUR", required=True),
    number("rate", "What one unit of it is worth in the feed's own currency", 0.85, required=True),
    time("updated_at", "When the rate was published; without one, when it arrived", "2026-03-01T08:00:00Z"),
)
SPEND = (
    NativeField("cost_date", DAY, "The shop's local day on which the ads ran", "2026-03-01", is_required=True),
    text("source", "Source of the visits, as in `utm_source`", "google", required=True),
    text("medium", "Medium of the visits, as in `utm_medium`", "cpc", required=True),
    text("campaign", "Campaign, as in `utm_campaign`", "spring"),
    number("cost", "What the ads cost", 12.5, required=True),
    text("currency", "ISO 4217 code; the feed's own if missing", "GBP"),
    integer("clicks", "Clicks on the ads", 25),
    integer("impressions", "How often the ads were shown", 900),
    time("updated_at", "When the costs were published; without one, when they arrived", "2026-03-02T08:00:00Z"),
)

NATIVE_FORMAT: dict[str, tuple[NativeField, ...]] = {
    "events": EVENT,
    "orders": ORDER,
    "refunds": REFUND,
    "customers": (*CUSTOMER, UPDATED),
    "products": (*PRODUCT, UPDATED),
    "customer_changes": (*CHANGE, *CUSTOMER),
    "product_changes": (*CHANGE, *PRODUCT),
    "exchange_rates": RATE,
    "spend": SPEND,
}
"""The fields of each stream, by the folder of its files."""


def example_record(fields: tuple[NativeField, ...]) -> dict[str, object]:
    """Return a record with the example of each field."""
    return {field.name: [example_record(field.elements)] if field.elements else field.example for field in fields}
