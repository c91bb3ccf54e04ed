"""The paths of sessions: which kinds of page and cart actions follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

    from shoplake.transforms.sorted_groups import Positions

URL_SEGMENTS = {
    "home": ("", "home", "index.html"),
    "category": ("category", "categories", "collections", "collection", "c", "sale", "new", "shop"),
    "search": ("search", "s"),
    "product": ("product", "products", "p"),
    "cart": ("cart", "basket", "bag"),
    "checkout": ("checkout", "checkouts"),
    "account": ("account", "login", "register", "my-account"),
}
"""Page type → the first segments of the paths of its pages."""
ACTIONS = {
    "product_view": "product",
    "add_to_cart": "add_to_cart",
    "remove_from_cart": "remove_from_cart",
    "checkout_started": "checkout",
    "purchase": "purchase",
}
"""Events that are no page view → the page type that stands for them."""
OTHER = "other"
PAGE_TYPES = (
    *("home", "category", "search", "product", "add_to_cart", "remove_from_cart", "cart"),
    *("checkout", "purchase", "account", OTHER),
)
"""All page types; those of one time are in this order."""
MAX_PAGES = 6
"""The length of a path that is kept."""


def page_code(event_name: str, page_url: str) -> Column:
    """Return the position in `PAGE_TYPES` of an event; a page view without a known page is `other`."""
    path = F.lower(F.regexp_extract(page_url, r"^(?:[A-Za-z]+://[^/?#]*)?/?([^/?#]*)", 1))
    page = F.when(F.col(page_url).isNull(), PAGE_TYPES.index(OTHER))
    for page_type, segments in URL_SEGMENTS.items():
        page = page.when(path.isin(*segments), PAGE_TYPES.index(page_type))
    code = F.when(F.col(event_name) == "page_view", page.otherwise(PAGE_TYPES.index(OTHER)))
    for name, page_type in ACTIONS.items():
        code = code.when(F.col(event_name) == name, PAGE_TYPES.index(page_type))
    return code.otherwise(PAGE_TYPES.index(OTHER)).cast("int")


def collect_paths(code: Positions, at: Positions, session: Positions) -> pa.Array:
    """Return the first `MAX_PAGES` page types of each session, consecutive repeats once; rows are sorted by session.

    Within a session rows are sorted by time `at`; those of one time are put in the order of `PAGE_TYPES`.
    """
    is_repeat = np.diff(session, prepend=-1) == 0
    if (is_repeat & (np.diff(at, prepend=0) == 0) & (np.diff(code, prepend=0) < 0)).any():
        code = code[np.lexsort((code, at, session))]
    kept = np.flatnonzero(~(is_repeat & (np.diff(code, prepend=-1) == 0)))
    owner = session[kept]
    first = np.flatnonzero(np.diff(owner, prepend=-1) != 0)
    number = np.arange(len(kept)) - first[owner]
    is_short = number < MAX_PAGES
    sizes = np.bincount(owner[is_short], minlength=len(first))
    offsets = np.append(0, np.cumsum(sizes)).astype(np.int32)
    names = pa.array(PAGE_TYPES).take(pa.array(code[kept][is_short]))
    return pa.ListArray.from_arrays(pa.array(offsets), names)
