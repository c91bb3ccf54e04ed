"""A simulated shop that writes raw files into a landing folder, with their exact ground truth beside them."""

from shoplake.simulate.ground_truth.schema import GroundTruth
from shoplake.simulate.zenith.generator import generate

__all__ = ["GroundTruth", "generate"]
