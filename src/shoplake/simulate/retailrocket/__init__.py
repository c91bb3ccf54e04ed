"""A pretend shop in the shape of the Retailrocket files, of any size, with the exact truth beside them."""

from shoplake.simulate.retailrocket.shop import generate
from shoplake.simulate.retailrocket.truth import Truth

__all__ = ["Truth", "generate"]
