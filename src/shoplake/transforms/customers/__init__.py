"""Transforms about customers."""
