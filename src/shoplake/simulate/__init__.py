"""A pretend shop that drops raw files into a landing folder, with the exact truth beside them."""

from shoplake.simulate.season import generate
from shoplake.simulate.truth import Truth

__all__ = ["Truth", "generate"]
