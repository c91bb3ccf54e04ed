"""Predictions by trained models, and the features that they are made of."""
