"""The bronze table that a file seems to belong to, by the words of its path and the names of its fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = re.compile(r"[a-z]+")
DEFAULT = "orders_raw"
TABLES = {
    "orders_raw": ("order", "sale", "invoice", "transaction", "payment", "payout", "balance", "receipt", "basket"),
    "refunds_raw": ("refund", "return", "creditnote"),
    "customers_raw": ("customer", "profile", "subscriber", "contact", "member", "user", "client", "people"),
    "products_raw": ("product", "catalog", "catalogue", "inventory", "article", "stock", "variant", "listing"),
    "events_raw": ("event", "click", "pageview", "session", "tracking", "visit", "clickstream"),
    "exchange_rates_raw": ("exchange", "fx"),
    "spend_raw": ("spend", "campaign", "adset", "ads"),
}
"""By table, the words in the singular; of several, the table that is named first counts."""
OF_ORDERS = ("order", "total", "gross", "amount", "quantity", "qty", "currency")
OF_PRODUCTS = ("sku", "stock", "price", "barcode", "handle")


def guess_table(name: str, fields: Iterable[str]) -> str:
    """Return the bronze table that a file named `name` with such fields looks like; orders where nothing says more."""
    words = {word for match in WORD.findall(name.casefold()) for word in (match, match.removesuffix("s"))}
    for table, known in TABLES.items():
        if words & set(known):
            return table
    text = " ".join(fields).casefold()
    if any(word in text for word in OF_ORDERS):
        return DEFAULT
    if any(word in text for word in OF_PRODUCTS):
        return "products_raw"
    return "customers_raw" if "mail" in text else DEFAULT
