"""A simulated shop in the native format that starts from its customers' orders, with ground truth for each subject."""

from shoplake.simulate.realistic.generator import generate_realistic
from shoplake.simulate.realistic.ground_truth.summary import RealisticGroundTruth
from shoplake.simulate.realistic.options import DEFAULT_FEATURES, FEATURES

__all__ = ["DEFAULT_FEATURES", "FEATURES", "RealisticGroundTruth", "generate_realistic"]
