"""Feed kinds: one file per kind with its streams and the mapping of raw records to the silver schema."""

from shoplake.declare import FeedKind
from shoplake.feeds.online_retail import ONLINE_RETAIL
from shoplake.feeds.retailrocket import RETAILROCKET
from shoplake.feeds.zenith import ZENITH

KINDS: dict[str, FeedKind] = {kind.name: kind for kind in (ZENITH, ONLINE_RETAIL, RETAILROCKET)}

__all__ = ["KINDS", "ONLINE_RETAIL", "RETAILROCKET", "ZENITH"]
