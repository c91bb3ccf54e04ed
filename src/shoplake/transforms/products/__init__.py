"""Transforms about products."""
