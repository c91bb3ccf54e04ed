"""Transforms about money."""
