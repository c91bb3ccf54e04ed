"""A simulated shop in the format of Shopify, with its ground truth."""

from shoplake.simulate.shopify.ground_truth import GroundTruth
from shoplake.simulate.shopify.writer import generate

__all__ = ["GroundTruth", "generate"]
