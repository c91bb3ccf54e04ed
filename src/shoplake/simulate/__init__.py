"""A pretend shop that drops raw files into a landing folder, with the exact truth beside them."""

from shoplake.simulate.ground_truth.schema import Truth
from shoplake.simulate.zenith.generator import generate

__all__ = ["Truth", "generate"]
