"""Feed kinds: one file per kind with its streams and the mapping of raw records to the silver schema."""

from shoplake.declare import FeedKind
from shoplake.feeds.online_retail import ONLINE_RETAIL
from shoplake.feeds.rees46 import REES46
from shoplake.feeds.retailrocket import RETAILROCKET
from shoplake.feeds.segment import SEGMENT
from shoplake.feeds.shopify import SHOPIFY
from shoplake.feeds.woocommerce import WOOCOMMERCE
from shoplake.feeds.zenith import ZENITH

_ALL = (ZENITH, ONLINE_RETAIL, RETAILROCKET, REES46, SEGMENT, SHOPIFY, WOOCOMMERCE)
KINDS: dict[str, FeedKind] = {kind.name: kind for kind in _ALL}

__all__ = ["KINDS", "ONLINE_RETAIL", "REES46", "RETAILROCKET", "SEGMENT", "SHOPIFY", "WOOCOMMERCE", "ZENITH"]
