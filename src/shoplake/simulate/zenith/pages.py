"""The shop's pages and the campaigns that lead to them."""

from __future__ import annotations

import numpy as np

SITE = "https://www.zenith-shop.example"

BROWSED = (
    "/",
    "/sale",
    "/new",
    "/category/kitchen",
    "/category/living-room",
    "/category/bedroom",
    "/category/garden",
    "/category/clothing",
    "/category/electronics",
    "/search?q=gift",
    "/about/delivery",
)
BROWSED_SHARE = (30.0, 10.0, 6.0, 9.0, 8.0, 6.0, 6.0, 9.0, 8.0, 6.0, 2.0)
CART, CHECKOUT, COMPLETE = len(BROWSED), len(BROWSED) + 1, len(BROWSED) + 2
PATHS = (*BROWSED, "/cart", "/checkout", "/checkout/complete")
FIRST_PRODUCT = len(PATHS)
"""The page of product `n` is number `FIRST_PRODUCT + n`."""

CHANNELS = (
    (None, None, None),
    ("google", "organic", None),
    ("google", "cpc", "spring_sale"),
    ("google", "cpc", "brand"),
    ("facebook", "paid_social", "lookalike"),
    ("instagram", "social", "stories"),
    ("newsletter", "email", "weekly"),
    ("partner-blog", "affiliate", "reviews"),
    ("bing", "organic", None),
)
"""utm_source, utm_medium and utm_campaign; the first is direct."""
CHANNEL_CONVERSION = np.array([1.0, 0.9, 1.05, 1.3, 0.5, 0.4, 1.35, 0.8, 0.9])
"""Factor on the checkout and purchase rates by channel."""
CHANNEL_SHARE = (30.0, 24.0, 14.0, 6.0, 8.0, 5.0, 8.0, 3.0, 2.0)
