"""A pretend shop in the shape of the Retailrocket files, of any size, with the exact truth beside them."""

from shoplake.simulate.retailrocket.ground_truth import Truth
from shoplake.simulate.retailrocket.shop import generate

__all__ = ["Truth", "generate"]
