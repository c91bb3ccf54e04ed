"""A simulated shop in the format of the Retailrocket files, of any size, with its exact ground truth."""

from shoplake.simulate.retailrocket.ground_truth import GroundTruth
from shoplake.simulate.retailrocket.shop import generate

__all__ = ["GroundTruth", "generate"]
