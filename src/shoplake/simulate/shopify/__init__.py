"""A simulated shop in the format of Shopify, with its ground truth."""

from shoplake.simulate.shopify.files.writer import generate
from shoplake.simulate.shopify.ground_truth import GroundTruth

__all__ = ["GroundTruth", "generate"]
